"""What check-ins say of days: the answers of each day, streaks of days without use, and averages. Pure.

A day is one of the clinic's zone and ends at four in the morning: somebody who checks in after midnight speaks of the
day that they have just had. Within a day each question has the last answer that was given to it; a question that was
skipped takes no earlier answer back.

A streak counts the days that were noted as without use, since the last day that was noted as with use. A day on which
nobody knows ends no streak and adds nothing to one: who forgets the diary has not used by that, nor not used.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Final

from namjai.events.checkin import CheckInRecorded

DAY_ENDS: Final = timedelta(hours=4)
"""So long after midnight."""


@dataclass(frozen=True)
class Entry:
    """One check-in as the diary has it; what was not answered is None."""

    at: datetime
    id: str
    craving: int | None = None
    mood: int | None = None
    used: bool | None = None
    note: str = ""


@dataclass(frozen=True)
class Day:
    """The answers that count for a day."""

    craving: int | None = None
    mood: int | None = None
    used: bool | None = None


@dataclass(frozen=True)
class Streak:
    """Days without use: now in a row, at most in a row, and all together."""

    current: int = 0
    longest: int = 0
    total: int = 0


def entry(fact: CheckInRecorded, at: datetime, event: str) -> Entry | None:
    """A check-in as the diary has it; None for one of the other rulers only, such as readiness, and for an erased
    note alone."""
    note = (fact.note.get("") if fact.note is not None else "").strip()
    if (fact.craving, fact.mood, fact.used) == (None, None, None) and not note:
        return None
    return Entry(at, event, fact.craving, fact.mood, fact.used, note)


def in_order(entries: Iterable[Entry]) -> list[Entry]:
    """As they happened, each once."""
    unique = {each.id: each for each in entries}
    return sorted(unique.values(), key=lambda each: (each.at, each.id))


def day_of(at: datetime, zone: tzinfo) -> date:
    """The day that somebody who checks in at this moment speaks of, by the clock on the wall."""
    return (at.astimezone(zone).replace(tzinfo=None) - DAY_ENDS).date()


def days(entries: Iterable[Entry], zone: tzinfo) -> dict[date, Day]:
    """Each day that was noted, the earliest first."""
    found: dict[date, Day] = {}
    for each in in_order(entries):
        day = day_of(each.at, zone)
        before = found.get(day, Day())
        found[day] = Day(
            before.craving if each.craving is None else each.craving,
            before.mood if each.mood is None else each.mood,
            before.used if each.used is None else each.used,
        )
    return dict(sorted(found.items()))


def streak(noted: Mapping[date, Day]) -> Streak:
    """The streaks of these days."""
    current = longest = total = 0
    for _, day in sorted(noted.items()):
        current = onward(current, day.used)
        longest = max(longest, current)
        total += day.used is False
    return Streak(current, longest, total)


def onward(run: int, used: bool | None) -> int:
    """A streak after one more day."""
    if used is None:
        return run
    return 0 if used else run + 1


def last_days(noted: Mapping[date, Day], today: date, length: int) -> list[tuple[date, Day | None]]:
    """The last days up to today, noted or not."""
    dates = [today - timedelta(days=ago) for ago in range(length - 1, -1, -1)]
    return [(each, noted.get(each)) for each in dates]


def average(numbers: Sequence[int | None]) -> float | None:
    """Of those that were given; None where none was."""
    given = [number for number in numbers if number is not None]
    return sum(given) / len(given) if given else None
