"""Counting what another policy would have done: nothing twice, nothing left out, each past its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from namjai.events import Fact, Stored, begin
from namjai.events.alert import AlertCorrected
from namjai.events.risk import RiskAssessed
from namjai.risk.domain.context import Watch
from namjai.risk.domain.counterfactual import Varied
from namjai.risk.domain.model import Level
from namjai.risk.domain.overlay import Shipped, apply
from namjai.risk.domain.policy import Compiled, Policy
from namjai.risk.domain.replay import Replay, Report
from namjai.risk.domain.world import OPEN_ALERT_S, Message, OpenAlerts, Pasts, World

BEGIN = datetime(2026, 5, 1, tzinfo=UTC)
BANGKOK = ZoneInfo("Asia/Bangkok")
TEXTS = ("I want to die", "I am craving it", "I will jump off the bridge", "good morning", "I don't want to die", " ")
HEAD = "name: night\nnote: for a test\n"


def message(n: int, member: str, at: datetime, words: str) -> Message:
    return Message(id=f"e{n}", member=member, sequence=n + 1, at=at, words=words)


def replayed(
    new: Policy, old: Policy, messages: Sequence[Message], *, shift_hours: int = 8, changes_max: int = 1_000
) -> Report:
    replay = Replay(
        World(new, None, Watch()),
        World(old, None, Watch()),
        since=BEGIN,
        zone=BANGKOK,
        shift_hours=shift_hours,
        changes_max=changes_max,
    )
    for each in messages:
        replay.message(each)
    return replay.report(BEGIN + timedelta(days=10))


@pytest.fixture(scope="session")
def bolder(shipped: Shipped) -> Policy:
    """Calls somebody for a craving too."""
    return apply(shipped, HEAD + "rules: {levels: {en.craving: high}}")


@pytest.fixture(scope="session")
def shyer(shipped: Shipped) -> Policy:
    return apply(shipped, HEAD + "rules: {levels: {en.wish: low}}")


histories = st.lists(
    st.tuples(
        st.sampled_from(["m1", "m2", "m3"]), st.integers(min_value=0, max_value=36 * 3600), st.sampled_from(TEXTS)
    ),
    max_size=40,
).map(
    lambda said: [
        message(n, member, BEGIN + timedelta(seconds=sum(gap for _, gap, _ in said[: n + 1])), words)
        for n, (member, gap, words) in enumerate(said)
    ]
)


@given(histories)
@settings(max_examples=60, deadline=None)
def test_a_policy_replayed_against_itself_changes_nothing(base: Policy, messages: list[Message]) -> None:
    report = replayed(base, base, messages)

    assert (report.newly, report.no_longer, report.higher, report.lower, report.days, report.changes) == (
        *(0, 0, 0, 0),
        (),
        (),
    )
    assert report.policy == report.against


@given(histories)
@settings(max_examples=60, deadline=None)
def test_turned_round_what_is_new_is_what_is_gone(base: Policy, bolder: Policy, messages: list[Message]) -> None:
    there, back = replayed(bolder, base, messages), replayed(base, bolder, messages)

    assert (there.newly, there.no_longer, there.higher, there.lower) == (
        back.no_longer,
        back.newly,
        back.lower,
        back.higher,
    )
    assert (there.policy, there.against) == (back.against, back.policy)


@given(histories)
@settings(max_examples=60, deadline=None)
def test_days_and_lists_add_up_to_the_counts(base: Policy, bolder: Policy, messages: list[Message]) -> None:
    report = replayed(bolder, base, messages)
    kinds = Counter(each.kind for each in report.changes)

    assert report.newly == kinds["newly"] == sum(sum(day.newly.values()) for day in report.days)
    assert report.no_longer == kinds["no_longer"] == sum(sum(day.no_longer.values()) for day in report.days)
    assert report.higher == kinds["higher"] == sum(day.higher for day in report.days)
    assert report.lower == kinds["lower"] == sum(day.lower for day in report.days)
    assert report.messages + report.wordless == len(messages)
    assert report.policy.alerts == sum(report.policy.levels.values())


@given(
    st.lists(
        st.tuples(
            st.sampled_from("ab"),
            st.integers(min_value=0, max_value=80 * 3600),
            st.sampled_from([Level.MEDIUM, Level.HIGH, Level.CRISIS]),
        ),
        max_size=60,
    )
)
def test_alerts_merge_as_a_plain_recount_says(alerts: list[tuple[str, int, Level]]) -> None:
    alarms, at, expected = OpenAlerts(), BEGIN, []
    opened: dict[str, tuple[datetime, Level]] = {}
    outcomes = []
    for key, gap, level in alerts:
        at += timedelta(seconds=gap)
        since, before = opened.get(key, (at - timedelta(days=365), Level.NONE))
        if (at - since).total_seconds() > OPEN_ALERT_S:
            expected.append("opened")
            opened[key] = (at, level)
        elif level > before:
            expected.append("higher")
            opened[key] = (since, level)
        else:
            expected.append("merged")
        outcomes.append(alarms.take(key, level, at))

    assert outcomes == expected
    assert len(alarms) <= 2


def test_repeats_of_one_person_are_one_alert_and_a_higher_level_calls_again(base: Policy) -> None:
    said = ["I want to die", "I want to die", "I will jump off the bridge", "I want to die"]
    messages = [message(n, "m", BEGIN + timedelta(hours=n), words) for n, words in enumerate(said)]
    load = replayed(base, base, messages).policy

    assert (load.alerts, load.again, load.merged, load.levels) == (1, 1, 2, {Level.MEDIUM: 1})


def test_each_policy_has_the_past_that_it_made(base: Policy, bolder: Policy) -> None:
    """Under the bolder policy the craving was high, so the wish two hours later is raised."""
    messages = [
        message(0, "m", BEGIN, "I am craving it"),
        message(1, "m", BEGIN + timedelta(hours=2), "I want to die"),
    ]
    report = replayed(bolder, base, messages)

    assert [(each.kind, each.message, each.was, each.level) for each in report.changes] == [
        ("newly", "e0", Level.LOW, Level.HIGH),
        ("higher", "e1", Level.MEDIUM, Level.HIGH),
    ]


def test_what_happened_before_counts_for_both(base: Policy, shyer: Policy) -> None:
    fact: Fact = RiskAssessed(message="x", outcome="screened", level="high", category="suicide", policy="p")
    earlier = begin(fact, source="risk", cause="1", member="m", time=BEGIN - timedelta(hours=5))
    replay = Replay(
        World(shyer, None, Watch()),
        World(base, None, Watch()),
        since=BEGIN,
        zone=BANGKOK,
        shift_hours=8,
        changes_max=10,
    )
    replay.remember(Stored(1, earlier))
    replay.already_open("m:suicide", Level.HIGH, BEGIN - timedelta(hours=5))
    replay.message(message(1, "m", BEGIN, "I want to die"))
    report = replay.report(BEGIN + timedelta(days=1))

    assert [(each.kind, each.was, each.level) for each in report.changes] == [("lower", Level.HIGH, Level.MEDIUM)]
    assert (report.policy.alerts, report.policy.merged, report.against.alerts, report.against.merged) == (0, 1, 0, 1)


def test_a_clinicians_correction_is_history_in_both_worlds(base: Policy) -> None:
    worlds = World(base, None, Watch()), World(base, None, Watch())
    replay = Replay(*worlds, since=BEGIN, zone=BANGKOK, shift_hours=8, changes_max=10)
    replay.message(message(0, "m", BEGIN, "I will jump off the bridge"))
    correction: Fact = AlertCorrected(
        alert="a", by="dr", message="e0", level="none", category="suicide", was="crisis", via="cli"
    )
    event = begin(correction, source="notify", cause="c", member="m", time=BEGIN + timedelta(hours=1))
    replay.remember(Stored(2, event))
    later = message(2, "m", BEGIN + timedelta(hours=2), "I want to die")

    assert [each.judge(later, BEGIN).level for each in worlds] == [Level.MEDIUM, Level.MEDIUM]


def test_shifts_are_the_clinics_own_hours(base: Policy) -> None:
    """16:30 and 17:30 UTC are 23:30 and 00:30 in Bangkok: two shifts, two days."""
    messages = [
        message(0, "m1", BEGIN + timedelta(hours=16, minutes=30), "I want to die"),
        message(1, "m2", BEGIN + timedelta(hours=17, minutes=30), "I want to die"),
    ]
    report = replayed(base, base, messages)
    assert (report.policy.per_shift_max, report.policy.per_shift_mean) == (1, round(2 / 30, 3))

    quiet = replayed(base, base, [])
    assert (quiet.policy.per_shift_max, quiet.policy.busiest_shift) == (0, None)


def test_days_are_the_clinics_own_days(base: Policy, bolder: Policy) -> None:
    at = BEGIN + timedelta(hours=17, minutes=30)
    report = replayed(bolder, base, [message(0, "m", at, "I am craving it")])

    assert [(day.day, day.newly) for day in report.days] == [(date(2026, 5, 2), {Level.HIGH: 1})]


def test_lists_are_cut_and_counts_are_not(base: Policy, bolder: Policy) -> None:
    messages = [message(n, f"m{n}", BEGIN + timedelta(minutes=n), "I am craving it") for n in range(30)]
    report = replayed(bolder, base, messages, changes_max=5)

    assert (report.newly, len(report.changes)) == (30, 5)


class Broken(Varied):
    """A policy with a bug."""

    def candidates(self, view: str) -> list[Compiled]:
        raise RuntimeError("a bug")


def test_a_message_that_breaks_the_screening_is_an_alert_and_said(base: Policy) -> None:
    report = replayed(Broken(base), base, [message(0, "m", BEGIN, "good morning")])

    assert (report.policy.failed, report.policy.alerts, report.newly) == (1, 1, 1)


def test_a_day_must_be_a_whole_number_of_shifts(base: Policy) -> None:
    with pytest.raises(ValueError, match="whole number of shifts"):
        replayed(base, base, [], shift_hours=7)


def remembered(n: int, member: str, at: datetime) -> Stored[Fact]:
    fact: Fact = RiskAssessed(message=f"x{n}", outcome="screened", level="low", category="suicide", policy="p")
    return Stored(n, begin(fact, source="risk", cause=f"{n}", member=member, time=at))


def test_the_past_of_silent_people_is_let_go(base: Policy) -> None:
    pasts = Pasts(timedelta(days=14))
    for n in range(100):
        pasts.add(remembered(n, f"m{n}", BEGIN + timedelta(days=n)))

    assert len(pasts) <= 15
    assert pasts.forgotten == 0


def test_memory_is_bounded_and_what_does_not_fit_is_said() -> None:
    pasts = Pasts(timedelta(days=14), members_max=10)
    for n in range(25):
        pasts.add(remembered(n, f"m{n}", BEGIN + timedelta(seconds=n)))

    assert len(pasts) == 10
    assert pasts.forgotten == 15
    assert list(pasts.of("m24", BEGIN + timedelta(seconds=30)))
    assert not list(pasts.of("m0", BEGIN + timedelta(seconds=30)))
