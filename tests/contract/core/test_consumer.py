"""The frame round a handler, on a real NATS: once, in order, retried, set aside, drained."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from nats.aio.client import Client
from opentelemetry.trace import NoOpTracer

from namjai.events import Envelope, Fact, Sealed, begin, codec, subjects
from namjai.events.member import ErasureRequested, LanguageChosen, MemberErased, MemberPaused
from namjai.runtime.bus import Requests
from namjai.runtime.consumer import Consumer, Handlers, Limits
from namjai.runtime.dead import DeadLetters
from namjai.runtime.delivery import this_delivery
from namjai.runtime.errors import Reject, Retry
from namjai.runtime.journal import Journal
from namjai.runtime.keyring import BUCKET, Keyring, MasterKeys, NatsKeyStore
from namjai.runtime.log import NatsLog
from namjai.runtime.metrics import Metrics
from namjai.runtime.tracing import Tracing, traceparent


@dataclass
class Desk:
    """A service that notes what it is handed, for one member, and fails as it is told to."""

    member: str
    seen: list[tuple[str, int]] = field(default_factory=list)
    fail: list[Exception] = field(default_factory=list)
    busy_s: float = 0.0
    handled: asyncio.Event = field(default_factory=asyncio.Event)

    async def until(self, count: int) -> None:
        async with asyncio.timeout(20):
            while len(self.seen) < count:
                self.handled.clear()
                await self.handled.wait()


async def on_language(event: Envelope[LanguageChosen], desk: Desk) -> Sequence[Fact]:
    if event.subject != desk.member:
        return []
    await asyncio.sleep(desk.busy_s)
    desk.seen.append((event.data.language, this_delivery().attempt))
    desk.handled.set()
    if desk.fail:
        raise desk.fail.pop(0)
    return [MemberPaused()]


async def on_erasure(event: Envelope[ErasureRequested], desk: Desk) -> Sequence[Fact]:
    if event.subject != desk.member:
        return []
    assert event.data.sender is not None
    desk.seen.append((event.data.sender.get("erased"), this_delivery().attempt))
    desk.handled.set()
    return [MemberErased(receipt="r")]


HANDLERS: Handlers[Desk] = {LanguageChosen: on_language, ErasureRequested: on_erasure}


@pytest.fixture
async def journal(nc: Client, requests: Requests) -> Journal:
    js = nc.jetstream()
    return Journal(
        NatsLog(requests), Keyring(NatsKeyStore(js, await js.key_value(BUCKET)), MasterKeys({"k": b"k" * 32}))
    )


def chosen(member: str, language: str, now: datetime) -> Envelope[LanguageChosen]:
    fact = LanguageChosen(language=language)
    return begin(fact, source="test", cause=f"{member}-{language}", member=member, time=now)


@asynccontextmanager
async def at_work(
    nc: Client, requests: Requests, journal: Journal, desk: Desk, *, in_order: bool = False, most: int = 100
) -> AsyncIterator[None]:
    stop = asyncio.Event()
    consumer = Consumer(
        nc,
        journal,
        DeadLetters(requests),
        Metrics("desk", "0"),
        Tracing(NoOpTracer()),
        name=f"desk-{desk.member}",
        handlers=HANDLERS,
        service=desk,
        limits=Limits(concurrency=64, ack_wait_s=1.0, max_deliveries=most, drain_s=3.0),
        in_order=in_order,
    )
    async with asyncio.TaskGroup() as work:
        work.create_task(consumer.run(stop))
        yield
        stop.set()


async def pauses(journal: Journal, member: str, count: int) -> list[str]:
    async with asyncio.timeout(10):
        while True:
            found = [
                stored.event.id for stored in await journal.history(member) if stored.event.type == MemberPaused.TYPE
            ]
            if len(found) >= count:
                return found
            await asyncio.sleep(0.01)


async def test_an_event_is_handled_and_its_fact_is_in_the_log(
    nc: Client, requests: Requests, journal: Journal, member: str, now: datetime
) -> None:
    desk = Desk(member)
    async with at_work(nc, requests, journal, desk):
        await journal.append([chosen(member, "th", now)])
        await desk.until(1)
        facts = await pauses(journal, member, 1)
    assert desk.seen == [("th", 1)]
    assert len(facts) == 1


async def test_a_failure_leaves_no_trace_and_is_tried_again(
    nc: Client, requests: Requests, journal: Journal, member: str, now: datetime
) -> None:
    desk = Desk(member, fail=[Retry("not yet", 0.05), RuntimeError("a bug")])
    async with at_work(nc, requests, journal, desk):
        await journal.append([chosen(member, "th", now)])
        await desk.until(3)
        facts = await pauses(journal, member, 1)
    assert desk.seen == [("th", 1), ("th", 2), ("th", 3)]
    assert len(facts) == 1


async def test_a_rejected_event_is_set_aside_and_can_be_sent_again(
    nc: Client, requests: Requests, journal: Journal, member: str, now: datetime
) -> None:
    desk = Desk(member, fail=[Reject("unreadable")])
    letters = DeadLetters(requests)
    name = f"desk-{member}"
    async with at_work(nc, requests, journal, desk):
        sequence = await journal.append([chosen(member, "th", now)])
        await desk.until(1)
        async with asyncio.timeout(5):
            while not (found := [letter async for letter in letters.letters(name)]):
                await asyncio.sleep(0.01)
        assert [("unreadable", sequence)] == [(letter.reason, letter.sequence) for letter in found]
        await letters.resend(found[0])
        await desk.until(2)
        await pauses(journal, member, 1)
        assert [letter async for letter in letters.letters(name)] == []


async def test_what_fails_too_often_is_set_aside_and_not_tried_for_ever(
    nc: Client, requests: Requests, journal: Journal, member: str, now: datetime
) -> None:
    desk = Desk(member, fail=[Retry("never", 0.01)] * 5)
    letters = DeadLetters(requests)
    async with at_work(nc, requests, journal, desk, most=3):
        await journal.append([chosen(member, "th", now)])
        await desk.until(3)
        async with asyncio.timeout(5):
            while not (found := [letter async for letter in letters.letters(f"desk-{member}")]):
                await asyncio.sleep(0.01)
    assert [letter.reason for letter in found] == ["gave up: never"]
    assert len(desk.seen) == 3


async def test_what_only_a_newer_process_can_read_is_left_for_it(
    nc: Client, requests: Requests, journal: Journal, member: str, now: datetime
) -> None:
    desk = Desk(member)
    newer = codec.encode(chosen(member, "th", now)).replace(b"language_chosen.v1", b"language_chosen.v99")
    async with at_work(nc, requests, journal, desk):
        await journal.append([chosen(member, "zh", now)])
        await desk.until(1)
        await nc.jetstream().publish(subjects.event(LanguageChosen.TYPE, member), newer)
        async with asyncio.timeout(10):
            while (await nc.jetstream().consumer_info("EVENTS", f"desk-{member}")).num_redelivered != 1:
                await asyncio.sleep(0.01)
    pull = await nc.jetstream().pull_subscribe_bind(f"desk-{member}", "EVENTS")
    (handed_over,) = await pull.fetch(1, timeout=10)
    assert handed_over.data == newer
    assert (await nc.jetstream().stream_info("DEAD", f"dead.desk-{member}.>")).state.subjects is None
    await pull.unsubscribe()


async def test_a_redelivery_long_after_does_not_say_the_fact_twice(
    nc: Client, requests: Requests, journal: Journal, member: str, now: datetime
) -> None:
    """The handler's facts are in the log but its acknowledgement was lost, as when a process is killed in between."""
    desk = Desk(member, fail=[Retry("as if killed", 0.01)])
    event = chosen(member, "th", now)
    async with at_work(nc, requests, journal, desk):
        await journal.append([event])
        await desk.until(1)
        from namjai.events import follow

        early = follow(event, MemberPaused(), source=f"desk-{member}", n=0, time=now)
        await journal.append([early])
        await desk.until(2)
        await asyncio.sleep(0.1)
        assert [early.id] == await pauses(journal, member, 1)


