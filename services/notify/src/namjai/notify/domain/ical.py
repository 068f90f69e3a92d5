"""Writes duty down as iCalendar (RFC 5545), so that it shows in the calendar on somebody's phone."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from icalendar import Calendar, Event

from namjai.events.envelope import NAMESPACE

REFRESH: Final = timedelta(hours=1)
PRODUCT: Final = "-//Namjai//on call//EN"


@dataclass(frozen=True)
class Duty:
    """One person is on call in one schedule for a while."""

    schedule: str
    person: str
    start: datetime
    end: datetime


def calendar(title: str, duties: Sequence[Duty], stamp: datetime) -> str:
    """The calendar as text. The same duty has the same UID each time, so that a calendar moves it instead of adding."""
    events = [
        Event.new(
            uid=uuid.uuid5(NAMESPACE, f"duty|{duty.schedule}|{duty.person}|{duty.start.isoformat()}"),
            stamp=stamp,
            start=duty.start,
            end=duty.end,
            summary=f"{duty.person} on call ({duty.schedule})",
        )
        for duty in duties
    ]
    made = Calendar.new(name=title, prodid=PRODUCT, refresh_interval=REFRESH, subcomponents=events)
    text: bytes = made.to_ical()
    return text.decode()
