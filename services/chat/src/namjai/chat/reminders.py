"""Reminders that survive any restart: one timer a person, kept as their facts say, and what is said when it comes.

The timer holds ids and a date, nothing personal. It is only an occasion: what the log says when it comes decides.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from namjai.chat.skills.diary.quiet import LEARNED_FROM, quiet_hour
from namjai.chat.skills.diary.reminding import Ask, Later, Rhythm, Standing, on_due
from namjai.events import Envelope, Fact, Stored, begin, derive_id, subjects
from namjai.events.checkin import CheckInRecorded, ReminderDue, RemindersSet
from namjai.events.conversation import TurnSkipped
from namjai.events.delivery import DeliveryFailed
from namjai.events.member import MemberErased, MemberFollowed, MemberPaused, MemberResumed, MemberUnfollowed
from namjai.events.message import MessageReceived, PostbackReceived
from namjai.events.reply import ReplyIssued
from namjai.runtime.consumer import Handlers
from namjai.runtime.delivery import this_delivery
from namjai.runtime.errors import Duplicate, Retry
from namjai.runtime.journal import Journal
from namjai.runtime.logs import get_logger
from namjai.runtime.timers import Timer, Timers

SERVICE: Final = "chat"
SKILL: Final = "diary"
SOURCE: Final = "chat-reminders"
KIND: Final = "reminder"
NOT_VISIBLE_YET_S: Final = 0.2
SLOTS_LOOKED_BACK: Final = 3
"""A timer that comes again does so sooner."""

_NEWEST: Final[tuple[type[Fact], ...]] = (
    RemindersSet,
    MemberErased,
    MemberUnfollowed,
    MemberFollowed,
    MemberPaused,
    MemberResumed,
    MessageReceived,
    PostbackReceived,
    CheckInRecorded,
)
_log = get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Reminders:
    """What reminding works with."""

    journal: Journal
    timers: Timers
    clock: Callable[[], datetime]
    rhythm: Rhythm
    is_on: Callable[[], bool]
    """Whether the clinic has the diary switched on."""

    async def keep(self, member: str, through: int) -> None:
        """Set, move or take back a member's timer, as the log says; it must show the event at `through`."""
        newest = await self._newest(member)
        if max((each.sequence for each in newest.values()), default=0) < through:
            raise Retry("the log does not show this event yet", NOT_VISIBLE_YET_S)
        await self._set(member, await self._standing(member, newest))

    async def on_due(self, timer: Timer) -> None:
        """A timer came: in time, late or twice. Say what is to be said, and set the next one."""
        member, slot, now = timer.member, timer.facts["slot"], self.clock()
        meant = datetime.fromisoformat(timer.facts["meant"])
        event = derive_id(SOURCE, _cause(member, slot), 0)
        standing = await self._standing(member, await self._newest(member))
        step = on_due(standing, slot, meant, event, now, self.rhythm)
        if isinstance(step, Later):
            await self.timers.schedule(_timer(member, slot, step.at, meant))
            return
        if isinstance(step, Ask) and self.is_on():
            await self._ask(member, slot, step, now)
            if step.last:
                return
        await self._set(member, standing)

    async def _ask(self, member: str, slot: str, step: Ask, now: datetime) -> None:
        facts: list[Fact] = [ReminderDue(number=step.number)]
        if step.last:
            facts.append(RemindersSet(on=False, by="bot"))
        cause = _cause(member, slot)
        events: list[Envelope[Fact]] = [
            begin(fact, source=SOURCE, cause=cause, member=member, time=now, n=n) for n, fact in enumerate(facts)
        ]
        try:
            await self.journal.append(events)
        except Duplicate:  # the same timer, handed over twice
            return
        _log.info("reminder", number=step.number, last=step.last)

    async def _set(self, member: str, standing: Standing) -> None:
        if not standing.wanted:
            await self.timers.cancel(SERVICE, _key(member))
            return
        now = self.clock()
        due = self.rhythm.next(now, await self._hour(member, standing, now), member)
        await self.timers.schedule(_timer(member, self.rhythm.slot(due), due, due))

    async def _hour(self, member: str, standing: Standing, now: datetime) -> int:
        """The one they chose, or what we have learned by now."""
        if standing.hour is not None:
            return standing.hour
        wrote = await self.journal.log.recent(subjects.event(MessageReceived.TYPE, member), now - LEARNED_FROM)
        return quiet_hour([each.event.time for each in wrote], self.rhythm.zone)

    async def _newest(self, member: str) -> dict[type[Fact], Stored[Fact]]:
        """The newest event of each type that tells where a person stands. Nothing is opened: only times count."""
        found = await self.journal.log.last([subjects.event(kind.TYPE, member) for kind in _NEWEST])
        return {type(each.event.data): each for each in found}

    async def _standing(self, member: str, newest: dict[type[Fact], Stored[Fact]]) -> Standing:
        chosen = newest[RemindersSet].event.data if RemindersSet in newest else None
        if not isinstance(chosen, RemindersSet) or not chosen.on:
            return Standing()
        heard = max(
            (newest[kind] for kind in (MessageReceived, PostbackReceived) if kind in newest),
            key=lambda each: each.sequence,
            default=None,
        )
        since = max(newest[RemindersSet].sequence, heard.sequence if heard is not None else 0)
        checked_in = newest.get(CheckInRecorded)
        return Standing(
            on=True,
            hour=chosen.hour,
            reachable=_reachable(newest),
            unanswered=await self._unanswered(member, since),
            heard_at=heard.event.time if heard is not None else None,
            checked_in_at=checked_in.event.time if checked_in is not None else None,
            asked=await self._asked(member),
        )

    async def _asked(self, member: str) -> frozenset[str]:
        since = self.clock() - self.rhythm.every * SLOTS_LOOKED_BACK - timedelta(hours=1)
        return frozenset(
            each.event.id for each in await self.journal.log.recent(subjects.event(ReminderDue.TYPE, member), since)
        )

    async def _unanswered(self, member: str, since: int) -> int:
        """Reminders that reached the person and that nobody answered. One that was held back, because of a crisis, a
        clinician who talked or a used-up quota, is none of their silence."""
        due = await self._since(ReminderDue, member, since)
        if not due:
            return 0
        failed = {each.data.reply for each in await self._since(DeliveryFailed, member, since)}
        skipped = {answer for each in await self._since(TurnSkipped, member, since) for answer in each.data.answers}
        unsent = {
            answer
            for each in await self._since(ReplyIssued, member, since)
            if each.id in failed
            for answer in each.data.answers
        }
        return sum(each.id not in skipped | unsent for each in due)

    async def _since(self, kind: type[Fact], member: str, sequence: int) -> list[Envelope[Any]]:
        stored = await self.journal.log.since(subjects.event(kind.TYPE, member), sequence)
        return [each.event for each in stored]


