"""Streaks and badges: whatever the order of the facts, the zone and its clocks, gaps and lapses."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from namjai.chat.skills.diary.badges import RUNS, Deeds, earned, following
from namjai.chat.skills.diary.days import (
    DAY_ENDS,
    Day,
    Entry,
    Streak,
    average,
    day_of,
    days,
    entry,
    in_order,
    last_days,
    streak,
)
from namjai.events import Sealed
from namjai.events.checkin import CheckInRecorded

ZONES = [
    ZoneInfo(name) for name in ("Asia/Bangkok", "Asia/Taipei", "America/New_York", "Europe/London", "Pacific/Apia")
]
NO_DEEDS = Deeds()
BANGKOK = ZONES[0]
START = datetime(2025, 10, 1, tzinfo=UTC)
"""Half a year from here covers the change of clocks both ways, north and south."""

moments = st.integers(0, 60 * 24 * 200).map(lambda minutes: START + timedelta(minutes=minutes))
answers = st.one_of(st.none(), st.booleans())
zones = st.sampled_from(ZONES)


@st.composite
def diaries(draw: Callable[..., list[tuple[datetime, bool | None, int | None]]]) -> list[Entry]:
    said = draw(st.lists(st.tuples(moments, answers, st.one_of(st.none(), st.integers(0, 10))), max_size=40))
    return [Entry(at, f"e{n}", craving=craving, used=used) for n, (at, used, craving) in enumerate(said)]


def daily(*used: bool | None, begin: date = date(2026, 1, 1)) -> list[Entry]:
    """One check-in a day at eight in the evening, in Bangkok."""
    at = datetime(begin.year, begin.month, begin.day, 13, tzinfo=UTC)
    return [Entry(at + timedelta(days=n), f"d{n}", used=each) for n, each in enumerate(used)]


@given(diaries(), zones, st.randoms())
def test_the_order_in_which_facts_are_read_changes_nothing(said: list[Entry], zone: ZoneInfo, chance: object) -> None:
    shuffled = [*said, *said[:3]]
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert days(said, zone) == days(shuffled, zone)
    assert streak(days(said, zone)) == streak(days(shuffled, zone))
    assert earned(said, zone, NO_DEEDS) == earned(shuffled, zone, NO_DEEDS)


@given(diaries(), zones)
def test_a_streak_is_counted_as_one_would_by_hand(said: list[Entry], zone: ZoneInfo) -> None:
    known = [(day, of.used) for day, of in sorted(days(said, zone).items()) if of.used is not None]
    runs = "".join("-" if used else "+" for _, used in known).split("-")
    assert streak(dict(days(said, zone))) == Streak(
        current=len(runs[-1]), longest=max(map(len, runs)), total=sum(map(len, runs))
    )


@given(diaries(), zones, moments)
def test_a_day_on_which_nobody_knows_neither_breaks_nor_counts(said: list[Entry], zone: ZoneInfo, at: datetime) -> None:
    more = [*said, Entry(at, "unknown", craving=5)]
    assert streak(days(said, zone)) == streak(days(more, zone))


@given(diaries(), zones)
def test_no_badge_is_ever_taken_away(said: list[Entry], zone: ZoneInfo) -> None:
    ordered = in_order(said)
    grown = [set(earned(ordered[:n], zone, NO_DEEDS)) for n in range(len(ordered) + 1)]
    assert all(before <= after for before, after in pairwise(grown))


@given(diaries(), zones)
def test_badges_for_days_are_those_of_the_longest_streak_or_more(said: list[Entry], zone: ZoneInfo) -> None:
    have, longest = earned(said, zone, NO_DEEDS), streak(days(said, zone)).longest
    assert {badge for badge, need in RUNS.items() if longest >= need} <= set(have)
    assert ("first" in have) == bool(said)
    assert ("ten" in have) == (len(said) >= 10)


@given(diaries(), zones)
def test_the_next_badge_is_not_there_yet_and_can_be_reached(said: list[Entry], zone: ZoneInfo) -> None:
    have = earned(said, zone, NO_DEEDS)
    found = following(said, zone, have)
    assert found is not None
    assert found.badge not in have
    assert 0 <= found.have < found.need


@given(moments, zones)
def test_every_moment_has_one_day_and_days_come_in_order(at: datetime, zone: ZoneInfo) -> None:
    later = at + timedelta(hours=26)
    assert day_of(at, zone) < day_of(later, zone)
    assert day_of(at, zone) == day_of(at.astimezone(ZoneInfo("Asia/Tokyo")), zone)
    local = at.astimezone(zone)
    assert day_of(at, zone) == (local.date() if local.hour >= 4 else local.date() - timedelta(days=1))


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (datetime(2026, 3, 4, 16, 59, tzinfo=UTC), date(2026, 3, 4)),  # 23:59 in Bangkok
        (datetime(2026, 3, 4, 17, 30, tzinfo=UTC), date(2026, 3, 4)),  # half past midnight: the evening before
        (datetime(2026, 3, 4, 20, 59, tzinfo=UTC), date(2026, 3, 4)),
        (datetime(2026, 3, 4, 21, 0, tzinfo=UTC), date(2026, 3, 5)),  # four in the morning
    ],
)
def test_a_day_ends_at_four_in_the_morning(at: datetime, expected: date) -> None:
    assert timedelta(hours=4) == DAY_ENDS
    assert day_of(at, BANGKOK) == expected


def test_clocks_that_change_neither_lose_a_day_nor_count_one_twice() -> None:
    zone = ZoneInfo("Europe/London")
    evenings = [datetime(2026, 3, day, 20, tzinfo=zone) for day in range(25, 32)]
    said = [Entry(at, str(n), used=False) for n, at in enumerate(evenings)]
    assert streak(days(said, zone)) == Streak(7, 7, 7)


def test_the_last_answer_of_a_day_counts_and_skipping_takes_none_back() -> None:
    at = datetime(2026, 3, 4, 3, tzinfo=UTC)
    said = [
        Entry(at, "a", craving=8, mood=3, used=True),
        Entry(at + timedelta(hours=2), "b", craving=2),
        Entry(at + timedelta(hours=9), "c", used=False),
    ]
    assert days(said, BANGKOK) == {date(2026, 3, 4): Day(craving=2, mood=3, used=False)}


def test_a_lapse_begins_anew_and_leaves_what_was_there() -> None:
    said = daily(*[False] * 12, True, False, False)
    assert streak(days(said, BANGKOK)) == Streak(current=2, longest=12, total=14)
    assert set(earned(said, BANGKOK, NO_DEEDS)) == {"first", "ten", "days_3", "days_7", "came_back"}


def test_coming_back_is_a_day_without_use_on_a_later_day() -> None:
    for used, expected in (((True,), False), ((True, True), False), ((True, None), False), ((True, None, False), True)):
        assert ("came_back" in earned(daily(*used), BANGKOK, NO_DEEDS)) is expected
    corrected = [*daily(True), Entry(daily(True)[0].at + timedelta(hours=1), "x", used=False)]
    assert "came_back" not in earned(corrected, BANGKOK, NO_DEEDS)


def test_gaps_do_not_end_a_streak() -> None:
    said = [*daily(False, False), *daily(False, begin=date(2026, 2, 20))]
    said = [Entry(each.at, f"{n}", used=each.used) for n, each in enumerate(said)]
    assert streak(days(said, BANGKOK)).current == 3


@pytest.mark.parametrize(("badge", "need"), RUNS.items())
def test_a_badge_comes_on_its_very_day(badge: str, need: int) -> None:
    assert badge not in earned(daily(*[False] * (need - 1)), BANGKOK, NO_DEEDS)
    assert badge in earned(daily(*[False] * need), BANGKOK, NO_DEEDS)


def test_after_a_year_and_all_else_there_is_no_next_badge() -> None:
    said = daily(*[False] * 365)
    have = earned(said, BANGKOK, Deeds(practised=True, reached_out=True))
    assert following(said, BANGKOK, have) is None
    assert {"practised", "reached_out", "days_365"} <= set(have)


def test_a_ruler_of_another_talk_is_no_check_in() -> None:
    at = datetime(2026, 3, 4, tzinfo=UTC)
    assert entry(CheckInRecorded(readiness=7, importance=8), at, "a") is None
    assert entry(CheckInRecorded(note=Sealed("  ")), at, "a") is None
    assert entry(CheckInRecorded(craving=0), at, "a") == Entry(at, "a", craving=0)
    assert entry(CheckInRecorded(note=Sealed("long day")), at, "a") == Entry(at, "a", note="long day")


def test_what_is_not_known_is_no_zero() -> None:
    assert average([None, 4, None, 6]) == 5.0
    assert average([None]) is None
    window = last_days(days(daily(False), BANGKOK), date(2026, 1, 3), 7)
    assert [day for _, day in window] == [None] * 4 + [Day(used=False), None, None]
    assert window[-1][0] == date(2026, 1, 3)
