"""The projection: reads the log from the stored position on, at its own pace, and writes it batch by batch.

There is no delivery and no acknowledgement here. The log is asked for what follows the position, and the position
moves in the transaction that writes what it stands for. So nothing can be skipped, doubled or out of order, whoever
is killed when; and while PostgreSQL is away nothing is held anywhere but in the log.
"""

from __future__ import annotations

import asyncio
import random
from contextlib import aclosing
from dataclasses import dataclass
from datetime import tzinfo
from typing import Final

from namjai.analytics.batch import Batch, chunks, prepare
from namjai.analytics.ports import Leader, Moved, Source, Store, StoreUnavailable
from namjai.analytics.settings import AnalyticsSettings
from namjai.runtime.errors import LogUnavailable
from namjai.runtime.logs import get_logger
from namjai.runtime.metrics import Metrics, timed
from namjai.runtime.outside import Outside
from namjai.runtime.tracing import UNTRACED, Tracing

BACKOFF_FIRST_MS: Final = 100

_log = get_logger(__name__)


class LogLost(Exception):
    """The log ends before the position: it is not the log that was projected. It must be restored from the archive."""


class Behind(Exception):
    """The projection lags further than is healthy."""


@dataclass
class Progress:
    """How far this replica is; `state` is starting, projecting, standby, waiting or stopped."""

    position: int = 0
    last: int = 0
    state: str = "starting"

    @property
    def behind(self) -> int:
        return max(0, self.last - self.position)


class Projector:
    """Projects as long as it leads, stands by while another replica does, and waits while something is away."""

    def __init__(
        self, log: Source, store: Store, settings: AnalyticsSettings, metrics: Metrics, tracing: Tracing = UNTRACED
    ) -> None:
        self._source = log
        self._store = store
        self._settings = settings
        self._tracing = tracing
        self._outside = Outside(metrics)
        self._zone: tzinfo = settings.zone()
        self.progress = Progress()
        self._failures = 0
        self._trouble: Exception = StoreUnavailable("not started")
        self._projected = metrics.counter("projected", "Events projected, by how they were read.", ("result",))
        self._behind = metrics.gauge("projection_behind", "Events in the log that are not projected.")
        self._leads = metrics.gauge("projection_leads", "1 while this replica is the one that projects.")
        self._seconds = metrics.histogram("projection_batch_seconds", "Time to prepare and write one batch.")

    async def run(self, stop: asyncio.Event) -> None:
        """Project until `stop`; the batch at hand is finished."""
        while not stop.is_set():
            try:
                async with self._store.lead() as leader:
                    if leader is None:
                        self._enter("standby")
                        await _pause(stop, self._settings.standby_ms)
                    else:
                        await self._follow(leader, stop)
            except (StoreUnavailable, LogUnavailable) as away:
                await self._wait(stop, away)
            except LogLost as lost:
                _log.error("log_lost", position=self.progress.position, what=str(lost))
                await self._wait(stop, lost)
            except Exception as bug:  # held here and said aloud until somebody mends it; replies go on meanwhile
                _log.exception("projection_failed", position=self.progress.position)
                await self._wait(stop, bug)
        self._enter("stopped")

    async def healthy(self) -> None:
        """The health check. Raises what it waits for, or `Behind`."""
        if self.progress.state == "waiting":
            raise self._trouble.with_traceback(None)
        if self.progress.behind > self._settings.behind_events_max:
            raise Behind

    async def _follow(self, leader: Leader, stop: asyncio.Event) -> None:
        position = await leader.position()
        self._enter("projecting")
        while not stop.is_set():
            last = await self._source.last_sequence()
            if last < position:
                raise LogLost("the log ends before the position; restore it from the archive")
            self._note(position, last)
            try:
                after, position = position, await self._catch_up(leader, position, last, stop)
            except Moved:  # a rebuild changed places with what we wrote to
                position = await leader.position()
                continue
            self._failures = 0
            if position == after:
                await _pause(stop, self._settings.poll_ms)

    async def _catch_up(self, leader: Leader, position: int, last: int, stop: asyncio.Event) -> int:
        """Everything after `position` up to `last`. Returns the sequence of the last event there was."""
        events = self._source.read(after=position, through=last)
        async with aclosing(chunks(events, self._settings.batch_events_max)) as runs:
            async for run in runs:
                with timed(self._seconds):
                    batch = prepare(run, self._zone)
                    await self._write(leader, position, batch)
                position = batch.through
                self._note(position, last)
                self._projected.labels("read").inc(len(run) - batch.malformed)
                if batch.malformed:
                    self._projected.labels("malformed").inc(batch.malformed)
                    _log.error("malformed_events", count=batch.malformed, through=position)
                if stop.is_set():
                    break
        return position

    async def _write(self, leader: Leader, position: int, batch: Batch) -> None:
        with (
            self._tracing.batch("project", len(batch.archived), came_from=batch.came_from),
            self._outside.call("postgres", fine=(Moved,)),
        ):
            await leader.write(position, batch)

    def _note(self, position: int, last: int) -> None:
        self.progress.position, self.progress.last = position, max(last, position)
        self._behind.set(self.progress.behind)

    def _enter(self, state: str) -> None:
        if state != self.progress.state:
            _log.info("projection", state=state, position=self.progress.position)
        self.progress.state = state
        self._leads.set(state == "projecting")

    async def _wait(self, stop: asyncio.Event, trouble: Exception) -> None:
        if self.progress.state != "waiting":
            _log.warning("projection_waits", error=type(trouble).__name__, reason=str(trouble))
        self._trouble = trouble
        self._enter("waiting")
        self._failures += 1
        ceiling_ms = min(self._settings.backoff_ms_max, BACKOFF_FIRST_MS * 2.0 ** min(self._failures, 16))
        await _pause(stop, random.uniform(ceiling_ms / 2, ceiling_ms))  # noqa: S311  # spreads load, guards nothing


async def _pause(stop: asyncio.Event, wait_ms: float) -> None:
    """Wait, but not past `stop`."""
    try:
        async with asyncio.timeout(wait_ms / 1_000):
            await stop.wait()
    except TimeoutError:
        return
