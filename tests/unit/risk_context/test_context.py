"""History raises a verdict by one step, never to crisis; it never lowers; only time and clinicians take it back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from namjai.events import Fact, Stored
from namjai.risk.domain.assess import assess, in_context
from namjai.risk.domain.context import WORST, Context, Watch, context, raise_by
from namjai.risk.domain.model import Finding, Level, Span
from namjai.risk.rules import load
from tests.unit.risk_context.story import (
    NOW,
    WATCH,
    alerted,
    answered,
    at,
    checked_in,
    corrected,
    judged,
    merged,
    past,
    reopened,
    resolved,
    second_look,
    wrote,
)


def finding(level: Level, **more: Any) -> Finding:
    given: dict[str, Any] = {"category": "suicide", "subject": "self", "rule": "r", "policy": "p", **more}
    return Finding(level=level, spans=(Span(0, 1),), **given)


LOW, MEDIUM, HIGH = finding(Level.LOW), finding(Level.MEDIUM), finding(Level.HIGH)


def raised(who: Context, what: Finding) -> tuple[str, tuple[str, ...]]:
    level, reasons = raise_by(who, what)
    return level.value, reasons


# What raises


def test_a_recent_high_raises_a_wish() -> None:
    assert raised(past(judged(71, "high")), MEDIUM) == ("high", ("recent_high_72h", "standing_high"))


def test_it_stands_for_a_week_where_it_is_about_dying() -> None:
    week = past(judged(24 * 6, "high"))
    assert raised(week, MEDIUM) == ("high", ("standing_high",))
    assert raised(week, finding(Level.MEDIUM, category="relapse")) == ("medium", ())


def test_a_high_of_last_week_raises_nothing() -> None:
    assert raised(past(judged(24 * 7 + 1, "high")), MEDIUM) == ("medium", ())


def test_a_crisis_stands_for_two_weeks() -> None:
    assert past(judged(24 * 13, "crisis")).standing == Level.CRISIS
    assert past(judged(24 * 15, "crisis")).standing == Level.NONE


def test_the_third_wish_of_a_day_counts_as_high() -> None:
    assert raised(past(judged(1, "medium"), judged(20, "medium")), MEDIUM) == ("high", ("repeats_24h",))
    assert raised(past(judged(1, "medium"), judged(25, "medium")), MEDIUM) == ("medium", ())
    assert raised(past(judged(1, "medium"), judged(2, "medium", category="relapse")), MEDIUM) == ("medium", ())


def test_three_days_that_do_not_ease_count_as_high() -> None:
    assert raised(past(judged(60, "low"), judged(30, "medium")), MEDIUM) == ("high", ("trend_7d",))
    assert raised(past(judged(30, "medium"), judged(8, "medium")), MEDIUM)[0] == "medium", "two days only"
    assert raised(past(judged(30, "low"), judged(24, "medium")), MEDIUM)[0] == "medium", "one bad night"


def test_an_item_about_death_makes_distress_worth_a_look() -> None:
    assert raised(past(answered(24 * 13)), LOW) == ("medium", ("death_item_14d",))
    assert raised(past(answered(24 * 15)), LOW) == ("low", ())
    assert raised(past(answered(1, 0)), LOW) == ("low", ())
    assert raised(past(answered(1, about_death=False)), LOW) == ("low", ())


def test_a_falling_mood_makes_distress_worth_a_look() -> None:
    assert raised(past(checked_in(40, mood=6), checked_in(2, mood=3)), LOW) == ("medium", ("mood_falling_72h",))
    assert raised(past(checked_in(40, mood=3), checked_in(2, mood=6)), LOW) == ("low", ())
    assert raised(past(checked_in(40, mood=9), checked_in(2, mood=5)), LOW) == ("low", ()), "still well enough"
    assert raised(past(checked_in(90, mood=9), checked_in(2, mood=2)), LOW) == ("low", ()), "too long ago"


def test_what_check_ins_said_is_known() -> None:
    who = past(checked_in(2, craving=8), checked_in(30, used=True))
    assert (who.craving, who.used, who.mood_falling) == (True, True, False)


# What does not


def test_a_milestone_after_a_bad_day_stays_good_news() -> None:
    assert raised(past(judged(5, "crisis")), finding(Level.LOW, category="relapse")) == ("low", ())


def test_worry_about_another_is_not_raised_by_ones_own_past() -> None:
    assert raised(WORST, finding(Level.MEDIUM, subject="other")) == ("medium", ())


def test_ones_own_words_are_not_raised_by_worry_about_another() -> None:
    assert raised(past(judged(1, "high", subject="other")), MEDIUM) == ("medium", ())


def test_a_denial_is_not_raised() -> None:
    assert raised(WORST, finding(Level.LOW, polarity="negated")) == ("low", ())


def test_history_never_makes_a_crisis() -> None:
    assert raised(WORST, HIGH) == ("high", ())


def test_what_history_raised_does_not_raise_again() -> None:
    """Else a bad week would never end: each raised verdict would renew the reason for the next."""
    week_ago_and_since = past(judged(24 * 8, "high"), judged(24, "high", raised_from="medium"))
    assert week_ago_and_since.standing == Level.HIGH
    assert raised(week_ago_and_since, MEDIUM) == ("medium", ())


def test_a_joke_about_dying_is_noted_only_while_a_high_stands() -> None:
    joke = finding(Level.NONE, frame="joke")
    assert raised(past(judged(1, "high")), joke) == ("low", ("joke_while_high",))
    assert raised(Context(), joke) == ("none", ())


@pytest.mark.parametrize("frame", ["quoted", "fiction", "news", "study"])
def test_what_is_not_theirs_stays_nothing(frame: str) -> None:
    assert raised(WORST, finding(Level.NONE, frame=frame)) == ("none", ())


def test_a_quiet_message_stays_quiet_whatever_came_before() -> None:
    alone = assess("ขอบคุณค่ะ", (), load())
    assert in_context(alone, WORST) is alone


def test_the_findings_are_weighed_each() -> None:
    """Worry about another may be first; what is said of oneself may be what the past raises."""
    alone = assess("x", (), load())
    mixed = finding(Level.MEDIUM, subject="other", category="violence")
    verdict = in_context(
        type(alone)(level=Level.MEDIUM, policy="p", category="violence", subject="other", findings=(mixed, MEDIUM)),
        past(judged(1, "high")),
    )
    assert (verdict.level, verdict.category, verdict.subject) == (Level.HIGH, "suicide", "self")


# What is taken back


def test_a_clinician_takes_a_verdict_back() -> None:
    wrong = [judged(5, "high", "m"), alerted(5, "high", "m")]
    assert past(wrong).standing == Level.HIGH
    assert past(wrong, corrected(4, "m", "low")).standing == Level.NONE
    assert past(wrong, resolved(4, "m")).standing == Level.NONE
    assert past(wrong, resolved(4, "m", "contacted")).standing == Level.HIGH
    assert past(wrong, resolved(4, "m"), reopened(3, "m")).standing == Level.HIGH


def test_a_false_alarm_takes_back_what_was_merged_into_it() -> None:
    both = [judged(5, "high", "a"), alerted(5, "high", "a"), judged(4, "high", "b"), alerted(4, "high", "b")]
    assert past(both, resolved(3, "a")).standing == Level.HIGH
    assert past(both, merged(4, "b", "a"), resolved(3, "a")).standing == Level.NONE


def test_a_false_alarm_about_silence_takes_no_verdict_back() -> None:
    silent = alerted(4, "medium", "m", alert="silence", reason="unanswered")
    assert past(judged(30, "high", "m"), silent, resolved(3, "", alert="silence")).standing == Level.HIGH


def test_a_clinicians_higher_level_counts_too() -> None:
    assert past(judged(5, "low", "m"), alerted(5, "medium", "m"), corrected(4, "m", "high")).asserted == Level.HIGH


def test_a_second_look_raises_and_a_clinician_has_the_last_word() -> None:
    twice = [judged(5, "none", "m"), second_look(4, "m", "high")]
    assert past(twice).standing == Level.HIGH
    assert past(judged(5, "crisis", "m"), second_look(4, "m", "high")).standing == Level.CRISIS
    assert past(twice, corrected(3, "m", "low")).standing == Level.NONE


def test_when_somebody_was_last_heard() -> None:
    assert past(judged(3, "high", "m"), wrote(3, "m"), checked_in(1, mood=5)).heard_at == NOW - timedelta(hours=1)


def test_windows_are_as_the_clinic_says() -> None:
    short = Watch(high=timedelta(hours=1))
    assert context([judged(2, "high")], NOW, short).standing == Level.NONE


# Whatever the history

LEVELS = st.sampled_from(["none", "low", "medium", "high", "crisis"])
AGES = st.floats(0, 400)
CATEGORIES = st.sampled_from(["suicide", "self_harm", "relapse", "violence"])
MESSAGES = st.sampled_from(["a", "b", "c", "d"])
MOODS = st.none() | st.integers(0, 10)
EVENTS = st.one_of(
    st.builds(judged, AGES, LEVELS, MESSAGES, category=CATEGORIES, subject=st.sampled_from(["self", "other"])),
    st.builds(judged, AGES, LEVELS, category=CATEGORIES),
    st.builds(second_look, AGES, MESSAGES, LEVELS),
    st.builds(answered, AGES, st.integers(0, 3), about_death=st.booleans()),
    st.builds(checked_in, AGES, mood=MOODS, craving=MOODS, used=st.none() | st.booleans()),
    st.builds(wrote, AGES, MESSAGES),
)
CLINICIANS = st.one_of(
    st.builds(corrected, AGES, MESSAGES, LEVELS),
    st.builds(resolved, AGES, MESSAGES, st.sampled_from(["false_alarm", "contacted"])),
    st.builds(reopened, AGES, MESSAGES),
)
FINDINGS = st.builds(
    finding,
    st.sampled_from(list(Level)),
    category=CATEGORIES,
    subject=st.sampled_from(["self", "other"]),
    polarity=st.sampled_from(["asserted", "negated"]),
    frame=st.sampled_from(["plain", "joke", "quoted"]),
)


def unique(events: list[Stored[Fact]]) -> list[Stored[Fact]]:
    """A message has one verdict; the log has each id once."""
    return list({each.event.id: each for each in events}.values())


@given(st.lists(st.one_of(EVENTS, CLINICIANS), max_size=12), FINDINGS)
def test_a_verdict_goes_up_one_step_at_most_and_never_down(events: list[Stored[Fact]], what: Finding) -> None:
    level, reasons = raise_by(past(unique(events)), what)
    assert what.level.rank <= level.rank <= what.level.rank + 1
    assert (level > what.level) == bool(reasons)
    assert level < Level.CRISIS or what.level == Level.CRISIS
    assert raise_by(WORST, what)[0] >= level, "what the worst past does not raise, none does"


@given(st.lists(EVENTS, max_size=8), st.lists(EVENTS, max_size=4), FINDINGS)
def test_more_history_never_lowers(some: list[Stored[Fact]], more: list[Stored[Fact]], what: Finding) -> None:
    all_of_it = unique([*more, *some])  # of two verdicts on one message the one in `some` stays
    assert raise_by(past(all_of_it), what)[0] >= raise_by(past(unique(some)), what)[0]


@given(st.lists(EVENTS, max_size=8), st.randoms(use_true_random=False))
def test_the_order_of_what_people_said_does_not_matter(events: list[Stored[Fact]], random: Any) -> None:
    events = unique([at(round(_age(each) / 50) * 50.0, each.event.data, each.event.id, 1) for each in events])
    shuffled = events[:]
    random.shuffle(shuffled)
    assert past(events) == past(shuffled)


def _age(each: Stored[Fact]) -> float:
    return (NOW - each.event.time) / timedelta(hours=1)


@given(st.lists(EVENTS, max_size=10), st.floats(0, 500))
def test_time_alone_ends_every_watch(events: list[Stored[Fact]], hours: float) -> None:
    later, much_later = NOW + timedelta(hours=hours), NOW + WATCH.reach + timedelta(hours=1)
    standing = context(unique(events), NOW, WATCH).standing
    assert context(unique(events), later, WATCH).standing <= standing
    assert context(unique(events), much_later, WATCH).standing == Level.NONE