async def test_a_consumer_that_the_server_forgot_is_made_again_and_says_nothing_twice(
    nc: Client, requests: Requests, journal: Journal, member: str, now: datetime
) -> None:
    """As after a restored log: the durable is gone, everything is handed over once more, long after."""
    desk = Desk(member)
    long_ago = now - timedelta(hours=2)
    async with at_work(nc, requests, journal, desk):
        event = begin(LanguageChosen(language="th"), source="test", cause=f"{member}-old", member=member, time=long_ago)
        await journal.append([event])
        await desk.until(1)
        first = await pauses(journal, member, 1)
        await nc.jetstream().delete_consumer("EVENTS", f"desk-{member}")
        await desk.until(2)
        await asyncio.sleep(0.2)
        assert await pauses(journal, member, 1) == first


async def test_one_members_events_are_handled_in_their_order(
    nc: Client, requests: Requests, journal: Journal, member: str, now: datetime
) -> None:
    desk = Desk(member, busy_s=0.005)
    languages = [f"l{n}" for n in range(20)]
    for language in languages:
        await journal.append([chosen(member, language, now)])
    async with at_work(nc, requests, journal, desk, in_order=True):
        await desk.until(20)
    assert languages == [language for language, _ in desk.seen]


async def test_long_work_keeps_its_event_and_a_stop_waits_for_it(
    nc: Client, requests: Requests, journal: Journal, member: str, now: datetime
) -> None:
    desk = Desk(member, busy_s=2.0)  # twice the ack wait
    async with at_work(nc, requests, journal, desk):
        await journal.append([chosen(member, "th", now)])
        await asyncio.sleep(0.3)
    assert desk.seen == [("th", 1)]
    assert len(await pauses(journal, member, 1)) == 1


async def test_an_erased_members_event_is_handed_over_without_its_words(
    nc: Client, requests: Requests, journal: Journal, member: str, now: datetime
) -> None:
    desk = Desk(member)
    request = begin(ErasureRequested(sender=Sealed("U")), source="test", cause=f"{member}-e", member=member, time=now)
    await journal.append([request])
    await journal.keyring.destroy(member)
    async with at_work(nc, requests, journal, desk):
        await desk.until(1)
    assert desk.seen == [("erased", 1)]
    assert subjects.member_of(subjects.event(request.type, member)) == member


async def test_without_a_collector_no_trace_is_invented() -> None:
    assert traceparent() is None
