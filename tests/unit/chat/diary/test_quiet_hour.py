"""The hour at which somebody is reminded: learned from when they write, or named in their own words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from namjai.chat.skills.diary.quiet import EARLIEST, LATEST, USUAL, named_hour, quiet_hour

BANGKOK = ZoneInfo("Asia/Bangkok")
ZONES = [BANGKOK, ZoneInfo("America/New_York"), ZoneInfo("Europe/London")]
START = datetime(2026, 2, 20, tzinfo=UTC)

moments = st.lists(st.integers(0, 60 * 24 * 30).map(lambda minutes: START + timedelta(minutes=minutes)), max_size=60)


def wrote(*hours: int, days: int = 10) -> list[datetime]:
    """These local hours on so many days."""
    return [datetime(2026, 3, 1 + day, hour, 17, tzinfo=BANGKOK) for day in range(days) for hour in hours]


@given(moments, st.sampled_from(ZONES), st.randoms())
def test_it_is_always_a_decent_hour_and_the_same_in_any_order(
    times: list[datetime], zone: ZoneInfo, chance: object
) -> None:
    hour = quiet_hour(times, zone)
    assert EARLIEST <= hour <= LATEST
    chance.shuffle(times)  # type: ignore[attr-defined]
    assert quiet_hour([*times, *times], zone) == hour


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        ([], USUAL),
        (wrote(20, days=2), USUAL),  # too little to learn from
        (wrote(20), 19),  # beside the hour they write in, and before it
        (wrote(19, 20), 18),
        (wrote(18, 19, 20), 17),
        (wrote(20, 21), 19),
        (wrote(22, 23), 21),  # late people are asked late, but not later than nine
        (wrote(13), 12),  # never in the evening: near their usual day
        (wrote(2), EARLIEST),
        (wrote(*range(8, 22)), 19),  # always in the middle of something: then the middle of the evening
    ],
)
def test_it_is_near_their_evening_and_not_in_the_middle_of_a_talk(times: list[datetime], expected: int) -> None:
    assert quiet_hour(times, BANGKOK) == expected


def test_days_count_and_not_messages() -> None:
    one_night = [datetime(2026, 3, 2, 21, minute, tzinfo=BANGKOK) for minute in range(60)]
    assert quiet_hour([*one_night, *wrote(19)], BANGKOK) == quiet_hour(wrote(19), BANGKOK)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("20", 20), ("8 pm", 20), ("8pm", 20), ("at 20:30", 20), ("12 am", 0), ("12 p.m.", 12), ("9", 9), ("noon", 12),
        ("สองทุ่ม", 20), ("ตอน 21.00 น.", 21), ("ราว 8 โมง", 8), ("๑๙", 19), ("เที่ยง", 12),
        ("晚上八點", 20), ("下午三點", 15), ("早上十點", 10), ("晚上十一點", 23), ("20點", 20), ("中午", 12),
        ("24", None), ("8:75", None), ("to call my mother", None), ("why I stopped", None), ("", None), ("7 ago", None),
    ],
)  # fmt: skip
def test_an_hour_in_peoples_own_words(said: str, expected: int | None) -> None:
    assert named_hour(said) == expected
