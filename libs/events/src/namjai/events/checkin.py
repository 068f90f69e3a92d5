"""Check-ins: rulers from 0 to 10, and whether something was used."""

from __future__ import annotations

from typing import ClassVar, Literal

from namjai.events.envelope import Fact
from namjai.events.sealed import Sealed


class CheckInRecorded(Fact, frozen=True, kw_only=True):
    """One check-in; what was not answered is None, never 0."""

    TYPE: ClassVar[str] = "checkin.recorded.v1"
    craving: int | None = None
    """0 none … 10 the strongest there is."""
    mood: int | None = None
    """0 the worst … 10 the best."""
    used: bool | None = None
    readiness: int | None = None
    importance: int | None = None
    confidence: int | None = None
    note: Sealed[str] | None = None
    """The person's own words about the day. Risk has screened them as the message that they came in."""


class RemindersSet(Fact, frozen=True, kw_only=True):
    """The person asked for reminders, moved them, or stopped them."""

    TYPE: ClassVar[str] = "checkin.reminders_set.v1"
    on: bool
    hour: int | None = None
    """Local hour, 0 to 23; None: the quiet hour that we learn from when they write."""
    by: Literal["person", "bot"] = "person"
    """The bot itself stops them after many that were not answered."""


class ReminderDue(Fact, frozen=True, kw_only=True):
    """Time to ask how the day was."""

    TYPE: ClassVar[str] = "checkin.reminder_due.v1"
    number: int
    """How many have come since the last answer."""


FACTS = (CheckInRecorded, RemindersSet, ReminderDue)
