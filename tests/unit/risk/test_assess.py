"""History raises a verdict and never lowers it; an alert is due from medium up."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from namjai.risk.domain.assess import alarm, assess
from namjai.risk.domain.model import Category, Level, Past
from namjai.risk.domain.policy import Policy
from namjai.risk.rules import load

HOUR_S = 3600.0
MESSAGES = ["สวัสดี", "ท้อแท้มาก", "อยากตาย", "i want to kill myself", "我決定今晚去跳樓", "60 days sober today!"]


def past(level: Level, age_h: float, category: Category = "suicide") -> Past:
    return Past(level=level, category=category, age_s=age_h * HOUR_S)


def test_levels_are_ordered() -> None:
    assert all(lower < higher and higher > lower for lower, higher in pairwise(Level))
    assert max(Level) == Level.CRISIS


def test_a_quiet_message_has_no_level_and_no_alert(policy: Policy) -> None:
    verdict = assess("สวัสดีค่ะ", (), policy)

    assert (verdict.level, verdict.findings, alarm(verdict)) == (Level.NONE, (), None)


def test_a_recent_high_raises_a_wish(policy: Policy) -> None:
    verdict = assess("อยากตาย", [past(Level.HIGH, 71)], policy)

    assert (verdict.level, verdict.raised_by) == (Level.HIGH, ("recent_high_72h",))


def test_a_high_of_last_week_raises_nothing(policy: Policy) -> None:
    assert assess("อยากตาย", [past(Level.HIGH, 73)], policy).level == Level.MEDIUM


def test_the_third_wish_of_a_day_counts_as_high(policy: Policy) -> None:
    verdict = assess("好想死", [past(Level.MEDIUM, 1), past(Level.MEDIUM, 20)], policy)

    assert (verdict.level, verdict.raised_by) == (Level.HIGH, ("repeats_24h",))


def test_a_milestone_after_a_bad_day_stays_good_news(policy: Policy) -> None:
    assert assess("60 days sober today!", [past(Level.CRISIS, 5)], policy).level == Level.LOW


def test_a_quiet_message_stays_quiet_whatever_came_before(policy: Policy) -> None:
    assert assess("ขอบคุณค่ะ", [past(Level.CRISIS, 1)] * 5, policy).level == Level.NONE


def test_worry_about_another_is_not_raised_by_ones_own_past(policy: Policy) -> None:
    assert assess("my friend says he wants to die", [past(Level.HIGH, 1)], policy).level == Level.MEDIUM


@settings(deadline=None)
@given(
    st.sampled_from(MESSAGES),
    st.lists(st.builds(past, st.sampled_from(list(Level)), st.floats(0, 200)), max_size=8),
)
def test_history_never_lowers(text: str, history: list[Past]) -> None:
    assert assess(text, history, load()).level >= assess(text, (), load()).level


@pytest.mark.parametrize(
    ("text", "level"),
    [("อยากตาย", Level.MEDIUM), ("i want to kill myself", Level.HIGH), ("我決定今晚去跳樓", Level.CRISIS)],
)
def test_an_alert_has_the_level_of_the_verdict_and_merges_by_category(text: str, level: Level, policy: Policy) -> None:
    alert = alarm(assess(text, (), policy))

    assert alert is not None
    assert (alert.level, alert.category, alert.merge_key) == (level, "suicide", "suicide")


def test_a_low_finding_calls_nobody(policy: Policy) -> None:
    verdict = assess("I used to want to die but I'm so happy now", (), policy)

    assert (verdict.level, alarm(verdict)) == (Level.LOW, None)
