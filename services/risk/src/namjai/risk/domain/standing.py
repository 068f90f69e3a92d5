"""A person's verdicts as they stand: after second looks, and after what clinicians said of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import msgspec

from namjai.events import Fact, Stored
from namjai.events.alert import AlertCorrected, AlertMerged, AlertRaised, AlertReopened, AlertResolved
from namjai.events.risk import RiskAssessed, RiskReassessed
from namjai.risk.domain.model import Category, Level, Subject

OF_WORDS: Final = ("finding", "reassessed")
"""Reasons of alerts that are about what a message says; an alert about silence judges no message."""


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """A verdict as it stands: after second looks, and after what a clinician said of it."""

    id: str
    message: str
    at: datetime
    level: Level
    asserted: Level
    """The level without what history added."""
    category: Category
    subject: Subject


def verdicts(stored: Sequence[Stored[Fact]]) -> list[Verdict]:
    """The verdicts among these events as they stand, oldest first; one that a clinician took back has level none."""
    found: dict[str, Verdict] = {}
    for each in stored:
        fact = each.event.data
        if isinstance(fact, RiskAssessed) and fact.outcome == "screened":
            found[fact.message] = _assessed(each.event.id, each.event.time, fact)
    for each in sorted(stored, key=lambda each: (each.event.time, each.event.id)):
        fact = each.event.data
        if isinstance(fact, RiskReassessed):
            found[fact.message] = _reassessed(each.event.time, fact, found.get(fact.message))
    for message, ruling in rulings(stored).items():
        found[message] = _ruled(message, ruling, found.get(message))
    return sorted(found.values(), key=lambda verdict: (verdict.at, verdict.id))


class Ruling(msgspec.Struct, frozen=True, kw_only=True):
    """What a clinician said of a message: the level it really has, none for a false alarm."""

    id: str
    at: datetime
    level: Level
    category: Category | None = None


def rulings(stored: Sequence[Stored[Fact]]) -> dict[str, Ruling]:
    """Clinicians' last words on messages."""
    messages: dict[str, set[str]] = {}
    for each in stored:
        fact = each.event.data
        if isinstance(fact, AlertRaised) and fact.reason in OF_WORDS:
            messages[each.event.id] = {fact.message}
    for each in stored:
        fact = each.event.data
        if isinstance(fact, AlertMerged) and fact.into in messages:
            messages[fact.into] |= messages.get(fact.alert, set())
    said: dict[str, Ruling] = {}
    for each in sorted(stored, key=lambda each: each.sequence):
        by, at = each.event.id, each.event.time
        match each.event.data:
            case AlertCorrected(message=message, level=level, category=category):
                said[message] = Ruling(id=by, at=at, level=Level(level), category=category)
            case AlertResolved(alert=alert, disposition="false_alarm"):
                said.update(dict.fromkeys(messages.get(alert, ()), Ruling(id=by, at=at, level=Level.NONE)))
            case AlertReopened(alert=alert):
                for message in messages.get(alert, ()):
                    said.pop(message, None)
    return said


def _assessed(verdict: str, at: datetime, fact: RiskAssessed) -> Verdict:
    level = Level(fact.level)
    asserted = max((Level(finding.level) for finding in fact.findings), default=Level.NONE) if fact.raised_by else level
    return Verdict(
        id=verdict,
        message=fact.message,
        at=at,
        level=level,
        asserted=min(asserted, level),
        category=fact.category,
        subject=fact.subject,
    )


def _reassessed(at: datetime, fact: RiskReassessed, first: Verdict | None) -> Verdict:
    """A second look raises, and counts from its own time; an earlier verdict that is graver stays what it is."""
    level = Level(fact.level)
    if first is not None and first.level >= level:
        return first
    return Verdict(
        id=fact.assessment,
        message=fact.message,
        at=at,
        level=level,
        asserted=level,
        category=fact.category,
        subject=fact.subject,
    )


def _ruled(message: str, ruling: Ruling, judged: Verdict | None) -> Verdict:
    """A clinician's word replaces the verdict; what is graver than we thought counts from when they said so."""
    graver = judged is None or ruling.level > judged.level
    return Verdict(
        id=judged.id if judged else ruling.id,
        message=message,
        at=ruling.at if judged is None or graver else judged.at,
        level=ruling.level,
        asserted=ruling.level,
        category=ruling.category or (judged.category if judged else "other"),
        subject=judged.subject if judged else "self",
    )
