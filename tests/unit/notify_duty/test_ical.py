"""The calendar, read back by a parser."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from icalendar import Calendar

from namjai.notify.domain.ical import Duty, calendar

NOW = datetime(2026, 1, 5, 2, tzinfo=UTC)
DUTIES = [
    Duty("nights, west; old", "พลอย", NOW, NOW + timedelta(hours=8)),
    Duty("days", "dao", NOW, NOW + timedelta(1)),
]


def test_each_duty_is_an_event_with_its_times() -> None:
    text = calendar("On call", DUTIES, NOW)
    events = Calendar.from_ical(text).events
    assert [str(event["SUMMARY"]) for event in events] == ["พลอย on call (nights, west; old)", "dao on call (days)"]
    assert [(event.start, event.end) for event in events] == [(duty.start, duty.end) for duty in DUTIES]


def test_the_same_duty_keeps_its_uid_and_two_duties_have_two() -> None:
    first = Calendar.from_ical(calendar("On call", DUTIES, NOW)).events
    second = Calendar.from_ical(calendar("On call", DUTIES, NOW + timedelta(days=1))).events
    assert [event["UID"] for event in first] == [event["UID"] for event in second]
    assert first[0]["UID"] != first[1]["UID"]


def test_the_form_is_that_of_rfc_5545() -> None:
    lines = calendar("On call", DUTIES, NOW).split("\r\n")
    assert lines[0] == "BEGIN:VCALENDAR"
    assert lines[-2:] == ["END:VCALENDAR", ""]
    assert "VERSION:2.0" in lines
    assert all(len(line.encode()) <= 75 for line in lines)
    assert sum(line.startswith("DTSTAMP") for line in lines) == 2


def test_nobodys_calendar_is_empty_and_well_formed() -> None:
    assert Calendar.from_ical(calendar("On call", [], NOW)).events == []
