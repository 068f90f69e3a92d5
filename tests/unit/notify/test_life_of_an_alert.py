"""The life of alerts, played with a clock and no world: whatever happens, none of them falls silent."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from namjai.events import Envelope, Fact, Stored
from namjai.events.alert import (
    AlertEscalated,
    AlertExhausted,
    AlertFollowUpDue,
    AlertFollowUpEnded,
    AlertMerged,
    AlertNotified,
    AlertRaised,
    AlertTriggered,
    AlertUnacknowledged,
)
from namjai.events.risk import Level
from namjai.notify.domain.begin import Plan, begin, trigger
from namjai.notify.domain.command import (
    Acknowledge,
    Claim,
    Command,
    Contacted,
    Correct,
    HandBack,
    HandOver,
    NotPossible,
    Reopen,
    Resolve,
    Say,
    Silence,
    TakeOver,
    Unsilence,
    carry_out,
)
from namjai.notify.domain.due import AGAIN_AFTER, Due, Rules, due, dues
from namjai.notify.domain.fold import fold
from namjai.notify.domain.inbox import Alert, Inbox, rank

START = datetime(2026, 3, 29, 1, tzinfo=UTC)
RULES = Rules()
PLAN = Plan(policy="p", due_s=(0, 300, 600), levels=(1, 2, 3), end_s=900, ack_timeout_s=600)


def plan(_: Level) -> Plan:
    return PLAN


@dataclass
class World:
    """One person's inbox, moved along as casework does; `reach` says whether the next tellings get through."""

    inbox: Inbox = field(default_factory=lambda: Inbox(member="m"))
    now: datetime = START
    reach: bool = True
    log: list[Stored[Fact]] = field(default_factory=list)

    def say(self, *facts: Fact) -> None:
        for fact in facts:
            n = len(self.log) + 1
            event = Envelope(
                id=f"e{n}", source="t", type=fact.TYPE, subject="m", time=self.now, correlationid="c", data=fact
            )
            self.log.append(Stored(n, event))
            self.inbox = fold(self.inbox, self.log[-1])

    def raise_(self, level: Level, category: str) -> Alert:
        self.say(AlertRaised(level=level, category=category, merge_key=f"m:{category}", message="x"))  # type: ignore[arg-type]
        name = self.log[-1].event.id
        self.settle()
        return self.inbox.alerts[name]

    def settle(self) -> None:
        for _ in range(500):
            waiting = dues(self.inbox, RULES)
            if not waiting or waiting[0].at > self.now:
                return
            self.do(waiting[0])
        raise AssertionError("it never comes to rest")

    def do(self, what: Due) -> None:
        alert = self.inbox.alerts[what.alert]
        match what.what:
            case "begin":
                self.say(*begin(alert, self.inbox, PLAN, self.now))
            case "step":
                assert alert.chain is not None
                run = alert.chain.run
                if self.reach:
                    told = AlertNotified(
                        alert=alert.id, step=what.number, staff="s", channel="line", level="high", run=run
                    )
                    self.say(told)
                self.say(
                    AlertEscalated(
                        alert=alert.id, run=run, step=what.number, targets=("s",), reached=1 if self.reach else 0
                    )
                )
            case "exhaust":
                assert alert.chain is not None
                self.say(AlertExhausted(alert=alert.id, run=alert.chain.run))
            case "again":
                self.say(trigger(alert, "unreached", PLAN, self.now))
            case "tell_heir":
                assert alert.owner is not None
                told = AlertNotified(alert=alert.id, step=0, staff=alert.owner, channel="line", level=alert.level)
                self.say(told)
            case "unacknowledge":
                assert alert.owner is not None
                self.say(
                    AlertUnacknowledged(alert=alert.id, by=alert.owner, waited_s=1),
                    trigger(alert, "unacknowledged", PLAN, self.now),
                )
            case "follow_up":
                self.say(AlertFollowUpDue(alert=alert.id, number=what.number, level=alert.level))
            case "end_follow_up":
                self.say(AlertFollowUpEnded(alert=alert.id, number=what.number, outcome="answered"))

    def wait(self, minutes: float) -> None:
        """Time goes by, and what is due is done at its time."""
        end = self.now + timedelta(minutes=minutes)
        while (waiting := dues(self.inbox, RULES)) and waiting[0].at <= end:
            self.now = max(self.now, waiting[0].at)
            self.settle()
        self.now = end

    def command(self, kind: type[Command], alert: Alert, **more: Any) -> bool:
        asked = kind(alert=alert.id, **{"by": "ploy", "via": "cli", **more})
        try:
            facts = carry_out(asked, self.inbox.alerts[alert.id], self.inbox, plan, self.now)
        except NotPossible:
            return False
        self.say(*facts)
        self.settle()
        return True

    def alert(self, name: str) -> Alert:
        return self.inbox.alerts[name]


