"""Check-ins: rulers from 0 to 10, and whether something was used."""

from __future__ import annotations

from typing import ClassVar

from namjai.events.envelope import Fact


class CheckInRecorded(Fact, frozen=True, kw_only=True):
    """One check-in; what was not answered is None, never 0."""

    TYPE: ClassVar[str] = "checkin.recorded.v1"
    craving: int | None = None
    """0 none … 10 the strongest there is."""
    mood: int | None = None
    """0 the worst … 10 the best."""
    used: bool | None = None


FACTS = (CheckInRecorded,)
