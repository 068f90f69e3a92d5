"""After a resolved alert: caring contacts in their time, and a human's task when one stays without an answer."""

from __future__ import annotations

from typing import Any

from namjai.devkit.line.people import NURSE_PLOY
from namjai.events import Envelope
from namjai.events.alert import (
    AlertEscalated,
    AlertFollowUpDue,
    AlertFollowUpEnded,
    AlertRaised,
    AlertReopened,
    AlertResolved,
    Disposition,
)
from namjai.events.member import MemberPaused, MemberResumed, MemberUnfollowed
from tests.integration.notify.conftest import AtWork, Line, Office
from tests.integration.notify.kit import happened, message, raised, staffroom

HOUR_S = 3_600.0
DAY_S = 24 * HOUR_S


async def test_a_caring_contact_comes_in_its_time_after_what_was_grave_and_real(
    office: Office, at_work: AtWork, member: str
) -> None:
    due, soon, mild, mistaken = (f"{member}{each}" for each in "abcd")
    alert = await _resolved(office, due, ago_s=1.6 * DAY_S)
    await _resolved(office, soon, ago_s=1.4 * DAY_S)
    await _resolved(office, mild, ago_s=1.6 * DAY_S, level="medium")
    await _resolved(office, mistaken, ago_s=1.6 * DAY_S, disposition="false_alarm")
    async with staffroom(office, at_work) as room:
        [fact] = await office.said(due, AlertFollowUpDue)
        listed = {each["member"]: each["next"] for each in (await room.ask("list", state="all"))["alerts"]}
    assert (fact.alert, fact.number, fact.level) == (alert.id, 1, "high")
    assert (listed[due]["what"], listed[due]["step"]) == ("end_follow_up", 1)
    assert (listed[soon]["what"], listed[soon]["step"]) == ("follow_up", 1)
    assert (listed[mild], listed[mistaken]) == (None, None)


async def test_the_days_are_those_that_the_clinic_wrote(office: Office, at_work: AtWork, member: str) -> None:
    async with staffroom(office, at_work, section={"follow_up_days": [0.5 / DAY_S]}) as room:
        alert = await raised(office, member, level="crisis")
        await office.said(member, AlertEscalated)
        await room.ask("resolve", alert, by="ploy", disposition="contacted")
        [fact] = await office.said(member, AlertFollowUpDue)
    assert (fact.number, fact.level) == (1, "crisis")


async def test_an_answer_ends_one_contact_and_the_next_comes_in_its_time(
    office: Office, line: Line, at_work: AtWork, member: str
) -> None:
    alert = await _resolved(office, member, ago_s=8 * DAY_S)
    await happened(office, member, _due(alert), ago_s=6 * DAY_S)
    await happened(office, member, message("better"), ago_s=5 * DAY_S, source="gateway")
    async with staffroom(office, at_work):
        [ended] = await office.said(member, AlertFollowUpEnded)
        [_, second] = await office.said(member, AlertFollowUpDue, 2)
    assert (ended.number, ended.outcome) == (1, "answered")
    assert second.number == 2
    assert not line.seen(NURSE_PLOY.user_id)


async def test_one_without_an_answer_becomes_a_task_for_a_human_and_the_last_of_them(
    office: Office, line: Line, at_work: AtWork, member: str
) -> None:
    alert = await _resolved(office, member, ago_s=8 * DAY_S, message="m7")
    await happened(office, member, message("before"), ago_s=4.5 * DAY_S, source="gateway")
    await happened(office, member, _due(alert), ago_s=4 * DAY_S)
    async with staffroom(office, at_work) as room:
        [ended] = await office.said(member, AlertFollowUpEnded)
        [task] = [each for each in await office.said(member, AlertRaised) if each.reason == "unanswered"]
        await line.until(lambda: line.seen(NURSE_PLOY.user_id))
        [listed] = (await room.ask("list"))["alerts"]
        [old] = [each for each in (await room.ask("list", state="all"))["alerts"] if each["id"] == alert.id]
    assert (ended.number, ended.outcome) == (1, "unanswered")
    assert (task.level, task.category, task.message) == ("medium", "suicide", "m7")
    assert (listed["reason"], listed["level"]) == ("unanswered", "medium")
    assert old["next"] is None


async def test_who_wants_no_more_words_or_is_in_danger_again_gets_no_caring_contact(
    office: Office, line: Line, at_work: AtWork, member: str
) -> None:
    paused, blocked, again, back, asked = (f"{member}{each}" for each in "abcde")
    for each in (paused, blocked, again, back):
        await _resolved(office, each, ago_s=2 * DAY_S)
    waiting = await _resolved(office, asked, ago_s=8 * DAY_S)
    await happened(office, asked, _due(waiting), ago_s=4 * DAY_S)
    gone = MemberUnfollowed(webhook_event_id="w", received_at=waiting.time)
    for each, facts in (
        (paused, [MemberPaused()]),
        (blocked, [gone]),
        (back, [MemberPaused(), MemberResumed()]),
        (asked, [MemberPaused()]),
    ):
        await happened(office, each, *facts, source="chat")
    await raised(office, again, key="overdose")
    async with staffroom(office, at_work):
        stopped = [(await office.said(each, AlertFollowUpEnded))[0] for each in (paused, blocked, again, asked)]
        [due] = await office.said(back, AlertFollowUpDue)
        tasks = [each for each in await office.facts(asked, "alert", 1) if isinstance(each, AlertRaised)]
    assert {each.outcome for each in stopped} == {"stopped"}
    assert due.number == 1
    assert not [each for each in tasks if each.reason == "unanswered"]


async def test_after_an_alert_was_reopened_and_resolved_once_more_the_contacts_begin_with_the_first(
    office: Office, at_work: AtWork, member: str
) -> None:
    alert = await _resolved(office, member, ago_s=20 * DAY_S)
    await happened(office, member, _due(alert), ago_s=18 * DAY_S)
    ended = AlertFollowUpEnded(alert=alert.id, number=1, outcome="unanswered")
    await happened(office, member, ended, ago_s=16 * DAY_S)
    await happened(office, member, AlertReopened(alert=alert.id, by="ploy", via="cli"), ago_s=3 * DAY_S)
    resolved = AlertResolved(alert=alert.id, by="ploy", disposition="contacted", via="cli")
    await happened(office, member, resolved, ago_s=2 * DAY_S)
    async with staffroom(office, at_work):
        facts = await office.said(member, AlertFollowUpDue, 2)
    assert [each.number for each in facts] == [1, 1]


async def _resolved(
    office: Office, member: str, *, ago_s: float, disposition: Disposition = "contacted", **more: Any
) -> Envelope[AlertRaised]:
    alert = await raised(office, member, ago_s=ago_s, **more)
    resolved = AlertResolved(alert=alert.id, by="ploy", disposition=disposition, via="cli")
    await happened(office, member, resolved, ago_s=ago_s)
    return alert


def _due(alert: Envelope[AlertRaised]) -> AlertFollowUpDue:
    return AlertFollowUpDue(alert=alert.id, number=1, level="high")
