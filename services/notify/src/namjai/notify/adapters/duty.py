"""What staff changed by hand, as facts of the log; and the watch that says in the log whether anybody is on call."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from time import monotonic
from typing import Final, Protocol

from namjai.events import Fact, Stored, begin, derive_id, subjects
from namjai.events.duty import OverrideCancelled, OverrideSet, WatchChanged
from namjai.notify.domain.coverage import HORIZON, Coverage, Gap, coverage
from namjai.notify.domain.roster import AlertsSection
from namjai.notify.domain.schedule import Override
from namjai.runtime.errors import Conflict, Duplicate, LogUnavailable
from namjai.runtime.log import Expect, Log
from namjai.runtime.logs import get_logger
from namjai.runtime.metrics import Metrics

SOURCE: Final = "notify-duty"
LOOK_BACK: Final = timedelta(days=400)
"""An override may be set a year ahead, and is still found when its time comes."""
FRESH_S: Final = 2.0
OVERRIDES_MAX: Final = 2_000
LOOK_EVERY_S: Final = 10.0
LOOK_AGAIN_S: Final = 1.0
WARN_BEFORE: Final = (HORIZON, timedelta(hours=24), timedelta(hours=1))
"""A gap is warned about when it comes so near, each time once; none is known of further ahead than the horizon."""
ANY: Final = "any"

Stage = tuple[int | None, datetime | None, timedelta | None]

_log = get_logger(__name__)


class DutyLog:
    """Overrides as they stand in the log. Errors are those of the log."""

    def __init__(self, log: Log, clock: Callable[[], datetime], metrics: Metrics) -> None:
        self._log = log
        self._clock = clock
        self._appended = metrics.appended
        self._known: Sequence[Override] = ()
        self._read_at: float | None = None
        self._reading = asyncio.Lock()
        self._listeners: list[Callable[[], None]] = []

    @property
    def known(self) -> Sequence[Override]:
        """What was read last, for a caller who cannot wait."""
        return self._known

    async def overrides(self) -> Sequence[Override]:
        """Those that hold, held or will hold, in the order they were set; at most two seconds old."""
        async with self._reading:
            if self._read_at is None or monotonic() - self._read_at > FRESH_S:
                since, started = self._clock() - LOOK_BACK, monotonic()
                kinds = (OverrideSet.TYPE, OverrideCancelled.TYPE)
                found = [await self._log.recent(subjects.event(kind, subjects.NOBODY), since) for kind in kinds]
                self._known, self._read_at = standing([stored for each in found for stored in each]), started
            return self._known

    async def say(self, facts: Sequence[OverrideSet | OverrideCancelled], cause: str) -> Sequence[str]:
        """Append what one member of staff wants, all or nothing, once for each cause. Returns the events' ids."""
        now = self._clock()
        events = [
            begin(fact, source=SOURCE, cause=cause, n=n, member=subjects.NOBODY, time=now)
            for n, fact in enumerate(facts)
        ]
        with suppress(Duplicate):  # said before, and the answer was lost
            await self._log.append(events)
            for event in events:
                self._appended.labels(event.type).inc()
        self._read_at = None
        for listener in self._listeners:
            listener()
        return [event.id for event in events]

    def ids(self, cause: str, count: int) -> Sequence[str]:
        """The ids that facts of a cause have or would have."""
        return [derive_id(SOURCE, cause, n) for n in range(count)]

    def on_change(self, listener: Callable[[], None]) -> None:
        """Call `listener` after something was said here."""
        self._listeners.append(listener)


def standing(stored: Sequence[Stored[Fact]]) -> Sequence[Override]:
    """Fold. One that was cancelled while it held, held until then; one that had not begun never was."""
    found: dict[str, Override] = {}
    for each in sorted(stored, key=lambda each: each.sequence):
        match each.event.data:
            case OverrideSet() as fact:
                found[each.event.id] = Override(
                    id=each.event.id,
                    schedule=fact.schedule,
                    staff=fact.staff,
                    start=fact.start,
                    end=fact.end,
                    instead_of=fact.instead_of,
                    by=fact.by,
                )
            case OverrideCancelled(override=cancelled) if cancelled in found:
                held = replace(found[cancelled], end=min(found[cancelled].end, each.event.time))
                if held.start < held.end:
                    found[cancelled] = held
                else:
                    del found[cancelled]
    return tuple(found.values())[-OVERRIDES_MAX:]


