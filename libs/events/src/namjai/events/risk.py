"""What the screener found."""

from __future__ import annotations

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


FACTS = (RiskAssessed,)
