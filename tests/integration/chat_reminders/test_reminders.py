"""Reminders on a real log with real timers: set, moved, stopped, through a restart, and never two for one day."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import pytest
from nats.aio.client import Client
from opentelemetry.trace import NoOpTracer

from namjai.chat.reminders import HANDLERS, SERVICE, SOURCE, Reminders
from namjai.chat.skills.diary.reminding import DAY, UNANSWERED_MAX, Rhythm
from namjai.devkit.testing import nats_server, open_log
from namjai.events import Envelope, Fact, Sealed, begin
from namjai.events.checkin import CheckInRecorded, ReminderDue, RemindersSet
from namjai.events.conversation import TurnSkipped
from namjai.events.delivery import DeliveryFailed
from namjai.events.member import MemberErased, MemberFollowed, MemberPaused, MemberResumed, MemberUnfollowed
from namjai.events.message import PostbackReceived
from namjai.events.reply import ReplyIssued
from namjai.runtime.bus import Requests
from namjai.runtime.consumer import Consumer, Limits
from namjai.runtime.dead import DeadLetters
from namjai.runtime.journal import Journal
from namjai.runtime.metrics import Metrics
from namjai.runtime.timers import NatsTimers, Timer, TimerConsumer
from namjai.runtime.tracing import Tracing

F = TypeVar("F", bound=Fact)
QUICK = Rhythm(every=timedelta(milliseconds=600), quiet=timedelta())
SETTLED_S = 1.6
"""More than two periods: what has not come by then is not going to."""


@dataclass
class Surroundings:
    """A log, and as many processes that remind as a test wants."""

    nc: Client
    requests: Requests
    journal: Journal
    member: str = field(default_factory=lambda: "m" + secrets.token_hex(8))

    def reminders(self, rhythm: Rhythm = QUICK, **more: Any) -> Reminders:
        surroundings: dict[str, Any] = {
            "journal": self.journal,
            "timers": NatsTimers(self.requests),
            "clock": lambda: datetime.now(UTC),
            "is_on": lambda: True,
            **more,
        }
        return Reminders(rhythm=rhythm, **surroundings)

    @asynccontextmanager
    async def running(self, reminders: Reminders | None = None) -> AsyncIterator[Reminders]:
        """One process, as chat wires it."""
        at_work = reminders or self.reminders()
        stop = asyncio.Event()
        consumer = Consumer(
            self.nc,
            self.journal,
            DeadLetters(self.requests),
            Metrics("chat", "0"),
            Tracing(NoOpTracer()),
            name=SOURCE,
            handlers=HANDLERS,
            service=at_work,
            limits=Limits(concurrency=50, ack_wait_s=2.0, max_deliveries=20, drain_s=3.0),
            in_order=True,
        )
        async with asyncio.TaskGroup() as work:
            work.create_task(consumer.run(stop))
            work.create_task(TimerConsumer(self.nc, SERVICE, at_work.on_due, Metrics("t")).run(stop))
            yield at_work
            stop.set()

    async def happens(self, fact: F) -> Envelope[F]:
        event = begin(fact, source="test", cause=secrets.token_hex(8), member=self.member, time=datetime.now(UTC))
        await self.journal.append([event])
        return event

    async def presses(self) -> None:
        now = datetime.now(UTC)
        await self.happens(
            PostbackReceived(
                webhook_event_id=secrets.token_hex(4),
                source_kind="user",
                mode="active",
                sent_at=now,
                received_at=now,
                postback=Sealed("x"),
            )
        )

    async def said(self, kind: type[F]) -> list[Envelope[Any]]:
        return [each.event for each in await self.journal.history(self.member) if isinstance(each.event.data, kind)]

    async def due(self) -> list[int]:
        """The numbers of the reminders so far."""
        return [each.data.number for each in await self.said(ReminderDue)]

    async def until(self, condition: Callable[[], Awaitable[bool]], within_s: float = 15) -> None:
        async with asyncio.timeout(within_s):
            while not await condition():
                await asyncio.sleep(0.05)

    async def until_due(self, count: int) -> list[int]:
        async def enough() -> bool:
            return len(await self.due()) >= count

        await self.until(enough)
        return await self.due()

    async def pending(self) -> bool:
        """Whether a timer is set."""
        found = await self.nc.jetstream().stream_info("TIMERS", subjects_filter=f"sched.chat.reminder.{self.member}")
        return bool(found.state.subjects)


@pytest.fixture(scope="module")
async def log(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Surroundings]:
    async with nats_server(tmp_path_factory.mktemp("reminders")) as server, open_log(server, name="chat") as opened:
        yield Surroundings(*opened)


@pytest.fixture
def person(log: Surroundings) -> Surroundings:
    """Somebody new on that log."""
    return Surroundings(log.nc, log.requests, log.journal)


async def test_who_asked_is_reminded_again_and_again_until_they_stop_it(person: Surroundings) -> None:
    async with person.running():
        await person.happens(RemindersSet(on=True, hour=20))
        assert (await person.until_due(2))[:2] == [1, 2]
        await person.happens(RemindersSet(on=False))
        await asyncio.sleep(SETTLED_S / 2)
        before = await person.due()
        await asyncio.sleep(SETTLED_S)
        assert await person.due() == before
        assert not await person.pending()


async def test_who_answers_begins_to_be_counted_anew(person: Surroundings) -> None:
    async with person.running():
        await person.happens(RemindersSet(on=True))
        await person.until_due(2)
        await person.presses()
        count = len(await person.due())
        assert (await person.until_due(count + 2))[count:][:2] == [1, 2]
        await person.happens(RemindersSet(on=False))


async def test_five_that_nobody_answers_are_followed_by_a_goodbye_and_no_more(person: Surroundings) -> None:
    async with person.running():
        await person.happens(RemindersSet(on=True, hour=8))
        assert await person.until_due(UNANSWERED_MAX + 1) == [1, 2, 3, 4, 5, 6]
        await asyncio.sleep(SETTLED_S)
        assert len(await person.due()) == UNANSWERED_MAX + 1
    last = (await person.said(RemindersSet))[-1]
    assert (last.data.on, last.data.by) == (False, "bot")
    assert not await person.pending()


async def test_reminders_that_were_held_back_or_never_arrived_are_nobodys_silence(person: Surroundings) -> None:
    async with person.running():
        await person.happens(RemindersSet(on=True))
        await person.until_due(2)
        first, second = (await person.said(ReminderDue))[:2]
        await person.happens(TurnSkipped(answers=(first.id,), through=1, reason="crisis"))
        reply = await person.happens(_reply(second.id))
        await person.happens(DeliveryFailed(reply=reply.id, reason="quota"))
        before = len(await person.due())
        numbers = await person.until_due(before + 2)
        await person.happens(RemindersSet(on=False))
    assert numbers[before + 1] <= before  # without the two: it would be before + 2


def _reply(reminder: str) -> ReplyIssued:
    return ReplyIssued(
        answers=(reminder,),
        through=1,
        kind="reminder",
        responder="fixed",
        content=(),
        review="draft",
        language="en",
        screened=True,
        messages=Sealed([{"type": "text", "text": "How was your day?"}]),
        to=Sealed("U" + "0" * 32),
        received_at=datetime.now(UTC),
    )


async def test_a_restart_loses_none_and_doubles_none(person: Surroundings) -> None:
    async with person.running():
        await person.happens(RemindersSet(on=True))
        await person.until_due(1)
    down = len(await person.due())
    await asyncio.sleep(SETTLED_S)  # due while nobody is there
    assert len(await person.due()) == down
    async with person.running(), person.running():  # and then two of them
        await person.until_due(down + 3)
        await person.happens(RemindersSet(on=False))
    events = await person.said(ReminderDue)
    assert len({each.id for each in events}) == len(events)
    assert [each.data.number for each in events][: down + 3] == list(range(1, down + 4))


async def test_a_timer_that_is_handed_over_twice_reminds_once(person: Surroundings) -> None:
    reminders = person.reminders(Rhythm(every=DAY))
    await person.happens(RemindersSet(on=True, hour=20))
    now = datetime.now(UTC)
    timer = Timer(
        service=SERVICE,
        key=f"reminder.{person.member}",
        kind="reminder",
        member=person.member,
        due=now,
        facts={"slot": now.date().isoformat(), "meant": now.isoformat()},
    )
    await asyncio.gather(reminders.on_due(timer), reminders.on_due(timer))
    await reminders.on_due(timer)
    assert await person.due() == [1]
    assert await person.pending()  # tomorrow's


@pytest.mark.parametrize(
    ("gone", "back"),
    [
        (MemberPaused(), MemberResumed()),
        (MemberUnfollowed(webhook_event_id="u", received_at=datetime.now(UTC)), None),
        (MemberErased(receipt="r"), None),
    ],
    ids=["paused", "unfollowed", "erased"],
)
async def test_who_went_is_not_reminded(person: Surroundings, gone: Fact, back: Fact | None) -> None:
    async def set_up() -> bool:
        return await person.pending()

    async def taken_back() -> bool:
        return not await person.pending()

    async with person.running(person.reminders(Rhythm(every=DAY))):
        await person.happens(RemindersSet(on=True, hour=20))
        await person.until(set_up)
        await person.happens(gone)
        await person.until(taken_back)
        if back is not None:
            await person.happens(back)
            await person.until(set_up)
    assert await person.due() == []


async def test_moving_the_hour_moves_the_one_timer(person: Surroundings) -> None:
    async with person.running(person.reminders(Rhythm(every=DAY))):
        for hour in (8, 20, None):
            await person.happens(RemindersSet(on=True, hour=hour))
        await person.until(person.pending)
        await asyncio.sleep(0.5)
        found = await person.nc.jetstream().stream_info(
            "TIMERS", subjects_filter=f"sched.chat.reminder.{person.member}"
        )
    assert found.state.subjects == {f"sched.chat.reminder.{person.member}": 1}


async def test_who_has_checked_in_that_day_or_is_talking_is_left_alone(person: Surroundings) -> None:
    await person.happens(RemindersSet(on=True, hour=20))
    await person.presses()
    now = datetime.now(UTC)
    talking = person.reminders(Rhythm(every=DAY, quiet=timedelta(minutes=20)))
    facts = {"slot": now.date().isoformat(), "meant": now.isoformat()}
    timer = Timer(service=SERVICE, key="k", kind="reminder", member=person.member, due=now, facts=facts)
    await talking.on_due(timer)
    assert await person.due() == []
    await person.happens(CheckInRecorded(mood=4))
    await person.reminders(Rhythm(every=DAY, quiet=timedelta())).on_due(timer)
    assert await person.due() == []


async def test_a_clinic_without_a_diary_reminds_nobody(person: Surroundings) -> None:
    async with person.running(person.reminders(is_on=lambda: False)):
        await person.happens(RemindersSet(on=True))
        await asyncio.sleep(SETTLED_S)
        assert await person.due() == []
        await person.happens(RemindersSet(on=False))


async def test_nobody_is_reminded_unasked(person: Surroundings) -> None:
    async with person.running():
        now = datetime.now(UTC)
        await person.happens(
            MemberFollowed(webhook_event_id="f", sent_at=now, received_at=now, mode="active", sender=Sealed("U"))
        )
        await person.presses()
        await asyncio.sleep(1.0)
        assert not await person.pending()
