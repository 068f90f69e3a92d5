"""Schedules: expected times were worked out by hand from each zone's rules; the rest holds for any schedule at all."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise, permutations
from time import perf_counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from namjai.notify.domain.schedule import (
    PERIOD_DAYS_MAX,
    WEEKDAYS,
    Hours,
    Layer,
    Override,
    Schedule,
    Segment,
    gaps,
    not_a_swap,
    on_call,
    segments,
)

PEOPLE = ("ploy", "dao", "nok", "mint")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def schedule(timezone: str, *layers: dict[str, Any]) -> Schedule:
    return Schedule.model_validate({"timezone": timezone, "layers": layers})


def table(found: Sequence[Segment]) -> list[tuple[str, str]]:
    return [(f"{each.start:%m-%d %H:%M}", "+".join(each.people)) for each in found]


WEEKLY: dict[str, Any] = {"people": ["ploy", "dao"], "start": "2026-03-16"}


def test_a_weekly_hand_over_at_nine_stays_at_nine_when_london_puts_its_clocks_forward() -> None:
    found = segments(schedule("Europe/London", WEEKLY), utc("2026-03-16 00:00"), utc("2026-04-14 00:00"))
    assert table(found) == [
        ("03-16 00:00", ""),
        ("03-16 09:00", "ploy"),
        ("03-23 09:00", "dao"),
        ("03-30 08:00", "ploy"),
        ("04-06 08:00", "dao"),
        ("04-13 08:00", "ploy"),
    ]
    assert found[2].length == timedelta(days=7) - timedelta(hours=1)


def test_and_when_it_puts_them_back() -> None:
    found = segments(schedule("Europe/London", WEEKLY), utc("2026-10-19 08:00"), utc("2026-11-02 09:00"))
    assert table(found) == [("10-19 08:00", "dao"), ("10-26 09:00", "ploy")]
    assert found[0].length == timedelta(days=7, hours=1)


@pytest.mark.parametrize(("zone", "at"), [("Asia/Bangkok", "03-16 02:00"), ("Asia/Taipei", "03-16 01:00")])
def test_zones_without_summer_time_are_simply_ahead(zone: str, at: str) -> None:
    found = segments(schedule(zone, WEEKLY), utc("2026-03-16 00:00"), utc("2026-03-20 00:00"))
    assert table(found) == [("03-16 00:00", ""), (at, "ploy")]


@pytest.mark.parametrize(
    ("start", "end", "around", "expected"),
    [
        # New York, 8 March 2026: 02:00 EST is 03:00 EDT. 00:30 is 05:30 UTC, 03:30 is 07:30 UTC: two hours, not three.
        ("00:30", "03:30", "2026-03-08 04:00", ("03-08 05:30", "03-08 07:30")),
        # The leap swallows these hours: 02:30 counts as EST (07:30 UTC), 03:10 EDT was before it.
        ("02:30", "03:10", "2026-03-08 04:00", None),
        # 1 November 2026: 02:00 EDT is 01:00 EST. 00:30 is 04:30 UTC, 03:30 is 08:30 UTC: four hours, not three.
        ("00:30", "03:30", "2026-11-01 04:00", ("11-01 04:30", "11-01 08:30")),
        # 01:30 comes twice, at 05:30 and 06:30 UTC; the first is meant at both ends.
        ("01:30", "03:00", "2026-11-01 04:00", ("11-01 05:30", "11-01 08:00")),
        ("00:30", "01:30", "2026-11-01 04:00", ("11-01 04:30", "11-01 05:30")),
    ],
)
def test_hours_across_a_change_of_clocks(start: str, end: str, around: str, expected: tuple[str, str] | None) -> None:
    layer = {"people": ["ploy"], "start": "2026-01-01", "only": [{"start": start, "end": end}]}
    begin = utc(around)
    found = segments(schedule("America/New_York", layer), begin, begin + timedelta(hours=6))
    spans = [(f"{each.start:%m-%d %H:%M}", f"{each.end:%m-%d %H:%M}") for each in found if each.people]
    assert spans == ([expected] if expected else [])


def test_a_hand_over_that_the_clock_leaps_over_comes_by_the_offset_before() -> None:
    daily = {"people": ["ploy", "dao"], "start": "2026-03-06", "turn_days": 1, "hand_over": "02:30"}
    found = segments(schedule("America/New_York", daily), utc("2026-03-07 07:30"), utc("2026-03-09 12:00"))
    assert table(found) == [("03-07 07:30", "dao"), ("03-08 07:30", "ploy"), ("03-09 06:30", "dao")]


def test_a_midnight_that_does_not_exist_still_hands_over() -> None:
    # Cairo, 24 April 2026: 00:00 is 01:00. EET is two hours ahead of UTC, EEST three.
    daily = {"people": ["ploy", "dao"], "start": "2026-04-22", "turn_days": 1, "hand_over": "00:00"}
    found = segments(schedule("Africa/Cairo", daily), utc("2026-04-22 22:00"), utc("2026-04-25 00:00"))
    assert table(found) == [("04-22 22:00", "dao"), ("04-23 22:00", "ploy"), ("04-24 21:00", "dao")]


def test_a_hand_over_holds_when_the_clock_goes_back_to_the_day_before() -> None:
    # St John's, 7 November 2010: 00:01 NDT (02:31 UTC) is 23:01 NST of the day before.
    daily = {"people": ["ploy", "dao"], "start": "2010-11-05", "turn_days": 1, "hand_over": "00:00"}
    found = segments(schedule("America/St_Johns", daily), utc("2010-11-06 02:30"), utc("2010-11-08 12:00"))
    assert table(found) == [("11-06 02:30", "dao"), ("11-07 02:30", "ploy"), ("11-08 03:30", "dao")]
    assert on_call(schedule("America/St_Johns", daily), utc("2010-11-07 02:45")) == ("ploy",)


def test_a_first_turn_is_shorter_where_the_weekday_of_the_hand_over_is_another() -> None:
    friday = {"people": ["ploy", "dao"], "start": "2026-01-07", "hand_over_day": "fri", "hand_over": "17:00"}
    found = segments(schedule("Asia/Bangkok", friday), utc("2026-01-07 00:00"), utc("2026-01-17 00:00"))
    assert table(found) == [
        ("01-07 00:00", ""),
        ("01-07 10:00", "ploy"),
        ("01-09 10:00", "dao"),
        ("01-16 10:00", "ploy"),
    ]


def test_a_layer_ends_at_its_end() -> None:
    found = segments(
        schedule("Asia/Bangkok", {**WEEKLY, "end": "2026-03-18"}), utc("2026-03-17 00:00"), utc("2026-03-20 00:00")
    )
    assert table(found) == [("03-17 00:00", "ploy"), ("03-18 02:00", "")]


def test_the_later_layer_wins_where_both_cover_and_the_earlier_fills_the_rest() -> None:
    nights = {
        "people": ["nok"],
        "start": "2026-03-01",
        "only": [{"days": ["sat", "sun"], "start": "18:00", "end": "08:00"}],
    }
    found = segments(
        schedule("Asia/Bangkok", WEEKLY, nights), utc("2026-03-20 05:00"), utc("2026-03-23 05:00")
    )  # Bangkok is seven hours ahead: 18:00 is 11:00 UTC, 08:00 is 01:00 UTC
    assert table(found) == [
        ("03-20 05:00", "ploy"),
        ("03-21 11:00", "nok"),
        ("03-22 01:00", "ploy"),
        ("03-22 11:00", "nok"),
        ("03-23 01:00", "ploy"),
        ("03-23 02:00", "dao"),
    ]


def test_midnight_to_midnight_is_a_whole_day() -> None:
    layer = {"people": ["ploy"], "start": "2026-03-01", "only": [{"days": ["sat"], "start": "00:00", "end": "00:00"}]}
    found = gaps(schedule("Asia/Bangkok", layer), utc("2026-03-20 17:00"), utc("2026-03-21 18:00"))
    assert table(found) == [("03-21 17:00", "")]


def test_several_can_be_on_call_together() -> None:
    pair = schedule("Asia/Bangkok", {"people": [["ploy", "dao"], "nok"], "start": "2026-03-16"})
    at = utc("2026-03-17 00:00")
    assert on_call(pair, at) == ("ploy", "dao")
    stand_in = Override("o", "s", "mint", at, at + timedelta(hours=1), instead_of="dao")
    assert on_call(pair, at, [stand_in]) == ("ploy", "mint")
    assert on_call(pair, at, [Override("o", "s", "mint", at, at + timedelta(hours=1))]) == ("mint",)


def test_the_newest_override_wins() -> None:
    at = utc("2026-03-17 00:00")
    first = Override("1", "s", "nok", at, at + timedelta(hours=2))
    second = Override("2", "s", "mint", at + timedelta(hours=1), at + timedelta(hours=3))
    found = segments(schedule("Asia/Bangkok", WEEKLY), at, at + timedelta(hours=4), [first, second])
    assert [(each.people, each.length) for each in found] == [
        (("nok",), timedelta(hours=1)),
        (("mint",), timedelta(hours=2)),
        (("ploy",), timedelta(hours=1)),
    ]


def test_who_is_away_leaves_the_turn_to_the_layer_below() -> None:
    both = schedule("Asia/Bangkok", {**WEEKLY, "people": ["nok"]}, WEEKLY).without(frozenset({"ploy"}))
    assert on_call(both, utc("2026-03-17 00:00")) == ("nok",)
    assert on_call(both, utc("2026-03-24 00:00")) == ("dao",)


def test_thirty_days_take_milliseconds_and_a_period_without_end_is_refused() -> None:
    busy = [{**WEEKLY, "turn_days": 1, "only": [{"start": f"{n:02}:00", "end": f"{n + 8:02}:00"}]} for n in range(10)]
    start = utc("2026-03-17 00:00")
    stand_ins = [
        Override(str(n), "s", "mint", start + timedelta(hours=n), start + timedelta(hours=n + 1)) for n in range(50)
    ]
    begun = perf_counter()
    segments(schedule("Europe/London", *busy), start, start + timedelta(days=30), stand_ins)
    assert perf_counter() - begun < 1  # 30 ms on a quiet machine; one layer takes 1 ms
    with pytest.raises(ValueError, match="days at once"):
        segments(schedule("Europe/London", WEEKLY), start, start + timedelta(days=PERIOD_DAYS_MAX + 1))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"hand_over": 1080}, "in quotes"),
        ({"hand_over": "09:00+07:00"}, "no zone of its own"),
        ({"hand_over_day": "fri", "turn_days": 3}, "whole weeks"),
        ({"end": "2026-03-16"}, "after its start"),
        ({"people": []}, "at least 1"),
        ({"turn_day": 1}, "not permitted"),
    ],
)
def test_a_layer_that_makes_no_sense_is_refused(change: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        schedule("Asia/Bangkok", {**WEEKLY, **change})


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../etc/passwd"])
def test_an_unknown_zone_is_refused(zone: str) -> None:
    with pytest.raises(ValidationError, match="unknown time zone"):
        schedule(zone, WEEKLY)


def test_what_is_no_swap_says_why() -> None:
    rota = schedule("Asia/Bangkok", WEEKLY)
    monday, hour = utc("2026-03-17 00:00"), timedelta(hours=1)
    ploys = Override("", "s", "dao", monday, monday + hour, instead_of="ploy")
    daos = Override("", "s", "ploy", monday + 7 * timedelta(days=1), monday + 7 * timedelta(days=1) + hour, "dao")
    assert not_a_swap(rota, ploys, daos) is None
    wrong = Override("", "s", "ploy", monday + 2 * hour, monday + 3 * hour, instead_of="dao")
    assert not_a_swap(rota, ploys, wrong) == "dao is not on call all of that time"
    same = Override("", "s", "ploy", monday, monday + hour, instead_of="dao")
    assert not_a_swap(rota, ploys, same) == "the two times overlap"
    pair = schedule("Asia/Bangkok", {**WEEKLY, "people": [["ploy", "dao"]]})
    assert not_a_swap(pair, ploys, daos) == "dao is on call then already"


# ── for any schedule at all ──

ZONES = ("Asia/Bangkok", "Europe/London", "America/New_York", "Australia/Lord_Howe", "Africa/Cairo", "America/St_Johns")
instants = st.integers(0, 365 * 24 * 3600).map(lambda seconds: utc("2026-01-01 00:00") + timedelta(seconds=seconds))
clocks = st.builds(time, st.integers(0, 23), st.sampled_from([0, 1, 30, 59]))
hours = st.builds(
    Hours, days=st.lists(st.sampled_from(WEEKDAYS), min_size=1, unique=True).map(tuple), start=clocks, end=clocks
)
turns = st.lists(st.sampled_from(PEOPLE), min_size=1, max_size=2, unique=True).map(tuple)
layers = st.builds(
    Layer,
    people=st.lists(turns, min_size=1, max_size=4).map(tuple),
    start=st.dates(date(2025, 6, 1), date(2026, 6, 1)),
    turn_days=st.sampled_from([1, 2, 7, 14]),
    hand_over=clocks,
    only=st.lists(hours, max_size=2).map(tuple),
)
schedules = st.builds(
    Schedule, timezone=st.sampled_from(ZONES), layers=st.lists(layers, min_size=1, max_size=3).map(tuple)
)


@st.composite
def override(draw: st.DrawFn) -> Override:
    start = draw(instants)
    end = start + timedelta(minutes=draw(st.integers(1, 3_000)))
    return Override("o", "s", draw(st.sampled_from(PEOPLE)), start, end, draw(st.sampled_from([None, *PEOPLE])))


overrides = st.lists(override(), max_size=4)
days = st.integers(1, 40).map(lambda n: timedelta(days=n))


@given(schedules, instants, days, overrides)
@settings(max_examples=50, deadline=None)
def test_segments_tile_the_interval_and_neighbours_differ(
    rota: Schedule, start: datetime, length: timedelta, by_hand: list[Override]
) -> None:
    found = segments(rota, start, start + length, by_hand)
    assert found[0].start == start
    assert found[-1].end == start + length
    assert all(each.start < each.end for each in found)
    assert all(a.end == b.start and a.people != b.people for a, b in pairwise(found))
    assert gaps(rota, start, start + length, by_hand) == tuple(each for each in found if not each.people)


@given(schedules, instants, days, overrides, st.lists(st.floats(0, 0.999_999), min_size=1, max_size=20))
@settings(max_examples=50, deadline=None)
def test_a_segment_says_the_same_as_a_look_at_any_instant_of_it(
    rota: Schedule, start: datetime, length: timedelta, by_hand: list[Override], shares: list[float]
) -> None:
    found = segments(rota, start, start + length, by_hand)
    for at in (start + share * length for share in shares):
        [segment] = [each for each in found if each.start <= at < each.end]
        assert segment.people == on_call(rota, at, by_hand)


@given(schedules, override(), overrides, st.timedeltas(timedelta(days=-3), timedelta(days=3)))
@settings(max_examples=50, deadline=None)
def test_an_override_covers_exactly_its_time(
    rota: Schedule, newest: Override, earlier: list[Override], off: timedelta
) -> None:
    at = newest.start + off
    before, after = on_call(rota, at, earlier), on_call(rota, at, [*earlier, newest])
    if not newest.start <= at < newest.end:
        assert after == before
    elif newest.instead_of is None:
        assert after == (newest.staff,)
    else:
        assert newest.instead_of not in after or newest.instead_of == newest.staff
        assert (newest.staff in after) == (newest.staff in before or newest.instead_of in before) or (
            newest.staff == newest.instead_of
        )


taking_turns = st.builds(
    Layer,
    people=st.permutations(PEOPLE).map(lambda names: ((names[0], names[1]), *((name,) for name in names[2:]))),
    start=st.just(date(2025, 12, 1)),
    turn_days=st.sampled_from([1, 2, 3]),
    hand_over=clocks,
)
rotas = st.builds(Schedule, timezone=st.sampled_from(ZONES), layers=st.tuples(taking_turns))


@given(rotas, instants, overrides, st.data())
@settings(max_examples=50, deadline=None)
def test_a_swap_preserves_everybodys_hours(
    rota: Schedule, start: datetime, by_hand: list[Override], data: st.DataObject
) -> None:
    end = start + timedelta(days=14)
    before = segments(rota, start, end, by_hand)
    one, other, a, b = data.draw(
        st.sampled_from(
            [
                (one, other, a, b)
                for one, other in permutations(before, 2)
                for a in sorted(set(one.people) - set(other.people))
                for b in sorted(set(other.people) - set(one.people))
            ]
        )
    )
    length = min(one.length, other.length)
    first = Override("1", "s", b, one.start, one.start + length, instead_of=a)
    second = Override("2", "s", a, other.start, other.start + length, instead_of=b)
    assert not_a_swap(rota, first, second, by_hand) is None
    after = segments(rota, start, end, [*by_hand, first, second])
    assert hours_of(after) == hours_of(before)
    assert hours_of(segments(rota, one.start, one.start + length, [*by_hand, first, second]))[b] == length


def hours_of(found: Sequence[Segment]) -> dict[str, timedelta]:
    total: dict[str, timedelta] = {}
    for each in found:
        for person in each.people:
            total[person] = total.get(person, timedelta()) + each.length
    return total