LEVELS = st.sampled_from(["medium", "high", "crisis"])
ACTIONS = st.one_of(
    st.tuples(st.just("raise"), LEVELS, st.sampled_from(["suicide", "overdose"])),
    st.tuples(st.just("wait"), st.floats(0, 400), st.none()),
    st.tuples(st.just("reach"), st.booleans(), st.none()),
    st.tuples(
        st.just("command"),
        st.sampled_from(
            [
                (Claim, {}),
                (Claim, {"by": "chen"}),
                (Acknowledge, {}),
                (HandOver, {"to": "chen"}),
                (TakeOver, {}),
                (Say, {"text": "hello"}),
                (HandBack, {}),
                (Contacted, {}),
                (Resolve, {"disposition": "contacted"}),
                (Resolve, {"disposition": "false_alarm"}),
                (Reopen, {}),
                (Correct, {"level": "crisis"}),
                (Correct, {"level": "low"}),
                (Silence, {"reason": "r"}),
                (Unsilence, {}),
            ]
        ),
        st.integers(0, 20),
    ),
)


def play(world: World, action: tuple[Any, Any, Any]) -> None:
    match action:
        case ("raise", level, category):
            world.raise_(level, category)
        case ("wait", minutes, _):
            world.wait(minutes)
        case ("reach", reach, _):
            world.reach = reach
        case ("command", (kind, more), n) if world.inbox.alerts:
            alerts = list(world.inbox.alerts.values())
            if kind is Silence:
                more = {**more, "until": world.now + timedelta(hours=3)}
            world.command(kind, alerts[n % len(alerts)], **more)


@settings(max_examples=150, deadline=None)
@given(st.lists(ACTIONS, max_size=25))
def test_no_open_alert_ever_falls_silent(actions: list[tuple[Any, Any, Any]]) -> None:
    """It has something to come by itself, or somebody is in contact with the person."""
    world = World()
    for action in actions:
        play(world, action)
        for alert in world.inbox.alerts.values():
            coming = due(alert, world.inbox, RULES)
            assert not alert.is_open or alert.is_in_contact or coming is not None
            assert coming is None or coming.at > world.now
            if alert.chain is not None:
                assert alert.chain.done <= len(alert.chain.due_s)


@settings(max_examples=100, deadline=None)
@given(st.lists(ACTIONS, max_size=25), st.sampled_from(["suicide", "overdose"]))
def test_a_crisis_is_always_in_somebodys_hands_or_on_its_way_there(actions: list[Any], category: str) -> None:
    """Raised at any moment, it runs a chain, or joins one that runs, or an alert that staff has just touched."""
    world = World()
    for action in actions:
        play(world, action)
    raised = world.raise_("crisis", category)
    world.wait(0.01)
    home = world.alert(raised.merged_into) if raised.merged_into else world.alert(raised.id)
    assert home.is_open
    assert home.level == "crisis" or home.staff_at is not None  # a clinician may have called it less
    running = home.chain is not None and home.chain.exhausted_at is None and home.owner is None
    touched = max(filter(None, (home.staff_at, home.notified_at, home.raised_at)))
    recent = home.owner is not None and world.now - touched < AGAIN_AFTER["crisis"] + timedelta(minutes=1)
    owed = home.owner is not None and home.waits_since is not None
    unreached = home.chain is not None and home.chain.exhausted_at is not None and not home.chain.reached
    assert running or recent or owed or unreached


