"""Turns findings and a person's recent past into one verdict, and says whether a clinician must be told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import msgspec

from namjai.risk.domain.context import Context, raise_by
from namjai.risk.domain.model import Alert, Assessment, Finding, Level
from namjai.risk.domain.policy import Policy
from namjai.risk.domain.screen import screen


class Classifier(Protocol):
    """A second reader that may find more than the rules did. What it returns is graver than all `findings`."""

    def finding(self, text: str, findings: Sequence[Finding], policy: Policy) -> Finding | None: ...


def assess(text: str, history: Context | tuple[()], policy: Policy, classifier: Classifier | None = None) -> Assessment:
    """The verdict on one message; `()` where nothing is known of the person's past."""
    findings = screen(text, policy)
    if classifier is not None and (graver := classifier.finding(text, findings, policy)) is not None:
        findings = (graver, *findings)
    alone = verdict(findings, policy.version)
    return in_context(alone, history) if history else alone


def verdict(findings: tuple[Finding, ...], policy: str) -> Assessment:
    """The highest finding rules; `findings` begin with it."""
    if not findings or findings[0].level == Level.NONE:
        return Assessment(level=Level.NONE, policy=policy, findings=findings)
    gravest = findings[0]
    return Assessment(
        level=gravest.level,
        category=gravest.category,
        subject=gravest.subject,
        cssrs_item=gravest.cssrs_item,
        policy=policy,
        findings=findings,
    )


def in_context(alone: Assessment, past: Context) -> Assessment:
    """The same verdict in the light of the past: raised by one step at most, never to crisis, and never lowered."""
    raised = [(*raise_by(past, finding), finding) for finding in alone.findings]
    level, reasons, finding = max(raised, key=lambda each: each[0], default=(Level.NONE, (), None))
    if finding is None or level <= alone.level:
        return alone
    return msgspec.structs.replace(
        alone,
        level=level,
        category=finding.category,
        subject=finding.subject,
        cssrs_item=finding.cssrs_item,
        raised_by=reasons,
    )


def alarm(assessment: Assessment) -> Alert | None:
    """The alert that is due, if one is: medium goes to the inbox, high and crisis call someone."""
    if assessment.level < Level.MEDIUM:
        return None
    return Alert(level=assessment.level, category=assessment.category, merge_key=assessment.category)
