"""Looks every half minute whether anything that was due left no trace, and tells an outside switch that we live."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from prometheus_client import Counter as CounterMetric
from prometheus_client import Gauge

from namjai.events.alert import AlertEscalationFailed
from namjai.notify.board import Board
from namjai.notify.casework import Casework
from namjai.notify.domain.due import Due, dues
from namjai.notify.domain.inbox import LEVELS, Alert
from namjai.notify.ports import Clock, Roster
from namjai.runtime.errors import Conflict, LogUnavailable, Retry
from namjai.runtime.logs import get_logger

GRACE: Final = timedelta(seconds=15)
"""A step that is being carried out takes some seconds; after this, nobody is at it."""
UNACCOUNTED_AFTER: Final = timedelta(minutes=5)
AT_ONCE_MAX: Final = 16

_log = get_logger(__name__)


class Heartbeat(Protocol):
    """An outside dead-man's switch: it alarms when it is not heard. Nothing is raised."""

    async def beat(self) -> bool: ...


@dataclass(frozen=True)
class WatchMeters:
    """What the watchdog shows."""

    open: Gauge
    unanswered_age: Gauge
    overdue: Gauge
    unaccounted: Gauge
    nobody_came: Gauge
    failed: CounterMetric
    heartbeats: CounterMetric


class Watchdog:
    """At start it moves along whatever was due while nobody was there; then it watches."""

    def __init__(
        self,
        board: Board,
        casework: Casework,
        roster: Roster,
        heartbeat: Heartbeat,
        meters: WatchMeters,
        clock: Clock,
        *,
        every_s: float,
    ) -> None:
        self._board = board
        self._casework = casework
        self._roster = roster
        self._heartbeat = heartbeat
        self._meters = meters
        self._clock = clock
        self._every_s = every_s

    async def run(self, stop: asyncio.Event) -> None:
        """Watch until `stop`."""
        await self._start(stop)
        while not await _stopped(stop, self._every_s):
            try:
                await self.look()
            except LogUnavailable as away:
                _log.error("watchdog_cannot_see", reason=str(away))

    async def look(self) -> None:
        """One round. The heart beats only if everything that was due has left its trace."""
        now = self._clock()
        await self._board.refresh(now)
        self._board.forget(now)
        overdue = self._overdue(now)
        for member, late in overdue:
            await self._rescue(member, late, now)
        unaccounted = sum(_unaccounted(alert, now) for alert in self._board.alerts())
        self._show(now, len(overdue), unaccounted)
        if not overdue and not unaccounted:
            self._meters.heartbeats.labels("sent" if await self._heartbeat.beat() else "failed").inc()

    async def _start(self, stop: asyncio.Event) -> None:
        """Timers that came while nobody was there, and commands that were cut off before they set one."""
        while True:
            try:
                await self._board.refresh(self._clock())
                break
            except LogUnavailable as away:
                _log.warning("alerts_cannot_be_read", reason=str(away))
                if await _stopped(stop, 0.5):
                    return
        room = asyncio.Semaphore(AT_ONCE_MAX)

        async def one(member: str) -> None:
            async with room:
                await self._advance(member)

        async with asyncio.TaskGroup() as work:
            for member in self._board.members():
                if dues(self._board.inbox(member), self._roster.rules()):
                    work.create_task(one(member))

    async def _advance(self, member: str) -> None:
        try:
            await self._casework.advance(member)
        except (LogUnavailable, Conflict, Retry) as later:
            _log.warning("alert_waits_for_the_watchdog", reason=type(later).__name__)

    def _overdue(self, now: datetime) -> list[tuple[str, Due]]:
        rules = self._roster.rules()
        return [
            (member, late)
            for member in self._board.members()
            for late in dues(self._board.inbox(member), rules)
            if late.at + GRACE < now
        ]

    async def _rescue(self, member: str, late: Due, now: datetime) -> None:
        overdue_s = (now - late.at).total_seconds()
        alert = self._board.inbox(member).alerts[late.alert]
        run = alert.chain.run if alert.chain else 0
        self._meters.failed.inc()
        _log.error("alert_escalation_failed", alert=late.alert, what=late.what, overdue_s=overdue_s)
        failed = AlertEscalationFailed(alert=late.alert, run=run, step=late.number, overdue_s=overdue_s)
        await self._casework.record(member, alert, f"overdue|{late.what}|{run}|{late.number}", failed)
        await self._advance(member)

    def _show(self, now: datetime, overdue: int, unaccounted: int) -> None:
        waiting = [alert for alert in self._board.alerts() if alert.is_open]
        by_level = Counter(alert.level for alert in waiting)
        for level in LEVELS[1:]:
            self._meters.open.labels(level).set(by_level[level])
        ages = [(now - alert.raised_at).total_seconds() for alert in waiting if alert.owner is None]
        self._meters.unanswered_age.set(max(ages, default=0.0))
        self._meters.nobody_came.set(sum(alert.status == "exhausted" for alert in waiting))
        self._meters.overdue.set(overdue)
        self._meters.unaccounted.set(unaccounted)


def _unaccounted(alert: Alert, now: datetime) -> int:
    """People of carried-out steps of whom nothing is on record, neither that they were told nor that it failed."""
    chain = alert.chain
    if chain is None or chain.done_at is None or now - chain.done_at < UNACCOUNTED_AFTER:
        return 0
    accounted = {(telling.step, telling.staff) for telling in alert.told | alert.failed}
    return len(alert.to_tell - accounted)


async def _stopped(stop: asyncio.Event, within_s: float) -> bool:
    try:
        async with asyncio.timeout(within_s):
            await stop.wait()
    except TimeoutError:
        return False
    return True