@settings(max_examples=80, deadline=None)
@given(st.lists(ACTIONS, max_size=20), st.integers(0, 60))
def test_folding_is_the_same_in_parts_and_with_repetitions(actions: list[Any], cut: int) -> None:
    world = World()
    for action in actions:
        play(world, action)
    again = Inbox(member="m")
    for stored in [*world.log[:cut], *world.log[: cut // 2], *world.log]:
        again = fold(again, stored)
    assert again == world.inbox


@settings(max_examples=80, deadline=None)
@given(st.lists(ACTIONS, max_size=20))
def test_steps_are_carried_out_in_order_and_once_a_run(actions: list[Any]) -> None:
    world = World()
    for action in actions:
        play(world, action)
    steps = [e.event.data for e in world.log if isinstance(e.event.data, AlertEscalated)]
    seen = [(step.alert, step.run, step.step) for step in steps]
    assert len(seen) == len(set(seen))
    for alert, run in {(alert, run) for alert, run, _ in seen}:
        numbers = [n for a, r, n in seen if (a, r) == (alert, run)]
        assert numbers == list(range(1, len(numbers) + 1))


def test_a_chain_tells_each_level_at_its_time_and_ends_loud() -> None:
    world = World()
    alert = world.raise_("crisis", "suicide")
    world.wait(14)
    assert world.alert(alert.id).status == "notified"
    world.wait(2)
    told = [(e.event.time - START).total_seconds() for e in world.log if isinstance(e.event.data, AlertEscalated)]
    assert told == [0, 300, 600]
    assert world.alert(alert.id).status == "exhausted"
    world.wait(60)
    causes = [e.event.data.cause for e in world.log if isinstance(e.event.data, AlertTriggered)]
    assert causes == ["raised", "unreached"]


def test_a_step_that_reaches_nobody_does_not_wait_for_the_next() -> None:
    world = World(reach=False)
    world.raise_("crisis", "suicide")
    assert sum(isinstance(e.event.data, AlertEscalated) for e in world.log) == 3
    assert {e.event.time for e in world.log} == {START}


def test_a_claim_without_a_word_comes_to_nothing_after_the_time_out() -> None:
    world = World()
    alert = world.raise_("high", "suicide")
    world.command(Claim, alert)
    world.wait(9)
    assert world.alert(alert.id).owner == "ploy"
    world.wait(2)
    again = world.alert(alert.id)
    assert again.owner is None
    assert again.chain is not None
    assert (again.chain.run, again.chain.cause) == (2, "unacknowledged")


def test_an_acknowledgement_gives_the_whole_time_out_anew_and_a_word_ends_it() -> None:
    world = World()
    alert = world.raise_("high", "suicide")
    world.command(Claim, alert)
    world.wait(8)
    world.command(Acknowledge, alert)
    world.wait(8)
    assert world.alert(alert.id).status == "acknowledged"
    world.command(Say, alert, text="hello")
    world.wait(1_000)
    assert world.alert(alert.id).status == "in_contact"


def test_a_repeat_vanishes_into_what_staff_is_at_but_not_into_what_lies_there() -> None:
    world = World()
    alert = world.raise_("crisis", "suicide")
    world.command(Say, alert, text="hello")
    world.wait(10)
    world.raise_("crisis", "suicide")
    assert world.alert(alert.id).status == "in_contact"
    world.wait(16)
    world.raise_("crisis", "suicide")
    again = world.alert(alert.id)
    assert again.chain is not None
    assert (again.chain.cause, again.owner, again.repeats) == ("repeated", None, 2)


def test_a_silenced_kind_is_quiet_until_its_end_and_a_crisis_is_heard_all_the_same() -> None:
    world = World()
    alert = world.raise_("high", "suicide")
    assert world.command(Silence, alert, until=world.now + timedelta(hours=1), reason="known")
    world.wait(59)
    assert sum(isinstance(e.event.data, AlertEscalated) for e in world.log) == 1
    quiet = world.raise_("high", "suicide")
    assert quiet.merged_into == alert.id
    loud = world.raise_("crisis", "suicide")
    assert world.alert(loud.id).merged_into == alert.id
    assert world.alert(alert.id).level == "crisis"
    assert world.alert(alert.id).chain.cause == "higher_level"  # type: ignore[union-attr]
    assert not world.command(Silence, alert, until=world.now + timedelta(hours=1), reason="known")


def test_follow_ups_come_after_what_was_grave_and_real_only() -> None:
    for level, disposition, expected in (("high", "contacted", 3), ("high", "false_alarm", 0), ("medium", "other", 0)):
        world = World()
        alert = world.raise_(level, "suicide")  # type: ignore[arg-type]
        world.command(Resolve, alert, disposition=disposition)
        world.wait(60 * 24 * 40)
        assert sum(isinstance(e.event.data, AlertFollowUpDue) for e in world.log) == expected


def test_commands_said_twice_change_nothing_more() -> None:
    world = World()
    alert = world.raise_("high", "suicide")
    for kind, more in ((Claim, {}), (Acknowledge, {}), (TakeOver, {}), (HandBack, {}), (HandOver, {"to": "chen"})):
        assert world.command(kind, alert, **more)
        said = len(world.log)
        assert world.command(kind, alert, **more) or kind is HandOver
        assert len(world.log) == said
    assert world.command(Resolve, alert, disposition="contacted", by="chen")
    said = len(world.log)
    assert world.command(Resolve, alert, disposition="contacted", by="chen")
    assert len(world.log) == said


def test_a_correction_upwards_calls_again_and_one_downwards_lowers() -> None:
    world = World()
    alert = world.raise_("medium", "suicide")
    world.command(Correct, alert, level="crisis")
    assert world.alert(alert.id).level == "crisis"
    assert world.alert(alert.id).chain.run == 2  # type: ignore[union-attr]
    world.command(Correct, alert, level="low")
    assert rank(world.alert(alert.id).level) == rank("low")


def test_what_joins_another_alert_is_counted_there() -> None:
    world = World()
    first = world.raise_("high", "suicide")
    second = world.raise_("high", "suicide")
    other = world.raise_("high", "overdose")
    assert world.alert(second.id).status == "merged"
    assert world.alert(first.id).repeats == 1
    assert world.alert(other.id).status == "notified"
    assert [e.event.data.into for e in world.log if isinstance(e.event.data, AlertMerged)] == [first.id]
