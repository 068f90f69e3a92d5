"""A process that runs out of memory forgets its talks: each person is answered all the same, in order and once."""

import asyncio

from namjai.chat.conversation import Conversations
from namjai.events.alert import AlertRaised
from namjai.runtime.metrics import Metrics
from namjai.runtime.pressure import Pressure
from tests.integration.chat.conftest import Desk

TURNS = 8


def without_memory(conversations: Conversations) -> Pressure:
    """As the service wires it; each look forgets everything."""
    pressure = Pressure(Metrics("chat"), limit_bytes=1, clock=iter(range(0, 10**9, 10**6)).__next__)
    pressure.may_prune("talks", conversations)
    return pressure


async def test_talks_that_are_forgotten_all_the_time_go_on_in_order_and_once(desk: Desk, member: str) -> None:
    async with desk.replica() as conversations:
        pressure = without_memory(conversations)

        async def forget() -> None:
            while True:
                pressure.look()
                await asyncio.sleep(0.02)

        forgetting = asyncio.ensure_future(forget())
        messages = []
        for n in range(TURNS):
            messages.append(await desk.write(member, f"word {n}", n))
            await desk.judge(messages[-1])
            replies = await desk.replies(member, n + 1)
        forgetting.cancel()
        await asyncio.gather(forgetting, return_exceptions=True)
    assert [reply.data.answers for reply in replies] == [(message.id,) for message in messages]
    assert [reply.data.previous for reply in replies[1:]] == [reply.id for reply in replies[:-1]]
    assert all(reply.data.screened for reply in replies)
    assert pressure.metrics.registry.get_sample_value("namjai_cache_pruned_entries_total", {"cache": "talks"})
    assert await desk.facts(member, AlertRaised) == []
