"""Turns findings and a person's recent past into one verdict, and says whether a clinician must be told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from namjai.risk.domain.model import Alert, Assessment, Finding, Level, Past
from namjai.risk.domain.policy import Policy
from namjai.risk.domain.screen import screen

RECENT_HIGH_S = 72 * 3600
REPEAT_WINDOW_S = 24 * 3600
REPEATS_MIN = 3
"""The third medium message of a day counts as high."""


class Classifier(Protocol):
    """A second reader that may find more than the rules did. What it returns is graver than all `findings`."""

    def finding(self, text: str, findings: Sequence[Finding], policy: Policy) -> Finding | None: ...


def assess(text: str, history: Sequence[Past], policy: Policy, classifier: Classifier | None = None) -> Assessment:
    """The verdict on one message. History raises it, by one step at most and never to crisis; it never lowers."""
    findings = screen(text, policy)
    if classifier is not None and (graver := classifier.finding(text, findings, policy)) is not None:
        findings = (graver, *findings)
    gravest = next((f for f in findings if f.level > Level.NONE), None)
    if gravest is None:
        return Assessment(level=Level.NONE, policy=policy.version, findings=findings)
    level, raised_by = _raise(gravest, history)
    return Assessment(
        level=level,
        category=gravest.category,
        subject=gravest.subject,
        cssrs_item=gravest.cssrs_item,
        policy=policy.version,
        findings=findings,
        raised_by=raised_by,
    )


def alarm(assessment: Assessment) -> Alert | None:
    """The alert that is due, if one is: medium goes to the inbox, high and crisis call someone."""
    if assessment.level < Level.MEDIUM:
        return None
    return Alert(level=assessment.level, category=assessment.category, merge_key=assessment.category)


def _raise(finding: Finding, history: Sequence[Past]) -> tuple[Level, tuple[str, ...]]:
    """Only what the person says of themselves is raised by their own past."""
    level = finding.level
    if finding.subject == "other" or finding.polarity == "negated" or not Level.LOW <= level <= Level.MEDIUM:
        return level, ()
    if level == Level.LOW and finding.category not in ("suicide", "self_harm"):
        return level, ()  # a milestone after a bad day is good news
    reasons = []
    if any(past.level >= Level.HIGH and past.age_s <= RECENT_HIGH_S for past in history):
        reasons.append("recent_high_72h")
    repeats = [
        p for p in history if p.level >= Level.MEDIUM and p.category == finding.category and p.age_s <= REPEAT_WINDOW_S
    ]
    if level == Level.MEDIUM and len(repeats) >= REPEATS_MIN - 1:
        reasons.append("repeats_24h")
    raised = {Level.LOW: Level.MEDIUM, Level.MEDIUM: Level.HIGH}
    return (raised[level] if reasons else level), tuple(reasons)
