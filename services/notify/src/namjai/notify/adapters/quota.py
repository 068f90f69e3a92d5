"""Knows how many of the month's push messages are left, and when to stop asking for more than there are."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Final

from namjai.events import begin, subjects
from namjai.events.delivery import QuotaObserved
from namjai.notify.adapters.line import Quota
from namjai.notify.domain.outcome import Outcome, QuotaExhausted
from namjai.runtime.errors import LogUnavailable
from namjai.runtime.journal import Journal
from namjai.runtime.logs import get_logger
from namjai.runtime.metrics import Metrics

SOON_S: Final = 5.0

_log = get_logger(__name__)


class Pushes:
    """The quota as LINE told it last. A refused push stops pushing until LINE says that there is room again."""

    def __init__(
        self,
        ask: Callable[[], Awaitable[Quota | None]],
        journal: Journal,
        clock: Callable[[], datetime],
        metrics: Metrics,
        *,
        source: str,
        every_s: float,
    ) -> None:
        self._ask = ask
        self._journal = journal
        self._clock = clock
        self._source = source
        self._every_s = every_s
        self._look = asyncio.Event()
        self._exhausted = False
        self._limit = metrics.gauge("line_quota", "Push messages this month may have; -1: unlimited.")
        self._used = metrics.gauge("line_quota_used", "Push messages used this month.")
        self._out = metrics.gauge("line_quota_exhausted", "1 while pushing has stopped for want of quota.")

    def may_push(self) -> bool:
        """Whether LINE would take a push, as far as we know."""
        return not self._exhausted

    def observed(self, outcome: Outcome) -> None:
        """A 429 for the month: stop at once, and look how it stands."""
        if isinstance(outcome, QuotaExhausted) and not self._exhausted:
            self._stop(exhausted=True)
            self._look.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Ask now and then until `stop`."""
        async with asyncio.TaskGroup() as work:
            asking = work.create_task(self._keep_asking())
            await stop.wait()
            asking.cancel()

    async def _keep_asking(self) -> None:
        while True:
            self._look.clear()
            answered = await self.look()
            try:
                async with asyncio.timeout(self._every_s if answered else min(SOON_S, self._every_s)):
                    await self._look.wait()
            except TimeoutError:
                continue
            await asyncio.sleep(min(SOON_S, self._every_s))  # a burst of refusals is one question

    async def look(self) -> bool:
        """Ask once; a change becomes a fact. False when LINE did not say."""
        if (quota := await self._ask()) is None:
            return False
        self._limit.set(-1 if quota.limit is None else quota.limit)
        self._used.set(quota.used)
        self._stop(exhausted=quota.limit is not None and quota.used >= quota.limit)
        try:
            await self._say(quota)
        except LogUnavailable:
            return False  # looked at and said again soon
        return True

    async def _say(self, quota: Quota) -> None:
        """Only a change is a fact, whichever replica saw it and whenever we were started."""
        fact = QuotaObserved(limit=quota.limit, used=quota.used)
        newest = await self._journal.log.last([subjects.event(fact.TYPE, subjects.NOBODY)])
        if any(stored.event.data == fact for stored in newest):
            return
        now = self._clock()
        cause = f"quota|{now:%Y-%m-%dT%H:%M}|{quota.limit}|{quota.used}"
        await self._journal.append([begin(fact, source=self._source, cause=cause, member=subjects.NOBODY, time=now)])

    def _stop(self, *, exhausted: bool) -> None:
        if exhausted != self._exhausted:
            self._exhausted = exhausted
            self._out.set(exhausted)
            if exhausted:
                _log.error("line_quota_exhausted")
            else:
                _log.info("line_quota_available")
