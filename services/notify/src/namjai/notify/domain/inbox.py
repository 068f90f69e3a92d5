"""What is known of a person's alerts, from raised to resolved: a state without a word of anybody in it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final, Literal

import msgspec

from namjai.events.alert import Disposition
from namjai.events.risk import Category, Level

LEVELS: Final[tuple[Level, ...]] = ("none", "low", "medium", "high", "crisis")

Status = Literal[
    "raised",
    "notified",
    "exhausted",
    "claimed",
    "acknowledged",
    "in_contact",
    "silenced",
    "merged",
    "resolved",
    "wiped",
]


def rank(level: Level) -> int:
    """0 for none up to 4 for crisis."""
    return LEVELS.index(level)


class Telling(msgspec.Struct, frozen=True, order=True):
    """Somebody was told, or could not be, in one step of one chain."""

    run: int
    step: int
    staff: str
    channel: str


class Chain(msgspec.Struct, frozen=True, kw_only=True):
    """One chain of escalation under way: its clock, and how far it has come."""

    run: int
    cause: str
    policy: str
    level: Level
    base: datetime
    due_s: tuple[float, ...]
    levels: tuple[int, ...]
    end_s: float
    ack_timeout_s: float
    began_at: datetime
    done: int = 0
    """Steps that were carried out: they are numbered from 1."""
    done_at: datetime | None = None
    reached: int = 0
    """People reached by all steps so far."""
    last_reached: bool = True
    """False: the last step reached nobody, so the next one does not wait."""
    exhausted_at: datetime | None = None


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """One alert. `level` is the highest it has had, or what a clinician said it is."""

    id: str
    member: str
    level: Level
    category: Category
    merge_key: str
    message: str
    reason: str
    raised_at: datetime
    received_at: datetime
    correlationid: str = ""
    chain: Chain | None = None
    told: frozenset[Telling] = frozenset()
    failed: frozenset[Telling] = frozenset()
    to_tell: frozenset[tuple[int, str]] = frozenset()
    """Who was to be told in which step of the chain: each must be in one of the two above."""
    notified_at: datetime | None = None
    repeats: int = 0
    last_repeat_at: datetime | None = None
    merged_into: str | None = None
    owner: str | None = None
    claimed_at: datetime | None = None
    acknowledged_at: datetime | None = None
    waits_since: datetime | None = None
    """From here on the owner owes the person a human word."""
    handed_over: int = 0
    """How often it changed hands."""
    heir_since: datetime | None = None
    """Somebody has it from another since then, and has not been told yet."""
    word_at: datetime | None = None
    """The first human word, by whatever path."""
    staff_at: datetime | None = None
    """The last time that anybody of the staff did anything about it."""
    taken_over_by: str | None = None
    resolved_at: datetime | None = None
    resolved_by: str | None = None
    disposition: Disposition | None = None
    reopened: int = 0
    follow_up: int = 0
    """The newest caring contact."""
    follow_up_at: datetime | None = None
    follow_up_open: bool = False
    follow_up_over: bool = False
    wiped: bool = False

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to do something about it."""
        return self.merged_into is None and self.resolved_at is None and not self.wiped

    @property
    def status(self) -> Status:
        """Where it stands, in one word."""
        if self.wiped:
            return "wiped"
        if self.merged_into is not None:
            return "silenced" if self.merged_into == self.id else "merged"
        if self.resolved_at is not None:
            return "resolved"
        if self.owner is not None:
            return "in_contact" if self.is_in_contact else "acknowledged" if self.acknowledged_at else "claimed"
        if self.chain is not None and self.chain.exhausted_at is not None:
            return "exhausted"
        return "notified" if self.notified_at is not None else "raised"

    @property
    def is_in_contact(self) -> bool:
        """The owner does not owe a word any more."""
        return self.owner is not None and self.waits_since is None


class Silence(msgspec.Struct, frozen=True):
    """Alerts with one merge key stay quiet until a time."""

    by: str
    until: datetime


class Inbox(msgspec.Struct, frozen=True, kw_only=True):
    """All alerts of one person. `sequence` is the place of the last fact folded in: what an append expects."""

    member: str
    sequence: int = 0
    alerts: Mapping[str, Alert] = {}
    silences: Mapping[str, Silence] = {}

    def open_with(self, merge_key: str, *, but: str) -> Alert | None:
        """The open alert that a repeat with this merge key belongs to."""
        same = (a for a in self.alerts.values() if a.is_open and a.merge_key == merge_key and a.id != but)
        return next((alert for alert in same if alert.chain is not None), None)

    def silence(self, merge_key: str, now: datetime) -> Silence | None:
        """The silence in force, if there is one."""
        silence = self.silences.get(merge_key)
        return silence if silence is not None and silence.until > now else None
