"""An answer about death is judged where it is given; a check-in is a note, never an alarm."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from namjai.events.checkin import CheckInRecorded
from namjai.events.instrument import InstrumentAnswered
from namjai.risk.domain.answers import judge_answer, judge_checkin
from namjai.risk.domain.assess import alarm
from namjai.risk.domain.context import WORST, Context
from namjai.risk.domain.model import Level


def answer(instrument: str, item: int, value: int, *, about_death: bool = True) -> InstrumentAnswered:
    return InstrumentAnswered(instrument=instrument, version="1", item=item, value=value, about_death=about_death)


@pytest.mark.parametrize(
    ("instrument", "item", "value", "level"),
    [
        ("phq-9", 9, 1, "medium"),
        ("phq-9", 9, 2, "medium"),
        ("phq-9", 9, 3, "high"),
        ("asq", 1, 1, "medium"),
        ("asq", 4, 1, "medium"),
        ("asq", 5, 1, "high"),
        ("bsrs-5", 6, 2, "medium"),
        ("bsrs-5", 6, 4, "high"),
        ("c-ssrs", 1, 1, "medium"),
        ("c-ssrs", 2, 1, "high"),
        ("c-ssrs", 5, 1, "crisis"),
        ("not-known-to-us", 3, 1, "medium"),
    ],
)
def test_an_item_about_death_has_the_level_of_its_answer(instrument: str, item: int, value: int, level: str) -> None:
    verdict = judge_answer(answer(instrument, item, value))
    assert verdict is not None
    assert (verdict.level, verdict.category, verdict.subject) == (level, "suicide", "self")
    assert alarm(verdict) is not None


def test_no_is_no_and_other_items_are_not_ours() -> None:
    assert judge_answer(answer("phq-9", 9, 0)) is None
    assert judge_answer(answer("phq-9", 1, 3, about_death=False)) is None


def test_a_low_mood_a_lapse_and_a_strong_craving_are_noted() -> None:
    falling = Context(mood_falling=True)
    noted = [
        judge_checkin(CheckInRecorded(mood=1), Context()),
        judge_checkin(CheckInRecorded(mood=3), falling),
        judge_checkin(CheckInRecorded(used=True), Context()),
        judge_checkin(CheckInRecorded(craving=8), Context()),
    ]
    assert [(v.level, v.category, v.policy) for v in noted if v] == [
        ("low", "other", "checkin-1"),
        ("low", "other", "checkin-1"),
        ("low", "relapse", "checkin-1"),
        ("low", "relapse", "checkin-1"),
    ]


def test_an_ordinary_check_in_means_nothing_more() -> None:
    assert judge_checkin(CheckInRecorded(craving=7, mood=3, used=False), Context()) is None
    assert judge_checkin(CheckInRecorded(), WORST) is None


@given(st.none() | st.integers(0, 10), st.none() | st.integers(0, 10), st.none() | st.booleans())
def test_no_check_in_calls_anybody(mood: int | None, craving: int | None, used: bool | None) -> None:
    verdict = judge_checkin(CheckInRecorded(mood=mood, craving=craving, used=used), WORST)
    assert verdict is None or (verdict.level == Level.LOW and alarm(verdict) is None)