class Sections(Protocol):
    """The section in force."""

    @property
    def section(self) -> AlertsSection: ...

    def on_change(self, listener: Callable[[], None]) -> None: ...


class Watch:
    """Says in the log whether anybody watches, whenever that changes, once among all replicas; and warns of gaps."""

    def __init__(
        self, sections: Sections, duty: DutyLog, log: Log, clock: Callable[[], datetime], metrics: Metrics
    ) -> None:
        self._sections = sections
        self._duty = duty
        self._log = log
        self._clock = clock
        self._appended = metrics.appended
        self._again = asyncio.Event()
        self._warned: frozenset[Stage] = frozenset()
        self._watched = metrics.gauge("oncall_watched", "1 while somebody is on call for a crisis.")
        self._gap = metrics.gauge(
            "oncall_gap_seconds",
            "Seconds until a level of the crisis policy (any: all of them) has nobody; 0 while so; 259200: not soon.",
            ("level",),
        )
        sections.on_change(self._again.set)
        duty.on_change(self._again.set)

    async def run(self, stop: asyncio.Event) -> None:
        """Look every ten seconds, at each change, and at the very moment when somebody's duty begins or ends."""
        async with asyncio.TaskGroup() as work:
            looking = work.create_task(self._keep_looking())
            await stop.wait()
            looking.cancel()

    async def _keep_looking(self) -> None:
        while True:
            self._again.clear()
            wait_s = LOOK_AGAIN_S
            try:
                found = await self.look()
                wait_s = LOOK_EVERY_S
                if found.until is not None:
                    wait_s = min(wait_s, max(0.0, (found.until - self._clock()).total_seconds()))
            except LogUnavailable:
                _log.warning("oncall_watch_waits_for_the_log")
            with suppress(TimeoutError):
                async with asyncio.timeout(wait_s):
                    await self._again.wait()

    async def look(self) -> Coverage:
        """Look once. Raises `LogUnavailable`."""
        overrides = await self._duty.overrides()
        now = self._clock()
        found = coverage(self._sections.section, now, overrides)
        self._measure(found, now)
        self._warn(found, now)
        await self._say(found, now)
        return found

    async def _say(self, found: Coverage, now: datetime) -> None:
        fact = WatchChanged(watched=found.watched, until=found.until)
        subject = subjects.event(fact.TYPE, subjects.NOBODY)
        newest = next(iter(await self._log.last([subject])), None)
        if newest is not None and (newest.event.data == fact or newest.event.time > now):
            return  # known; or said by somebody whose clock is ahead of ours, and who will be right in a moment
        sequence = newest.sequence if newest else 0
        cause = f"watch|{sequence}|{found.watched}|{found.until}"
        event = begin(fact, source=SOURCE, cause=cause, member=subjects.NOBODY, time=now)
        with suppress(Conflict):  # another replica was faster
            await self._log.append([event], expect=Expect(subject, sequence))
            self._appended.labels(event.type).inc()
            if found.watched:
                _log.info("oncall_watched")
            else:
                _log.error("oncall_nobody")

    def _measure(self, found: Coverage, now: datetime) -> None:
        self._watched.set(found.watched)
        self._gap.clear()
        for level in (None, *range(1, found.levels + 1)):
            starts = (gap.start for gap in found.gaps if gap.level in (None, level))
            first = min(starts, default=now + HORIZON)
            self._gap.labels(str(level or ANY)).set(max(0.0, (first - now).total_seconds()))

    def _warn(self, found: Coverage, now: datetime) -> None:
        """Each gap once when it is first seen, once when it is near, and once when it is there."""
        seen = {_stage(gap, now): gap for gap in found.gaps}
        for stage, gap in seen.items():
            if stage not in self._warned:
                _log.warning(
                    "oncall_gap",
                    level=gap.level or ANY,
                    starts_in_s=round((gap.start - now).total_seconds()),
                    lasts_s=round((gap.end - gap.start).total_seconds()),
                )
        self._warned = frozenset(seen)


def _stage(gap: Gap, now: datetime) -> Stage:
    """What of a gap stays the same from one look to the next: of one that is there already, its start does not."""
    if gap.start <= now:
        return gap.level, None, None
    return gap.level, gap.start, min(before for before in WARN_BEFORE if gap.start - now <= before)
