"""The chain of escalation on real timers: who is told when, and that it never ends in silence."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from namjai.devkit.line.people import DR_CHEN, NURSE_PLOY
from namjai.devkit.line.state.faults import Fault
from namjai.events import begin
from namjai.events.alert import (
    AlertEscalated,
    AlertEscalationFailed,
    AlertExhausted,
    AlertNotified,
    AlertNotifyFailed,
    AlertReopened,
    AlertResolved,
    AlertTriggered,
)
from tests.integration.notify.conftest import AtWork, Endpoint, Line, Office
from tests.integration.notify.kit import CHEN, FIRST, PLOY, SECOND_MIN, SLOW_MIN, happened, policy, raised, staffroom

PUSH = "*/message/push"
NOBODY = {"layers": [{"people": [[]], "start": "2026-01-01"}]}
LAST: dict[str, Any] = {"name": "head", "email": "head@clinic.example"}


async def test_the_levels_come_one_after_the_other_until_somebody_claims(
    office: Office, line: Line, at_work: AtWork, member: str
) -> None:
    second, third = ({"targets": [f"person:{name}"], "delay_min": SECOND_MIN} for name in ("chen", "ploy"))
    async with staffroom(office, at_work, section={"policies": {"default": policy(FIRST, second, third)}}) as room:
        alert = await raised(office, member)
        steps = await office.said(member, AlertEscalated, 2)
        await room.ask("claim", alert, by="chen")
        await asyncio.sleep(1.3)
        assert len(await office.said(member, AlertEscalated)) == 2
    assert [(each.step, each.targets, each.reached) for each in steps] == [(1, ("ploy",), 1), (2, ("chen",), 1)]
    assert max(each.late_s for each in steps) < 2.0
    assert (len(line.seen(NURSE_PLOY.user_id)), len(line.seen(DR_CHEN.user_id))) == (1, 1)


async def test_a_level_with_nobody_on_call_does_not_cost_its_time(
    office: Office, line: Line, at_work: AtWork, member: str
) -> None:
    section = {
        "schedules": {"night": NOBODY},
        "policies": {
            "default": policy({"targets": ["schedule:night"]}, {"targets": ["person:chen"], "delay_min": SLOW_MIN})
        },
    }
    async with staffroom(office, at_work, section=section):
        await raised(office, member)
        await line.until(lambda: line.seen(DR_CHEN.user_id), within_s=5)
        [nobody] = await office.said(member, AlertNotifyFailed)
        steps = await office.said(member, AlertEscalated, 2)
    assert (nobody.staff, nobody.reason) == ("nobody", "nobody on call")
    assert [(each.step, each.targets, each.reached) for each in steps] == [(1, (), 0), (2, ("chen",), 1)]


async def test_the_end_of_the_chain_is_loud_and_reaches_the_fallback(
    office: Office, line: Line, at_work: AtWork, member: str, capfd: pytest.CaptureFixture[str]
) -> None:
    section = {
        "staff": [PLOY, CHEN, LAST],
        "policies": {"default": policy(repeat=1, round_min=0.5 / 60, fallback=["person:head"])},
    }
    async with staffroom(office, at_work, section=section, smtp_url=_smtp(line)) as room:
        alert = await raised(office, member, level="crisis")
        [end] = await office.said(member, AlertExhausted)
        [listed] = (await room.ask("list"))["alerts"]
        claimed = await room.ask("claim", alert, by="ploy")
    steps = await office.said(member, AlertEscalated, 2)
    [letter] = line.simulator.platform.mailbox.letters
    assert [each.targets for each in steps] == [("ploy",), ("ploy",)]
    assert (end.run, end.fallback, letter.to) == (1, ("head",), ["head@clinic.example"])
    assert (listed["status"], listed["next"]["what"]) == ("exhausted", "again")
    assert claimed["status"] == "claimed"
    assert "alert_chain_ended" in capfd.readouterr().err


async def test_a_chain_that_reached_nobody_begins_again_until_somebody_is_reached(
    office: Office, line: Line, at_work: AtWork, member: str
) -> None:
    line.faults(Fault(path=PUSH, status=500))
    section = {"staff": [PLOY], "policies": {"default": policy()}}
    async with staffroom(office, at_work, section=section) as room:
        await raised(office, member)
        [end] = await office.said(member, AlertExhausted)
        line.faults()
        await office.said(member, AlertNotified)
        [_, again] = await office.said(member, AlertTriggered, 2)
        await office.said(member, AlertEscalated, 2)
        [listed] = (await room.ask("list"))["alerts"]
    assert (end.run, again.run, again.cause) == (1, 2, "unreached")
    assert (listed["status"], listed["told"]) == ("notified", ["ploy"])
    assert len(line.seen(NURSE_PLOY.user_id)) == 1


async def test_what_is_not_grave_goes_over_one_channel_after_the_other_until_one_takes_it(
    office: Office, line: Line, endpoint: Endpoint, at_work: AtWork, member: str
) -> None:
    all_ways = {**PLOY, "email": "ploy@clinic.example", "webhook": f"{endpoint.url}/hook"}
    section = {"staff": [all_ways], "policies": {"inbox": policy(), "default": policy()}}
    async with staffroom(office, at_work, section=section, smtp_url=_smtp(line)):
        await raised(office, f"{member}a", level="medium")
        await office.said(f"{member}a", AlertEscalated)
        line.faults(Fault(path=PUSH, status=400))
        await raised(office, f"{member}b", level="medium")
        await office.said(f"{member}b", AlertEscalated)
        line.faults()
        await raised(office, f"{member}c", level="high")
        await office.said(f"{member}c", AlertEscalated)
    told = {
        each: [(fact.channel, type(fact).__name__) for fact in await office.facts(f"{member}{each}", "alert", 1)
               if isinstance(fact, AlertNotified | AlertNotifyFailed)]
        for each in "abc"
    }  # fmt: skip
    assert told["a"] == [("line", "AlertNotified")]
    assert told["b"] == [("line", "AlertNotifyFailed"), ("webhook", "AlertNotified")]
    assert {channel for channel, _ in told["c"]} == {"line", "email", "webhook"}


async def test_what_another_process_left_undone_the_watchdog_finds_says_and_does(
    office: Office, line: Line, endpoint: Endpoint, at_work: AtWork, member: str
) -> None:
    """It died after the facts of a command and before it set the timer; nobody else knows of them."""
    alert = await raised(office, member, ago_s=3_600)
    await happened(office, member, AlertResolved(alert=alert.id, by="ploy", disposition="contacted", via="cli"))

    def beats() -> int:
        return sum(call.path == "/beat" for call in endpoint.calls)

    more: dict[str, Any] = {"watchdog_every_s": 0.1, "heartbeat_url": f"{endpoint.url}/beat"}
    async with staffroom(office, at_work, **more) as room:
        await line.until(beats)
        await office.journal.append(_reopened_and_left(alert.id, member))
        [failed] = await office.said(member, AlertEscalationFailed)
        [step] = await office.said(member, AlertEscalated)
        count = beats()
        await line.until(lambda: beats() > count)
        [listed] = (await room.ask("list"))["alerts"]
    assert (failed.run, failed.step) == (1, 1)
    assert failed.overdue_s >= 60
    assert step.late_s >= 60
    assert listed["status"] == "notified"
    assert len(line.seen(NURSE_PLOY.user_id)) == 1


async def test_what_fell_due_while_nobody_was_there_is_done_at_the_start_once(
    office: Office, line: Line, at_work: AtWork, member: str
) -> None:
    async with staffroom(office, at_work):
        alert = await raised(office, member)
        await office.said(member, AlertEscalated)
    # A chain of two steps that began twenty minutes ago, by its own words, while nobody was there.
    late = _chain(alert.id, run=2, ago_s=1_200, due_s=(0.0, 600.0), levels=(1, 1), end_s=7_200.0)
    await happened(office, member, late)
    async with staffroom(office, at_work):
        steps = await office.said(member, AlertEscalated, 3)
    assert [(each.run, each.step) for each in steps] == [(1, 1), (2, 1), (2, 2)]
    assert [round(each.late_s) for each in steps[1:]] == [pytest.approx(1_200, abs=20), pytest.approx(600, abs=20)]
    assert len(line.seen(NURSE_PLOY.user_id)) == 3


def _smtp(line: Line) -> str:
    return f"smtp://127.0.0.1:{line.simulator.smtp_port}"


def _chain(alert: str, *, run: int, ago_s: float, **more: Any) -> AlertTriggered:
    return AlertTriggered(
        alert=alert,
        run=run,
        cause="reopened",
        policy="default",
        level="high",
        base=datetime.now(UTC) - timedelta(seconds=ago_s),
        ack_timeout_s=600.0,
        **more,
    )


def _reopened_and_left(alert: str, member: str) -> list[Any]:
    now = datetime.now(UTC)
    facts = [
        AlertReopened(alert=alert, by="ploy", via="cli"),
        _chain(alert, run=1, ago_s=60, due_s=(0.0,), levels=(1,), end_s=3_600.0),
    ]
    return [begin(fact, source="notify-alerts", cause="dead", n=n, member=member, time=now) for n, fact in
            enumerate(facts)]  # fmt: skip
