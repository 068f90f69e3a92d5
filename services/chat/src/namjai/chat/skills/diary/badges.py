"""Which badges a diary has earned, and which one is next. Pure; what was earned once is never taken away."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, tzinfo
from typing import Final

from namjai.chat.skills.diary.days import Entry, day_of, in_order, onward
from namjai.chat.skills.diary.texts import BADGES, Badge

RUNS: Final[dict[Badge, int]] = {
    "days_3": 3,
    "days_7": 7,
    "days_14": 14,
    "days_30": 30,
    "days_60": 60,
    "days_90": 90,
    "days_180": 180,
    "days_365": 365,
}
"""Days in a row without use."""
CHECKINS: Final[dict[Badge, int]] = {"first": 1, "ten": 10}


@dataclass(frozen=True)
class Deeds:
    """What else somebody did for themselves."""

    practised: bool = False
    """Went through an exercise to its end."""
    reached_out: bool = False
    """Sent their plan to somebody, or had the one whom they trust told."""


@dataclass(frozen=True)
class Next:
    """A badge that is not earned yet, and how far it is."""

    badge: Badge
    have: int
    need: int


@dataclass
class _Walk:
    """The diary read from its beginning: `run` ends with the day before `day`."""

    day: date | None = None
    used: bool | None = None
    run: int = 0
    best: int = 0
    relapsed: bool = False
    came_back: bool = False
    current: int = 0

    def step(self, entry: Entry, zone: tzinfo) -> None:
        if (day := day_of(entry.at, zone)) != self.day:
            self.run, self.relapsed = onward(self.run, self.used), self.relapsed or bool(self.used)
            self.day, self.used = day, None
        self.used = self.used if entry.used is None else entry.used
        self.current = onward(self.run, self.used)
        self.best = max(self.best, self.current)
        self.came_back = self.came_back or (self.relapsed and self.used is False)


def earned(entries: Iterable[Entry], zone: tzinfo, deeds: Deeds) -> tuple[Badge, ...]:
    """All badges, in the order in which they are shown. A day that is corrected later takes none back."""
    ordered = in_order(entries)
    walk = _walk(ordered, zone)
    have: set[Badge] = {badge for badge, need in RUNS.items() if walk.best >= need}
    have |= {badge for badge, need in CHECKINS.items() if len(ordered) >= need}
    if walk.came_back:
        have.add("came_back")
    if deeds.practised:
        have.add("practised")
    if deeds.reached_out:
        have.add("reached_out")
    return tuple(badge for badge in BADGES if badge in have)


def following(entries: Iterable[Entry], zone: tzinfo, have: Iterable[Badge]) -> Next | None:
    """The badge that is nearest; None where all those that can be counted towards are there."""
    ordered = in_order(entries)
    got = set(have)
    current = _walk(ordered, zone).current
    runs = [Next(badge, current, need) for badge, need in RUNS.items() if badge not in got]
    checkins = [Next(badge, len(ordered), need) for badge, need in CHECKINS.items() if badge not in got]
    return min((*checkins, *runs), key=lambda each: each.need - each.have, default=None)


def _walk(ordered: Iterable[Entry], zone: tzinfo) -> _Walk:
    walk = _Walk()
    for each in ordered:
        walk.step(each, zone)
    return walk
