"""An erasure from its request to its receipt, through the real log, keys and identities."""

import asyncio
from datetime import UTC, datetime

from namjai.events import Envelope, Fact, Sealed, begin
from namjai.events.member import ErasureRequested, MemberErased
from namjai.events.message import MessageReceived
from tests.integration.gateway.conftest import Start
from tests.integration.gateway.kit import Gateway
from tests.unit.gateway.bodies import line_id, text_event, webhook


async def until_erased(gateway: Gateway, before: int) -> Envelope[Fact]:
    async with asyncio.timeout(15):
        while True:
            for each in await gateway.since(before):
                if isinstance(each.data, MemberErased):
                    return each
            await asyncio.sleep(0.05)


async def test_who_asked_to_be_forgotten_is_and_comes_back_as_somebody_new(gateway: Gateway, start: Start) -> None:
    user = line_id()
    async with start() as eraser:
        before = await gateway.position()
        assert await gateway.send(webhook(text_event("mine", user=user))) == 200
        [said] = await gateway.since(before)
        fact = ErasureRequested(sender=Sealed(user))
        asked = begin(fact, source="chat", cause=said.id, member=said.subject, time=datetime.now(UTC))
        await gateway.journal.append([asked])
        erased = await until_erased(eraser, before)
        assert (erased.subject, erased.causationid) == (said.subject, asked.id)
        assert (erased.time - asked.time).total_seconds() >= 0.5

        assert {await each.send(webhook(text_event("back", user=user))) for each in (gateway, eraser)} == {200}
        events = await gateway.since(before)
        assert isinstance(events[0].data, MessageReceived)
        assert events[0].data.raw.is_erased
        [first, second] = [each for each in events[-2:] if isinstance(each.data, MessageReceived)]
        assert first.subject == second.subject != said.subject


async def test_a_record_that_outlived_its_key_does_not_lock_the_person_out(gateway: Gateway) -> None:
    """Somebody destroyed the key without naming the LINE id, so that the identity still leads to it."""
    user = line_id()
    before = await gateway.position()
    assert await gateway.send(webhook(text_event("mine", user=user))) == 200
    [said] = await gateway.since(before)
    await gateway.journal.keyring.destroy(said.subject)
    assert await gateway.send(webhook(text_event("back", user=user))) == 200
    events = await gateway.since(before)
    assert events[-1].subject != said.subject
    assert isinstance(events[-1].data, MessageReceived)
    assert events[-1].data.text == Sealed("back")
