"""Times as people type them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import typer

from namjai.devkit.commands.times import duration, moment, readable

BANGKOK, LONDON = ZoneInfo("Asia/Bangkok"), ZoneInfo("Europe/London")
NOW = datetime(2026, 5, 1, 3, 4, tzinfo=UTC)  # 10:04 in Bangkok


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("now", "2026-05-01T03:04"),
        ("20:00", "2026-05-01T13:00"),
        ("8:00", "2026-05-01T01:00"),
        ("2026-05-02T20:00", "2026-05-02T13:00"),
        ("2026-05-02 20:00", "2026-05-02T13:00"),
        ("2026-05-02", "2026-05-01T17:00"),
        ("2026-05-02T20:00+02:00", "2026-05-02T18:00"),
        ("2026-05-02T20:00Z", "2026-05-02T20:00"),
    ],
)
def test_a_time_is_meant_in_the_schedules_zone_unless_it_says_its_own(text: str, expected: str) -> None:
    assert moment(text, BANGKOK, NOW) == datetime.fromisoformat(expected).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "hours"), [("8h", 8), ("1d12h", 36), ("90m", 1.5), ("20:00", 9.9333), ("08:00", 21.9333), ("10:04", 24)]
)
def test_an_end_is_a_length_or_the_next_such_hour(text: str, hours: float) -> None:
    found = moment(text, BANGKOK, NOW, after=NOW)
    assert (found - NOW).total_seconds() / 3600 == pytest.approx(hours, abs=0.001)


def test_the_next_hour_is_that_on_the_wall_when_the_clocks_change() -> None:
    start = moment("2026-10-24T20:00", LONDON, NOW)
    assert moment("08:00", LONDON, NOW, after=start) - start == timedelta(hours=13)


@pytest.mark.parametrize("text", ["soon", "25:00", "8h", "", "2026-13-01", "-8h"])
def test_what_is_no_time_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(typer.BadParameter, match="write now, 20:00"):
        moment(text, BANGKOK, NOW)


@pytest.mark.parametrize("text", ["", "h", "8", "8h30", "1h1d"])
def test_what_is_no_length_is_none(text: str) -> None:
    assert duration(text) is None


def test_a_time_is_shown_with_weekday_and_zone() -> None:
    assert readable(NOW, BANGKOK) == "Fri 01 May 2026 10:04 +07"
    assert readable(NOW, LONDON) == "Fri 01 May 2026 04:04 BST"