async def on_change(event: Envelope[Any], reminders: Reminders) -> Sequence[Fact]:
    """Reminders were asked for, moved or stopped; or the person went, came back, or wants quiet."""
    await reminders.keep(event.subject, this_delivery().sequence)
    return []


def _reachable(newest: dict[type[Fact], Stored[Fact]]) -> bool:
    def at(kind: type[Fact]) -> int:
        return newest[kind].sequence if kind in newest else 0

    heard = max(at(MessageReceived), at(PostbackReceived), at(MemberFollowed))
    gone = at(MemberUnfollowed) > heard
    return MemberErased not in newest and not gone and at(MemberPaused) <= at(MemberResumed)


def _timer(member: str, slot: str, due: datetime, meant: datetime) -> Timer:
    return Timer(
        service=SERVICE,
        key=_key(member),
        kind=KIND,
        member=member,
        due=due,
        facts={"slot": slot, "meant": meant.isoformat()},
    )


def _key(member: str) -> str:
    """One timer a person: a later one takes the place of the one before."""
    return f"{KIND}.{member}"


def _cause(member: str, slot: str) -> str:
    return f"{member}|{slot}"


HANDLERS: Handlers[Reminders] = {
    RemindersSet: on_change,
    MemberErased: on_change,
    MemberUnfollowed: on_change,
    MemberFollowed: on_change,
    MemberPaused: on_change,
    MemberResumed: on_change,
}
