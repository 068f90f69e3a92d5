"""Keeps what notify last said of whether anybody of the clinic is watching; says nothing once that is old."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Final

from namjai.events import subjects
from namjai.events.duty import WatchChanged
from namjai.runtime.errors import LogUnavailable
from namjai.runtime.log import Log

KNOWN_FOR: Final = timedelta(seconds=60)
"""How long a look at the log counts when later ones fail."""


class Watch:
    """Looks every few seconds, so that a card never waits for the answer."""

    def __init__(self, log: Log, *, every_s: float) -> None:
        self._log = log
        self._every_s = every_s
        self._newest: WatchChanged | None = None
        self._looked_at: datetime | None = None

    def known(self, now: datetime) -> WatchChanged | None:
        """The newest word of it, or None: nobody has said, or we could not look lately."""
        fresh = self._looked_at is not None and now - self._looked_at <= KNOWN_FOR
        return self._newest if fresh else None

    async def run(self, stop: asyncio.Event) -> None:
        """Look until `stop`."""
        while not stop.is_set():
            await self.look()
            try:
                async with asyncio.timeout(self._every_s):
                    await stop.wait()
            except TimeoutError:
                continue

    async def look(self) -> None:
        """Read the newest word from the log; where that fails, the last one counts for a while."""
        try:
            stored = await self._log.last([subjects.event(WatchChanged.TYPE, subjects.NOBODY)])
        except LogUnavailable:
            return
        said = [each.event.data for each in stored]
        self._newest = next((fact for fact in said if isinstance(fact, WatchChanged)), None)
        self._looked_at = datetime.now(UTC)
