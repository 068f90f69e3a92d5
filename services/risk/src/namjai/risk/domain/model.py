"""The words of screening: level, span, finding, assessment; plain frozen values."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

import msgspec

Category = Literal["suicide", "self_harm", "overdose", "withdrawal", "relapse", "violence", "psychosis", "other"]
Subject = Literal["self", "other"]
Polarity = Literal["asserted", "negated"]
Tense = Literal["unstated", "now", "days", "recent", "past", "ever"]
Frame = Literal["plain", "quoted", "fiction", "news", "study", "joke"]


class Level(StrEnum):
    """How urgent a message is. Ordered: `Level.LOW < Level.CRISIS`."""

    NONE = "none"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRISIS = "crisis"

    @property
    def rank(self) -> int:
        """0 for none up to 4 for crisis."""
        return _RANKS[self]

    def __lt__(self, other: str) -> bool:
        return _RANKS[self] < _RANKS[other]

    def __le__(self, other: str) -> bool:
        return _RANKS[self] <= _RANKS[other]

    def __gt__(self, other: str) -> bool:
        return _RANKS[self] > _RANKS[other]

    def __ge__(self, other: str) -> bool:
        return _RANKS[self] >= _RANKS[other]


_RANKS = {name: rank for rank, name in enumerate(("none", "low", "medium", "high", "crisis"))}


class Span(msgspec.Struct, frozen=True, order=True):
    """A half-open range `[start, end)` of code points in the original text."""

    start: int
    end: int


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One reason: which rule spoke, where, how it was read, and what that did to the level."""

    level: Level
    category: Category
    subject: Subject
    rule: str
    policy: str
    spans: tuple[Span, ...]
    cssrs_item: int | None = None
    polarity: Polarity = "asserted"
    tense: Tense = "unstated"
    frame: Frame = "plain"
    changes: tuple[str, ...] = ()
    """What raised or lowered the level, in order, each as `raised:<why>` or `lowered:<why>`."""
    confidence: float = 1.0


class Assessment(msgspec.Struct, frozen=True, kw_only=True):
    """The verdict on one message, with its reasons."""

    level: Level
    category: Category = "other"
    subject: Subject = "self"
    cssrs_item: int | None = None
    policy: str
    findings: tuple[Finding, ...] = ()
    raised_by: tuple[str, ...] = ()
    """What in the person's history raised the level; history never lowers one."""


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """A clinician must look. Alerts of one person with the same merge key are one while they are open."""

    level: Level
    category: Category
    merge_key: str
