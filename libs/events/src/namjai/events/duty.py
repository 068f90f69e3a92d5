"""Who is on call: what staff changed by hand, and whether anybody watches at all. About nobody in particular."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from namjai.events.envelope import Fact


class OverrideSet(Fact, frozen=True, kw_only=True):
    """Somebody else is on call in a schedule for a while. Its id is the event's id; the newest override wins.

    With `instead_of` it replaces only that person, where the schedule has several at once; a swap is two of these.
    """

    TYPE: ClassVar[str] = "duty.override_set.v1"
    schedule: str
    staff: str
    start: datetime
    end: datetime
    by: str
    instead_of: str | None = None


class OverrideCancelled(Fact, frozen=True, kw_only=True):
    """The override with this id holds no longer."""

    TYPE: ClassVar[str] = "duty.override_cancelled.v1"
    override: str
    by: str


class WatchChanged(Fact, frozen=True, kw_only=True):
    """Whether somebody is on call now: what people in danger are told of it must be true."""

    TYPE: ClassVar[str] = "duty.watch_changed.v1"
    watched: bool
    until: datetime | None = None
    """When that will change, as far as is known."""


FACTS = (OverrideSet, OverrideCancelled, WatchChanged)
