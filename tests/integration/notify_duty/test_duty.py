"""Overrides and the watch as facts of a real log; however many replicas there are, each change is said once."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from structlog.testing import CapturingLogger

from namjai.devkit.testing import NatsServer
from namjai.events import subjects
from namjai.events.duty import OverrideCancelled, OverrideSet, WatchChanged
from namjai.notify.adapters import duty as duty_module
from namjai.notify.adapters.duty import DutyLog, Watch
from namjai.notify.adapters.roster import LiveRoster, roster_in_force
from namjai.notify.domain.roster import AlertsSection, Staff
from namjai.runtime.bus import Requests, connect
from namjai.runtime.config import NatsConfigStore
from namjai.runtime.errors import LogUnavailable
from namjai.runtime.log import NatsLog
from namjai.runtime.metrics import Metrics
from tests.integration.notify_duty.conftest import SECTION, Clock

pytestmark = pytest.mark.usefixtures("people")
HOUR = timedelta(hours=1)
PLOY = Staff(name="ploy", email="ploy@clinic.example")


@dataclass
class Replica:
    """One notify process, as far as duty goes."""

    log: NatsLog
    duty: DutyLog
    roster: LiveRoster
    watch: Watch
    metrics: Metrics

    def measured(self, name: str, **labels: str) -> float | None:
        return self.metrics.registry.get_sample_value(f"namjai_{name}", labels)

    async def said(self) -> list[WatchChanged]:
        subject = subjects.event(WatchChanged.TYPE, subjects.NOBODY)
        found = [stored.event.data for stored in await self.log.recent(subject, Clock()() - HOUR)]
        return [fact for fact in found if isinstance(fact, WatchChanged)]

    async def until(self, met: Callable[[list[WatchChanged]], bool], within_s: float = 10) -> list[WatchChanged]:
        async with asyncio.timeout(within_s):
            while True:
                with suppress(LogUnavailable):
                    if met(found := await self.said()):
                        return found
                await asyncio.sleep(0.02)


@asynccontextmanager
async def replica(server: NatsServer, clock: Clock, staff: list[Staff] | None = None) -> AsyncIterator[Replica]:
    nc = await connect(server.url_for("notify"), name="notify")
    metrics = Metrics("notify")
    log = NatsLog(await Requests.open(nc))
    duty = DutyLog(log, clock, metrics)
    async with roster_in_force(nc.jetstream(), staff or [], duty, clock, metrics) as roster:
        yield Replica(log, duty, roster, Watch(roster, duty, log, clock, metrics), metrics)
    await nc.close()


@asynccontextmanager
async def watching(*replicas: Replica) -> AsyncIterator[None]:
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as work:
        for each in replicas:
            work.create_task(each.watch.run(stop))
        try:
            yield
        finally:
            stop.set()


def override(clock: Clock, **more: Any) -> OverrideSet:
    wish: dict[str, Any] = {"schedule": "ward", "staff": "dao", "start": clock(), "end": clock() + HOUR, "by": "ploy"}
    return OverrideSet(**{**wish, **more})


@pytest.fixture
def printed(monkeypatch: pytest.MonkeyPatch) -> CapturingLogger:
    logger = CapturingLogger()
    monkeypatch.setattr(duty_module, "_log", logger)
    return logger


async def put(store: NatsConfigStore, section: dict[str, Any]) -> None:
    await store.put(SECTION, json.dumps(section).encode())


async def test_an_override_is_seen_at_once_here_and_within_two_seconds_elsewhere(
    server: NatsServer, clock: Clock
) -> None:
    async with replica(server, clock) as one, replica(server, clock) as other:
        assert await one.duty.overrides() == await other.duty.overrides() == ()
        [first] = await one.duty.say([override(clock)], "wish")
        assert [each.id for each in await one.duty.overrides()] == [first]
        async with asyncio.timeout(duty_module.FRESH_S + 1):
            while not await other.duty.overrides():
                await asyncio.sleep(0.05)
        await other.duty.say([OverrideCancelled(override=first, by="dao")], "no")
        [ended] = await other.duty.overrides()
        assert ended.end <= clock()


async def test_a_wish_is_said_once_however_often_it_is_made(server: NatsServer, clock: Clock) -> None:
    async with replica(server, clock) as one:
        swap = [override(clock), override(clock, staff="ploy", start=clock() + HOUR, end=clock() + 2 * HOUR)]
        ids = await one.duty.say(swap, "wish")
        assert await one.duty.say(swap, "wish") == ids == one.duty.ids("wish", 2)
        assert [each.id for each in await one.duty.overrides()] == ids


async def test_two_replicas_say_once_that_somebody_watches(
    server: NatsServer, clock: Clock, store: NatsConfigStore, clinic: dict[str, Any]
) -> None:
    await put(store, clinic)
    async with replica(server, clock) as one, replica(server, clock) as other:
        await asyncio.gather(*(each.watch.look() for each in (one, other, one, other)))
        [said] = await one.said()
        assert said.watched
        assert said.until is not None
        assert timedelta(hours=1, minutes=58) < said.until - clock() <= timedelta(hours=2)
        assert one.measured("oncall_watched") == 1
        clock.ahead = 3 * HOUR
        await asyncio.gather(*(each.watch.look() for each in (one, other, one, other)))
        assert [fact.watched for fact in await one.said()] == [True, False]
        assert one.measured("oncall_watched") == 0
        assert one.measured("oncall_gap_seconds", level="any") == 0


async def test_a_replica_whose_clock_is_behind_does_not_contradict(
    server: NatsServer, clock: Clock, store: NatsConfigStore, clinic: dict[str, Any]
) -> None:
    await put(store, clinic)
    behind = Clock(ahead=timedelta(hours=2) - timedelta(minutes=2))
    clock.ahead = timedelta(hours=2)
    async with replica(server, clock) as one, replica(server, behind) as other:
        assert not (await one.watch.look()).watched
        assert (await other.watch.look()).watched
        assert [fact.watched for fact in await one.said()] == [False]


async def test_a_new_roster_is_heard_at_once(
    server: NatsServer, clock: Clock, store: NatsConfigStore, clinic: dict[str, Any]
) -> None:
    async with replica(server, clock, [PLOY]) as one, replica(server, clock, [PLOY]) as other, watching(one, other):
        [always] = await one.until(lambda said: len(said) == 1)
        assert (always.watched, always.until) == (True, None)
        await put(store, clinic)
        [_, until] = await one.until(lambda said: len(said) == 2, within_s=5)
        assert until.until is not None
        clinic["route"] = {"crisis": "gone"}
        await put(store, clinic)
        await asyncio.sleep(0.5)
        assert len(await one.said()) == 2
        assert one.roster.plan("crisis").policy == "default"


async def test_the_end_of_somebodys_duty_is_said_at_that_moment(
    server: NatsServer, clock: Clock, store: NatsConfigStore, clinic: dict[str, Any]
) -> None:
    clock.ahead = 3 * HOUR  # ploy's day is over
    await put(store, clinic)
    async with replica(server, clock) as one, watching(one):
        await one.until(lambda said: [fact.watched for fact in said] == [False])
        end = clock() + timedelta(seconds=2)
        await one.duty.say([override(clock, end=end)], "wish")
        found = await one.until(lambda said: len(said) == 2, within_s=1.5)
        assert (found[1].watched, found[1].until) == (True, end)
        await one.until(lambda said: [fact.watched for fact in said] == [False, True, False])
        assert clock() - end < timedelta(seconds=1)


async def test_a_gap_is_warned_about_before_it_comes_and_each_warning_once(
    server: NatsServer, clock: Clock, store: NatsConfigStore, clinic: dict[str, Any], printed: CapturingLogger
) -> None:
    clinic["schedules"]["ward"]["layers"][0] |= {"only": [], "end": f"{clock() + timedelta(days=2):%Y-%m-%d}"}
    await put(store, clinic)
    async with replica(server, clock) as one:
        for ahead_h, expected in ((-48, 0), (0, 1), (0, 1), (30, 2), (30, 2), (72, 3), (73, 3)):
            clock.ahead = ahead_h * HOUR
            await one.watch.look()
            warnings = [call for call in printed.calls if call.args == ("oncall_gap",)]
            assert len(warnings) == expected, ahead_h
        assert [call.kwargs["level"] for call in warnings] == ["any"] * 3
        assert 0 < warnings[0].kwargs["starts_in_s"] < 72 * 3600
        assert warnings[2].kwargs["starts_in_s"] == 0
        assert [call.method_name for call in printed.calls if call.args == ("oncall_nobody",)] == ["error"]


async def test_the_watch_goes_on_when_the_log_is_back(
    server: NatsServer, clock: Clock, printed: CapturingLogger
) -> None:
    async with replica(server, clock, [PLOY]) as one, watching(one):
        await one.until(lambda said: len(said) == 1)
        await server.stop()
        clock.ahead = timedelta(days=1)
        async with asyncio.timeout(15):
            while all(call.args != ("oncall_watch_waits_for_the_log",) for call in printed.calls):
                one.roster.replace(AlertsSection())
                await asyncio.sleep(0.1)
        await server.start()
        await one.until(lambda said: [fact.watched for fact in said] == [True, False], within_s=20)


async def test_the_roster_answers_from_config_and_overrides_together(
    server: NatsServer, clock: Clock, store: NatsConfigStore, clinic: dict[str, Any]
) -> None:
    clinic["follow_up_days"] = [1, 2]
    await put(store, clinic)
    async with replica(server, clock, [PLOY]) as one:
        assert [each.name for each in await one.roster.targets("default", 1, clock())] == ["ploy"]
        await one.duty.say([override(clock)], "wish")
        assert [each.name for each in await one.roster.targets("default", 1, clock())] == ["dao"]
        assert [each.name for each in one.roster.fallback("default")] == ["ploy", "dao"]
        assert one.roster.rules().follow_up_s == (86_400, 172_800)
        assert one.roster.staff("dao") is not None
        assert one.roster.staff_by_line("U" + "0" * 32) is None
