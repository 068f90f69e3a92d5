"""When a person is reminded, and when no more: decided from what the log says, whenever a timer comes or a fact. Pure.

Nobody is reminded who did not ask for it. A reminder is for one slot, a day of the clinic's zone, and there is never a
second one for it: its id is derived from the slot. After five in a row that nobody answered a last one says that they
stop, and they do.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import Final
from zlib import crc32

UNANSWERED_MAX: Final = 5
"""So many in a row; the one after them is the goodbye."""
DAY: Final = timedelta(days=1)
SPREAD_S: Final = 600
"""Within the hour's first ten minutes: thousands who chose eight o'clock are not all written to in one second."""


@dataclass(frozen=True)
class Rhythm:
    """How reminders come. `every` shorter than a day is for trying them out: no hour is kept to then."""

    zone: tzinfo = UTC
    every: timedelta = DAY
    quiet: timedelta = timedelta(minutes=20)
    """Somebody who wrote within this time is not interrupted: the reminder waits."""
    late: timedelta = timedelta(hours=2)
    """One that is later than this, because they talked on or we were down, is left out."""

    @property
    def is_daily(self) -> bool:
        """Whether there is one a day, at an hour."""
        return self.every >= DAY

    def slot(self, at: datetime) -> str:
        """Names what one reminder is for."""
        if self.is_daily:
            return at.astimezone(self.zone).date().isoformat()
        return str(int(at.timestamp() // self.every.total_seconds()))

    def next(self, after: datetime, hour: int, member: str) -> datetime:
        """The first time for a reminder after this moment. A local hour that a change of clocks leaves out is the
        hour after it, and one that comes twice is the first of the two."""
        if not self.is_daily:
            return after + self.every
        day = after.astimezone(self.zone).date()
        shift = timedelta(seconds=crc32(member.encode()) % SPREAD_S)
        while True:
            local = datetime.combine(day, time(hour), tzinfo=self.zone)
            if (due := local.astimezone(UTC) + shift) > after:
                return due
            day += DAY


@dataclass(frozen=True)
class Standing:
    """What the log says of a person now. `hour` None: the one that is learned; `asked` names the reminders that are in
    the log, `unanswered` counts those that reached the person since they were heard last."""

    on: bool = False
    hour: int | None = None
    reachable: bool = True
    """Not erased, not gone, not paused."""
    unanswered: int = 0
    heard_at: datetime | None = None
    checked_in_at: datetime | None = None
    asked: frozenset[str] = field(default_factory=frozenset)

    @property
    def wanted(self) -> bool:
        """Whether there is to be a timer."""
        return self.on and self.reachable


@dataclass(frozen=True)
class Ask:
    """Remind now: the how-manieth since the person was heard; the `last` one stops them."""

    number: int
    last: bool


@dataclass(frozen=True)
class Later:
    """Not in the middle of a talk: look again then."""

    at: datetime


@dataclass(frozen=True)
class Leave:
    """Nothing for this slot."""


Due = Ask | Later | Leave


def on_due(standing: Standing, slot: str, due: datetime, event: str, now: datetime, rhythm: Rhythm) -> Due:
    """What to do when the timer for a slot comes. `due` is when it was meant for, `event` the id that the reminder of
    this slot has."""
    checked_in = standing.checked_in_at is not None and rhythm.slot(standing.checked_in_at) == slot
    if not standing.wanted or event in standing.asked or checked_in or now - due > rhythm.late:
        return Leave()
    if standing.heard_at is not None and now - standing.heard_at < rhythm.quiet:
        return Later(standing.heard_at + rhythm.quiet)
    number = standing.unanswered + 1
    return Ask(number, last=number > UNANSWERED_MAX)
