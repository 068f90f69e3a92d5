"""What a run of events changes in the read models: rows to add, counts to raise, and later values to take over."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple


class Entry(NamedTuple):
    """One line of a member's timeline; `summary` is JSON of clear fields."""

    sequence: int
    member: str
    type: str
    time: datetime
    day: date
    by_person: bool
    summary: str


class Verdict(NamedTuple):
    """One judged message."""

    sequence: int
    member: str
    message: str
    outcome: str
    level: str
    category: str
    policy: str
    time: datetime


class Consent(NamedTuple):
    """The latest answer to one purpose."""

    granted: bool
    text_version: str
    at: datetime


class Removed(NamedTuple):
    """An event that was taken out of the log, and the event that says so."""

    sequence: int
    event: str
    removed_by: int
    removed_at: datetime


@dataclass(slots=True)
class MemberChange:
    """None means: nothing new about this."""

    first_seen: datetime | None = None
    last_seen: datetime | None = None
    messages: int = 0
    language: str | None = None
    follows: bool | None = None
    paused: bool | None = None
    level: str | None = None
    level_at: datetime | None = None
    erased_at: datetime | None = None

    def seen(self, at: datetime) -> None:
        """The person did something. Several clocks wrote these times, so their order is not taken for granted."""
        self.first_seen = at if self.first_seen is None else min(at, self.first_seen)
        self.last_seen = at if self.last_seen is None else max(at, self.last_seen)

    def add(self, later: MemberChange) -> None:
        """Take over what came after."""
        for at in (later.first_seen, later.last_seen):
            if at is not None:
                self.seen(at)
        self.messages += later.messages
        for name in ("language", "follows", "paused", "level", "level_at", "erased_at"):
            if (value := getattr(later, name)) is not None:
                setattr(self, name, value)


@dataclass(slots=True)
class AlertChange:
    """None means: nothing new about this."""

    member: str
    level: str | None = None
    category: str | None = None
    reason: str | None = None
    raised_at: datetime | None = None
    notified: int = 0
    failed: int = 0
    first_notified_at: datetime | None = None
    merged_into: str | None = None

    def told(self, at: datetime) -> None:
        """A channel took it."""
        self.notified += 1
        self.first_notified_at = at if self.first_notified_at is None else min(at, self.first_notified_at)

    def add(self, later: AlertChange) -> None:
        """Take over what came after."""
        notified = self.notified + later.notified
        if later.first_notified_at is not None:
            self.told(later.first_notified_at)
        self.notified = notified
        self.failed += later.failed
        for name in ("level", "category", "reason", "raised_at", "merged_into"):
            if (value := getattr(later, name)) is not None:
                setattr(self, name, value)


@dataclass(slots=True)
class Change:
    """The sum of a run of events. Two runs one after the other add up to the change of the whole run."""

    timeline: list[Entry] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)
    members: dict[str, MemberChange] = field(default_factory=dict)
    consents: dict[tuple[str, str], Consent] = field(default_factory=dict)
    days: Counter[tuple[date, str]] = field(default_factory=Counter)
    active: set[tuple[date, str]] = field(default_factory=set)
    reply_times: Counter[tuple[datetime, str, int]] = field(default_factory=Counter)
    alerts: dict[str, AlertChange] = field(default_factory=dict)
    removed: list[Removed] = field(default_factory=list)

    def member(self, name: str) -> MemberChange:
        """What changes about one member."""
        if (found := self.members.get(name)) is None:
            found = self.members[name] = MemberChange()
        return found

    def alert(self, name: str, member: str) -> AlertChange:
        """What changes about one alert."""
        if (found := self.alerts.get(name)) is None:
            found = self.alerts[name] = AlertChange(member)
        return found

    def add(self, later: Change) -> None:
        """Append a later run."""
        self.timeline += later.timeline
        self.verdicts += later.verdicts
        for name, member in later.members.items():
            self.member(name).add(member)
        self.consents.update(later.consents)
        self.days.update(later.days)
        self.active |= later.active
        self.reply_times.update(later.reply_times)
        for name, alert in later.alerts.items():
            self.alert(name, alert.member).add(alert)
        self.removed += later.removed
