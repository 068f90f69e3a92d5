"""Telling a clinician, and proof that it was done."""

from __future__ import annotations

from typing import ClassVar, Literal

from namjai.events.envelope import Fact
from namjai.events.risk import Category, Level


class AlertRaised(Fact, frozen=True, kw_only=True):
    """A person must look. Alerts with the same merge key are one while they are open."""

    TYPE: ClassVar[str] = "alert.raised.v1"
    level: Level
    category: Category
    merge_key: str
    message: str
    reason: Literal["finding", "unscreened"] = "finding"


class AlertNotified(Fact, frozen=True, kw_only=True):
    """One staff member was told over one channel (the channel accepted it)."""

    TYPE: ClassVar[str] = "alert.notified.v1"
    alert: str
    step: int
    staff: str
    channel: Literal["line", "email", "webhook"]
    level: Level


class AlertNotifyFailed(Fact, frozen=True, kw_only=True):
    """One channel did not take it; the others were tried."""

    TYPE: ClassVar[str] = "alert.notify_failed.v1"
    alert: str
    step: int
    staff: str
    channel: Literal["line", "email", "webhook", "none"]
    reason: str


class AlertMerged(Fact, frozen=True, kw_only=True):
    """A repeat at the same or a lower level: counted on the open alert, nobody is told twice."""

    TYPE: ClassVar[str] = "alert.merged.v1"
    alert: str
    into: str


FACTS = (AlertRaised, AlertNotified, AlertNotifyFailed, AlertMerged)
