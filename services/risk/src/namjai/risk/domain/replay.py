"""Judges history again under two policies, each with the past that it would have made, and counts what differs."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, tzinfo
from typing import Final, Literal

import msgspec

from namjai.events import Fact, Stored
from namjai.risk.domain.model import Category, Level
from namjai.risk.domain.world import Load, Message, Verdict, World

DAY_HOURS: Final = 24
Kind = Literal["newly", "no_longer", "higher", "lower"]
KINDS: Final[tuple[Kind, ...]] = ("newly", "no_longer", "higher", "lower")


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """A message that the two policies judge differently, as far as anybody would be called."""

    kind: Kind
    message: str
    member: str
    at: datetime
    was: Level
    level: Level
    category: Category


class Day(msgspec.Struct, frozen=True, kw_only=True):
    """What changes on one day, by the level of the alert (of the new one, or of the one that is gone)."""

    day: date
    newly: dict[Level, int]
    no_longer: dict[Level, int]
    higher: int
    lower: int


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """These would newly alert, these no longer; and what it costs."""

    since: datetime
    until: datetime
    shift_hours: int
    messages: int
    erased: int
    """Left out, as nobody can read them any more."""
    wordless: int
    policy: Load
    against: Load
    newly: int
    no_longer: int
    higher: int
    lower: int
    days: tuple[Day, ...]
    changes: tuple[Change, ...]
    """The first ones of each kind, up to a limit; the counts are of all."""
    forgotten: int
    """People whose past did not fit into memory: their later verdicts may lack what it would have raised."""


class Replay:
    """Two worlds side by side, message by message."""

    def __init__(
        self, policy: World, against: World, *, since: datetime, zone: tzinfo, shift_hours: int, changes_max: int
    ) -> None:
        if shift_hours < 1 or DAY_HOURS % shift_hours:
            raise ValueError("a day must be a whole number of shifts")
        self._new, self._old = policy, against
        self._since, self._zone, self._shift_hours = since, zone, shift_hours
        self._changes_max = changes_max
        self._counts: Counter[str] = Counter()
        self._days: dict[date, Counter[tuple[Kind, Level]]] = {}
        self._changes: dict[Kind, list[Change]] = {kind: [] for kind in KINDS}

    def remember(self, stored: Stored[Fact]) -> None:
        """What happened to a person and does not depend on the policy."""
        for world in (self._new, self._old):
            world.remember(stored)

    def already_open(self, merge_key: str, level: Level, at: datetime) -> None:
        """An alert from before `since`: its repeats call nobody."""
        for world in (self._new, self._old):
            world.already_open(merge_key, level, at)

    def erased(self) -> None:
        """A message that nobody can read any more."""
        self._counts["erased"] += 1

    def message(self, message: Message) -> None:
        """Judge it twice."""
        if not message.words.strip():
            self._counts["wordless"] += 1
            return
        self._counts["messages"] += 1
        shift = self._shift(message.at)
        old, new = self._old.judge(message, shift), self._new.judge(message, shift)
        if (kind := _kind(old, new)) is not None:
            self._note(_change(message, kind, old, new))

    def report(self, until: datetime) -> Report:
        """What came of it."""
        shifts = max(1, round((until - self._since).total_seconds() / 3600 / self._shift_hours))
        totals = Counter[Kind]()
        for day in self._days.values():
            for (kind, _), count in day.items():
                totals[kind] += count
        return Report(
            since=self._since,
            until=until,
            shift_hours=self._shift_hours,
            messages=self._counts["messages"],
            erased=self._counts["erased"],
            wordless=self._counts["wordless"],
            policy=self._new.load(shifts),
            against=self._old.load(shifts),
            newly=totals["newly"],
            no_longer=totals["no_longer"],
            higher=totals["higher"],
            lower=totals["lower"],
            days=tuple(_day(day, counts) for day, counts in sorted(self._days.items())),
            changes=tuple(change for changes in self._changes.values() for change in changes),
            forgotten=max(self._new.forgotten, self._old.forgotten),
        )

    def _shift(self, at: datetime) -> datetime:
        local = at.astimezone(self._zone)
        return local.replace(hour=local.hour - local.hour % self._shift_hours, minute=0, second=0, microsecond=0)

    def _note(self, change: Change) -> None:
        of_that_day = self._days.setdefault(change.at.astimezone(self._zone).date(), Counter())
        of_that_day[change.kind, change.was if change.kind == "no_longer" else change.level] += 1
        if len(self._changes[change.kind]) < self._changes_max:
            self._changes[change.kind].append(change)


def _kind(old: Verdict, new: Verdict) -> Kind | None:
    """How the two differ for those on duty; None where both call nobody, or both the same."""
    if old.alerts != new.alerts:
        return "newly" if new.alerts else "no_longer"
    if not new.alerts or new.level == old.level:
        return None
    return "higher" if new.level > old.level else "lower"


def _change(message: Message, kind: Kind, old: Verdict, new: Verdict) -> Change:
    return Change(
        kind=kind,
        message=message.id,
        member=message.member,
        at=message.at,
        was=old.level,
        level=new.level,
        category=old.category if kind == "no_longer" else new.category,
    )


def _day(day: date, counts: Counter[tuple[Kind, Level]]) -> Day:
    def of(kind: Kind) -> dict[Level, int]:
        found = {level: count for (each, level), count in counts.items() if each == kind}
        return dict(sorted(found.items(), key=lambda each: -each[0].rank))

    return Day(
        day=day,
        newly=of("newly"),
        no_longer=of("no_longer"),
        higher=sum(of("higher").values()),
        lower=sum(of("lower").values()),
    )
