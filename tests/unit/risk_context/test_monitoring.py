"""A watch begins with a grave verdict and ends with time or a clinician; a silence after danger is noticed once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from namjai.events import Envelope, Fact, Stored, follow
from namjai.events.alert import AlertContacted, AlertRaised, AlertSaid
from namjai.events.member import MemberErased
from namjai.events.risk import MonitoringEnded, MonitoringStarted, SilenceNoticed
from namjai.events.sealed import Sealed
from namjai.risk import monitoring
from namjai.risk.domain.context import Watch
from namjai.risk.ports import Monitoring
from namjai.runtime.errors import Duplicate, Retry
from namjai.runtime.memory import MemoryTimers
from namjai.runtime.timers import Timer
from tests.unit.risk_context.story import (
    MEMBER,
    NOW,
    alerted,
    at,
    checked_in,
    corrected,
    heard,
    judged,
    merged,
    reopened,
    resolved,
    wrote,
)

DAY = timedelta(days=1)


class World:
    """A log that is a list, timers that ring when told, a clock that is moved; what handlers say goes to the log."""

    def __init__(self, *events: Stored[Fact], now: datetime = NOW) -> None:
        self.log = list(events)
        self.now = now
        self.timers = MemoryTimers()
        self.at_work = Monitoring(
            records=self,
            timers=self.timers,
            append=self.append,
            clock=lambda: self.now,
            watch=Watch(),
            patience=DAY,
        )

    async def since(self, member: str, facts: Sequence[type[Fact]], since: datetime) -> Sequence[Stored[Fact]]:
        kinds = tuple(facts)
        return [e for e in self.log if e.event.subject == member and isinstance(e.event.data, kinds)]

    async def append(self, events: Sequence[Envelope[Fact]]) -> None:
        if any(event.id == each.event.id for event in events for each in self.log):
            raise Duplicate
        self.log.extend(Stored(2_000_000 + len(self.log) + n, event) for n, event in enumerate(events))

    async def happens(self, *events: Stored[Fact]) -> None:
        """They are written, and each is handed to its handler, as the frame does."""
        for each in sorted(events, key=lambda each: each.sequence):
            if each not in self.log:
                self.log.append(each)
            self.now = max(self.now, each.event.time)
            handler = monitoring.HANDLERS.get(type(each.event.data))
            said = await handler(each.event, self.at_work) if handler else ()
            for n, fact in enumerate(said):
                said_at = follow(each.event, fact, source=monitoring.SOURCE, n=n, time=self.now)
                if said_at.id not in {e.event.id for e in self.log}:
                    await self.append([said_at])

    async def passes(self, time: timedelta, *, twice: bool = False) -> None:
        """Time passes, and every timer that is due by then rings."""
        self.now += time
        for timer in self.timers.due(self.now):
            for _ in range(2 if twice else 1):
                await monitoring.on_due(timer, self.at_work)

    def said(self, *kinds: type[Fact]) -> list[Fact]:
        mine = [each.event for each in self.log if each.event.source == monitoring.SOURCE]
        return [event.data for event in mine if isinstance(event.data, kinds or Fact)]


def danger(age_h: float, level: str, message: str = "m") -> list[Stored[Fact]]:
    return [wrote(age_h + 0.001, message), judged(age_h, level, message), alerted(age_h, level, message)]


@pytest.mark.parametrize(("level", "days"), [("medium", 3), ("high", 7), ("crisis", 14)])
async def test_a_grave_verdict_begins_a_watch_and_time_ends_it(level: str, days: int) -> None:
    world = World()
    await world.happens(*danger(0, level))
    (started,) = world.said()
    assert isinstance(started, MonitoringStarted)
    assert (started.level, started.until, started.cause) == (level, NOW + days * DAY, "verdict-of-m")
    await world.happens(wrote(-1, "later"))  # heard, so that silence is not the matter here
    await world.passes(days * DAY - timedelta(hours=2))
    assert world.said(MonitoringEnded) == []
    await world.passes(timedelta(hours=2), twice=True)
    (ended,) = world.said(MonitoringEnded)
    assert isinstance(ended, MonitoringEnded)
    assert (ended.reason, ended.by) == ("time", None)


async def test_a_later_verdict_moves_the_end_and_a_lesser_one_does_not_bring_it_forward() -> None:
    world = World()
    await world.happens(*danger(0, "high", "a"))
    await world.happens(*danger(-24, "medium", "b"))
    assert len(world.said(MonitoringStarted)) == 1, "the medium one ends sooner than the high one"
    await world.happens(*danger(-24 * 6, "medium", "c"))
    assert [fact.until for fact in world.said(MonitoringStarted) if isinstance(fact, MonitoringStarted)] == [
        NOW + 7 * DAY,
        NOW + 9 * DAY,
    ]
    await world.passes(2 * DAY)  # the high one is over
    assert world.said(MonitoringEnded) == []
    await world.passes(DAY)
    assert len(world.said(MonitoringEnded)) == 1


async def test_a_timer_that_comes_too_early_is_set_again() -> None:
    world = World()
    await world.happens(*danger(0, "medium"))
    world.now += timedelta(hours=1)
    await monitoring.on_due(Timer(service="risk", key="k", kind="watch", member=MEMBER, due=world.now), world.at_work)
    assert world.said(MonitoringEnded) == []
    await world.passes(3 * DAY)
    assert len(world.said(MonitoringEnded)) == 1


async def test_a_false_alarm_ends_the_watch_and_says_who_ended_it() -> None:
    world = World()
    await world.happens(*danger(0, "high"), resolved(-1, "m", "contacted"))
    assert world.said(MonitoringEnded) == []
    await world.happens(resolved(-2, "m"))
    (ended,) = world.said(MonitoringEnded)
    assert isinstance(ended, MonitoringEnded)
    assert (ended.reason, ended.by) == ("clinician", "dr")
    await world.passes(30 * DAY)
    assert len(world.said(MonitoringEnded)) == 1


async def test_a_lower_level_moves_the_end_and_reopening_brings_the_watch_back() -> None:
    world = World()
    await world.happens(*danger(0, "crisis"), corrected(-1, "m", "medium"))
    assert [(f.level, f.until) for f in world.said() if isinstance(f, MonitoringStarted)] == [
        ("crisis", NOW + 14 * DAY),
        ("medium", NOW + 3 * DAY),
    ]
    other = World()
    await other.happens(*danger(0, "high"), resolved(-1, "m"), reopened(-2, "m"))
    assert [type(fact) for fact in other.said()] == [MonitoringStarted, MonitoringEnded, MonitoringStarted]


async def test_alerts_that_judge_no_words_watch_nobody() -> None:
    world = World()
    await world.happens(alerted(0, "high", "m", reason="unscreened"), alerted(0, "medium", "m", reason="unanswered"))
    assert world.said() == []


async def test_an_alert_older_than_any_watch_is_let_be() -> None:
    world = World()
    await world.happens(*danger(24 * 15, "crisis"))
    assert world.said() == []
    assert world.timers.due(NOW + 100 * DAY) == []


async def test_an_event_the_log_does_not_show_yet_is_tried_again() -> None:
    with pytest.raises(Retry):
        await monitoring.on_alert_raised(alerted(0, "high", "m").event, World().at_work)  # type: ignore[arg-type]


# Silence


async def test_silence_after_a_high_risk_is_noticed_once() -> None:
    world = World()
    await world.happens(*danger(0, "high"))
    await world.passes(DAY, twice=True)
    noticed, alert = world.said(SilenceNoticed, AlertRaised)
    assert isinstance(noticed, SilenceNoticed)
    assert isinstance(alert, AlertRaised)
    assert (noticed.since, noticed.level) == (NOW, "high")
    assert (alert.level, alert.reason, alert.merge_key, alert.message) == ("medium", "unanswered", "m1:silence", "m")
    await world.passes(30 * DAY, twice=True)
    assert len(world.said(SilenceNoticed)) == 1


async def test_a_medium_risk_is_not_asked_after() -> None:
    world = World()
    await world.happens(*danger(0, "medium"))
    await world.passes(2 * DAY)
    assert world.said(SilenceNoticed) == []


@pytest.mark.parametrize(
    "sign",
    [
        wrote(-3, "hello again"),
        checked_in(-3, mood=5),
        at(-3, AlertSaid(alert="alert-of-m", by="dr", via="cli", words=Sealed("x"))),
        at(-3, AlertContacted(alert="alert-of-other", by="dr", how="telephone", via="cli")),
        resolved(-3, "m", "contacted"),
        corrected(-3, "m", "low"),
    ],
    ids=["wrote", "checked in", "was written to", "was called", "resolved", "taken back"],
)
async def test_a_sign_of_the_person_or_a_human_word_ends_the_wait(sign: Stored[Fact]) -> None:
    world = World()
    await world.happens(*danger(0, "high"), sign)
    await world.passes(2 * DAY)
    assert world.said(SilenceNoticed) == []


async def test_words_between_the_message_and_its_verdict_count_as_heard() -> None:
    world = World()
    await world.happens(wrote(2, "m"), wrote(1, "and more"), judged(0, "high", "m"), alerted(0, "high", "m"))
    await world.passes(2 * DAY)
    assert world.said(SilenceNoticed) == []


@pytest.mark.parametrize(("then", "asked"), [(None, 1), (0.5, 0)])
async def test_a_voice_is_one_sign_of_life_whenever_it_is_understood(then: float | None, asked: int) -> None:
    """It counts from when it was said: its words are no later sign, and what was written meanwhile is one."""
    voice = wrote(1, "voice")
    words = heard(0.1, voice, "…")
    world = World(voice, *([wrote(then, "written meanwhile")] if then else []))
    await world.happens(words, judged(0.05, "high", words.event.id), alerted(0.05, "high", words.event.id))
    assert len(world.said(MonitoringStarted)) == 1
    await world.passes(DAY + timedelta(hours=1))
    assert len(world.said(SilenceNoticed)) == asked


async def test_an_older_voice_that_is_understood_late_does_not_end_the_wait() -> None:
    voice = wrote(2, "voice")
    world = World(voice)
    await world.happens(*danger(1, "high"))
    await world.happens(heard(0.5, voice, "…"))
    await world.passes(DAY)
    assert len(world.said(SilenceNoticed)) == 1


async def test_the_end_of_another_alert_is_no_word_about_this_one() -> None:
    world = World()
    await world.happens(*danger(5, "high", "old"), *danger(0, "high", "m"), resolved(-1, "old", "contacted"))
    await world.passes(DAY)
    assert len(world.said(SilenceNoticed)) == 1


async def test_the_end_of_the_alert_it_was_merged_into_is_a_word_about_it() -> None:
    world = World()
    await world.happens(
        *danger(5, "high", "old"), *danger(0, "high", "m"), merged(0, "m", "old"), resolved(-1, "old", "contacted")
    )
    await world.passes(2 * DAY)
    assert world.said(SilenceNoticed) == []


async def test_a_later_high_risk_moves_the_wait() -> None:
    world = World()
    await world.happens(*danger(0, "high", "a"), *danger(-20, "high", "b"))
    await world.passes(timedelta(hours=5))
    assert world.said(SilenceNoticed) == []
    await world.passes(timedelta(hours=20))
    (noticed,) = world.said(SilenceNoticed)
    assert isinstance(noticed, SilenceNoticed)
    assert noticed.since == NOW + timedelta(hours=20)


async def test_whoever_is_erased_is_not_asked_after() -> None:
    world = World()
    await world.happens(*danger(0, "crisis"))
    timers = [*world.timers.due(NOW + 30 * DAY)]
    await world.happens(at(-1, MemberErased(receipt="r")))
    world.now += 30 * DAY
    for timer in timers:  # they were under way when the person was erased
        await monitoring.on_due(timer, world.at_work)
    assert [type(fact) for fact in world.said()] == [MonitoringStarted]


# Whatever happens

HAPPENINGS = st.lists(
    st.one_of(
        st.tuples(st.just("danger"), st.sampled_from(["medium", "high", "crisis"])),
        st.tuples(st.just("false alarm"), st.just("")),
        st.tuples(st.just("hours"), st.integers(1, 200).map(str)),
        st.tuples(st.just("twice"), st.just("")),
    ),
    max_size=12,
)


@given(HAPPENINGS)
async def test_every_watch_that_began_ends_once(happenings: list[tuple[str, str]]) -> None:
    world, n, last = World(), 0, ""
    for what, how in happenings:
        age_h = (NOW - world.now) / timedelta(hours=1)
        if what == "danger":
            n, last = n + 1, f"m{n}"
            await world.happens(*danger(age_h, how, last))
        elif what == "false alarm" and last:
            await world.happens(resolved(age_h - 0.01, last))
        elif what == "hours":
            await world.passes(timedelta(hours=int(how)))
        elif what == "twice" and last:
            await world.happens(next(e for e in world.log if e.event.id == f"alert-of-{last}"))
    await world.passes(20 * DAY, twice=True)
    await world.passes(20 * DAY, twice=True)
    on = 0
    for fact in world.said(MonitoringStarted, MonitoringEnded):
        on = 1 if isinstance(fact, MonitoringStarted) else on - 1
        assert on in (0, 1), "a watch ended that was not on"
    assert on == 0
    asked = [f.since for f in world.said(SilenceNoticed) if isinstance(f, SilenceNoticed)]
    assert len(asked) == len(set(asked))
