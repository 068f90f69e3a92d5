"""A process that runs out of memory forgets its talks: each person is answered all the same, in order and once."""

import asyncio
from contextlib import suppress

from namjai.events.alert import AlertRaised
from tests.integration.chat.conftest import Desk

TURNS = 8


async def test_talks_that_are_forgotten_all_the_time_go_on_in_order_and_once(desk: Desk, member: str) -> None:
    async with desk.replica() as conversations:
        forgotten, messages = 0, []

        async def forget() -> None:
            nonlocal forgotten
            while True:
                forgotten += conversations.prune(0.0)
                await asyncio.sleep(0.02)

        forgetting = asyncio.create_task(forget())
        try:
            for n in range(TURNS):
                messages.append(await desk.write(member, f"word {n}", n))
                await desk.judge(messages[-1])
                replies = await desk.replies(member, n + 1)
        finally:
            forgetting.cancel()
            with suppress(asyncio.CancelledError):
                await forgetting
    assert [reply.data.answers for reply in replies] == [(message.id,) for message in messages]
    assert [reply.data.previous for reply in replies[1:]] == [reply.id for reply in replies[:-1]]
    assert all(reply.data.screened for reply in replies)
    assert forgotten >= TURNS - 1
    assert await desk.facts(member, AlertRaised) == []
