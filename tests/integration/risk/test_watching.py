"""Watches and silences on real timers: late after a restart, moved, ended by a clinician, once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from namjai.events.alert import AlertRaised, AlertResolved, AlertSaid
from namjai.events.checkin import CheckInRecorded
from namjai.events.instrument import InstrumentAnswered
from namjai.events.media import MediaTranscribed
from namjai.events.member import MemberErased
from namjai.events.risk import MonitoringEnded, MonitoringStarted, RiskAssessed, SilenceNoticed
from namjai.events.sealed import Sealed
from tests.integration.risk.conftest import AtWork, Person

HOURS_PER_S = 1 / 3600
SHORT = {
    "watch_medium_hours": 2 * HOURS_PER_S,
    "watch_high_hours": 3 * HOURS_PER_S,
    "watch_crisis_hours": 4 * HOURS_PER_S,
    "silence_hours": 2 * HOURS_PER_S,
}
WISH, DANGER = "ไม่อยากมีชีวิตอยู่", "I will kill myself tonight, I have the pills"


async def test_a_watch_begins_and_ends_with_time(at_work: AtWork, person: Person) -> None:
    async with at_work(**SHORT):
        await person.writes(WISH)
        (started,) = await person.said(MonitoringStarted)
        (ended,) = await person.said(MonitoringEnded)
    assert (started.level, ended.reason) == ("medium", "time")
    assert await person.has_said(SilenceNoticed) == [], "a medium verdict is not asked after"


async def test_danger_in_a_voice_is_judged_watched_and_asked_after_like_danger_in_words(
    at_work: AtWork, person: Person
) -> None:
    async with at_work(**SHORT):
        heard = await person.says(DANGER)
        (alert,) = await person.said(AlertRaised)
        (started,) = await person.said(MonitoringStarted)
        (noticed,) = await person.said(SilenceNoticed)
        await person.said(MonitoringEnded)
    voice, words = await person.said(RiskAssessed, 2)
    assert (voice.outcome, words.outcome, words.level) == ("no_text", "screened", "crisis")
    assert words.message == alert.message == heard.id
    assert isinstance(heard.data, MediaTranscribed)
    assert (alert.level, alert.received_at) == ("crisis", heard.data.received_at)
    assert (started.level, noticed.level) == ("crisis", "crisis")


async def test_what_a_voice_said_weighs_on_the_next_words(at_work: AtWork, person: Person) -> None:
    async with at_work():
        await person.says(DANGER)
        await person.said(AlertRaised)
        await person.writes(WISH)
        verdicts = await person.said(RiskAssessed, 3)
    assert (verdicts[-1].level, verdicts[-1].raised_by[0]) == ("high", "recent_high_72h")


async def test_timers_that_came_due_while_nobody_was_there_are_late_and_not_lost(
    at_work: AtWork, person: Person
) -> None:
    async with at_work(**SHORT):
        await person.writes(DANGER)
        await person.said(MonitoringStarted)
    await asyncio.sleep(5)
    assert await person.has_said(MonitoringEnded) == []
    async with at_work(**SHORT):
        await person.said(MonitoringEnded)
        (noticed,) = await person.said(SilenceNoticed)
        alerts = await person.said(AlertRaised, 2)
    async with at_work(**SHORT):
        await asyncio.sleep(1)
    assert len(await person.has_said(MonitoringEnded)) == 1
    assert len(await person.has_said(SilenceNoticed)) == 1
    assert noticed.level == "crisis"
    assert (alerts[1].reason, alerts[1].level, alerts[1].message) == ("unanswered", "medium", alerts[0].message)


async def test_what_was_due_before_anybody_looked_is_due_at_once(at_work: AtWork, person: Person) -> None:
    await person.was_judged("high", ago_s=2.5)
    async with at_work(**SHORT):
        await person.said(SilenceNoticed)
        await person.said(MonitoringEnded)


async def test_a_later_verdict_moves_the_end(at_work: AtWork, person: Person) -> None:
    async with at_work(**SHORT):
        await person.writes(WISH)
        await person.said(MonitoringStarted)
        await asyncio.sleep(1)
        await person.writes(WISH)
        first, second = await person.said(MonitoringStarted, 2)
        assert second.until > first.until
        await person.said(MonitoringEnded)
        assert len(await person.has_said(MonitoringEnded, after_s=1)) == 1


async def test_a_clinician_ends_it(at_work: AtWork, person: Person) -> None:
    async with at_work():
        await person.writes(DANGER)
        await person.said(MonitoringStarted)
        alert = next(
            each.event
            for each in await person.journal.history(person.member)
            if isinstance(each.event.data, AlertRaised)
        )
        await person.happens(AlertResolved(alert=alert.id, by="dr", disposition="false_alarm", via="cli"))
        (ended,) = await person.said(MonitoringEnded)
    assert (ended.reason, ended.by) == ("clinician", "dr")


async def test_who_is_heard_or_spoken_to_is_not_asked_after(at_work: AtWork, people: Callable[[], Person]) -> None:
    wrote, was_told, was_erased, silent = people(), people(), people(), people()
    async with at_work(**SHORT):
        for person in (wrote, was_told, was_erased, silent):
            await person.writes(DANGER)
            await person.said(MonitoringStarted)
        await wrote.writes("ok")
        await was_told.happens(AlertSaid(alert="a", by="dr", via="cli", words=Sealed("x")))
        await was_erased.happens(MemberErased(receipt="r"))
        await silent.said(SilenceNoticed)
        await asyncio.sleep(1)
    for person in (wrote, was_told, was_erased):
        assert await person.has_said(SilenceNoticed) == []
    assert await was_erased.has_said(MonitoringEnded) == []


async def test_an_answer_about_death_is_judged_and_bears_on_what_comes_next(at_work: AtWork, person: Person) -> None:
    async with at_work():
        answer = await person.happens(
            InstrumentAnswered(instrument="phq-9", version="1", item=9, value=3, about_death=True)
        )
        await person.happens(InstrumentAnswered(instrument="phq-9", version="1", item=1, value=3))
        (verdict,) = await person.said(RiskAssessed)
        (alert,) = await person.said(AlertRaised)
        assert (verdict.message, verdict.level, verdict.policy) == (answer.id, "high", "instrument-1")
        assert alert.received_at == answer.time
        await person.writes(WISH)
        _, after = await person.said(RiskAssessed, 2)
    assert (after.level, after.raised_by) == ("high", ("recent_high_72h", "standing_high"))


async def test_a_check_in_that_means_something_is_noted_and_calls_nobody(at_work: AtWork, person: Person) -> None:
    async with at_work():
        await person.happens(CheckInRecorded(mood=7, craving=2, used=False))
        await person.happens(CheckInRecorded(mood=3))
        (verdict,) = await person.said(RiskAssessed)
    assert (verdict.level, verdict.policy, verdict.findings[0].rule) == ("low", "checkin-1", "checkin.mood")
    assert await person.has_said(AlertRaised) == []
