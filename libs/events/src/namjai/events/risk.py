"""What the screener found."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Literal

import msgspec

from namjai.events.envelope import Fact

Level = Literal["none", "low", "medium", "high", "crisis"]
Category = Literal["suicide", "self_harm", "overdose", "withdrawal", "relapse", "violence", "psychosis", "other"]
Outcome = Literal["screened", "no_text", "failed"]


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One reason: which rule spoke, where, and how it was read. Offsets are into the text, in code points."""

    rule: str
    level: Level
    category: Category
    subject: Literal["self", "other"]
    start: int
    end: int
    cssrs_item: int | None = None
    readings: tuple[str, ...] = ()
    """How negation, tense, person and quotation were read, and what raised or lowered the level."""
    confidence: float = 1.0


class RiskAssessed(Fact, frozen=True, kw_only=True):
    """The verdict on one message. `failed` means nobody knows, never that all is well."""

    TYPE: ClassVar[str] = "risk.assessed.v1"
    message: str
    """Id of the event that was judged."""
    outcome: Outcome
    level: Level
    category: Category = "other"
    subject: Literal["self", "other"] = "self"
    cssrs_item: int | None = None
    policy: str
    findings: tuple[Finding, ...] = ()
    raised_by: tuple[str, ...] = ()
    """What in the person's history raised the level."""


class RiskReassessed(Fact, frozen=True, kw_only=True):
    """A second look at a message found more than the first verdict: it raises, it never lowers."""

    TYPE: ClassVar[str] = "risk.reassessed.v1"
    message: str
    assessment: str
    """Id of the first verdict."""
    was: Level
    level: Level
    category: Category
    subject: Literal["self", "other"] = "self"
    by: str
    """What looked again: a model's name and version."""
    confidence: float


class MonitoringStarted(Fact, frozen=True, kw_only=True):
    """The person is watched more closely until a time; a later one of these moves that time."""

    TYPE: ClassVar[str] = "risk.monitoring_started.v1"
    level: Level
    category: Category
    cause: str
    """Id of the verdict that began it."""
    until: datetime


class MonitoringEnded(Fact, frozen=True, kw_only=True):
    """Only time or a clinician ends it, never a friendly message."""

    TYPE: ClassVar[str] = "risk.monitoring_ended.v1"
    started: str
    """Id of the event that began it."""
    reason: Literal["time", "clinician"]
    by: str | None = None


class SilenceNoticed(Fact, frozen=True, kw_only=True):
    """Nothing has been heard of a person since a high risk, for so long that somebody should ask."""

    TYPE: ClassVar[str] = "risk.silence_noticed.v1"
    since: datetime
    level: Level
    category: Category


class PolicyPublished(Fact, frozen=True, kw_only=True):
    """A screening policy as a document in the log: what it changes of the rules and thresholds that are shipped."""

    TYPE: ClassVar[str] = "risk.policy_published.v1"
    name: str
    document: str
    """YAML, as it was given."""
    by: str


class PolicyActivated(Fact, frozen=True, kw_only=True):
    """From here on messages are judged by this policy; `name` is that of a published one, or `shipped`."""

    TYPE: ClassVar[str] = "risk.policy_activated.v1"
    name: str
    published: str | None
    """Id of the event that holds its document; None for the one that is shipped."""
    by: str


FACTS = (
    RiskAssessed,
    RiskReassessed,
    MonitoringStarted,
    MonitoringEnded,
    SilenceNoticed,
    PolicyPublished,
    PolicyActivated,
)
