"""A rebuild's side of PostgreSQL: fill the twin without waiting for the disk, then let it take the place."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

import asyncpg

from namjai.analytics.adapters.postgres import REBUILD_LOCK, WRITE_LOCK, connection, translated
from namjai.analytics.adapters.read_models import LIVE, NEXT
from namjai.analytics.adapters.store import Writer
from namjai.analytics.adapters.twin import analyse_twin, make_twin, take_place
from namjai.analytics.batch import Batch
from namjai.analytics.ports import Refused
from namjai.analytics.settings import AnalyticsSettings

_LIVE_POSITION: Final = f"SELECT sequence FROM {LIVE}.position"  # noqa: S608  # a constant of ours
_ARCHIVED: Final = "SELECT max(sequence) FROM analytics.archive WHERE sequence <= $1 AND data IS NOT NULL"
_NEVER_BACK: Final = f"UPDATE {NEXT}.position SET sequence = GREATEST(sequence, $1)"  # noqa: S608

Rest = Callable[[int, int], AsyncIterator[Batch]]
"""Batches of the events after the first and up to the second sequence."""


class Rebuild:
    """One rebuild: `write` batch after batch, then `finish`."""

    def __init__(self, pg: asyncpg.Connection, months_ahead: int) -> None:
        self._pg = pg
        self._writer = Writer(pg, months_ahead, NEXT)
        self.position = 0

    async def write(self, batch: Batch) -> None:
        """Add a batch to the twin, and to the archive what it lacks of it."""
        await self._writer.write(self.position, batch)
        self.position = batch.through

    async def finish(self, rest: Rest, last: int) -> None:
        """Add the rest up to `last` and what was projected meanwhile, and change places; the projection waits.

        Raises `Refused` when events that are archived were not read: a lost log must not empty the read models.
        """
        with translated():
            await analyse_twin(self._pg)
            async with self._pg.transaction():
                await self._pg.execute("SET LOCAL synchronous_commit TO on")
                await self._pg.execute("SELECT pg_advisory_xact_lock($1)", WRITE_LOCK)
                live = int(await self._pg.fetchval(_LIVE_POSITION))
                async for batch in rest(self.position, max(live, last)):
                    await self._writer.write_within(self.position, batch)
                    self.position = batch.through
                await self._pg.execute(_NEVER_BACK, live)
                if (await self._pg.fetchval(_ARCHIVED, live) or 0) > self.position:
                    raise Refused("the archive knows more than was read; run verify, or rebuild --from archive")
                await take_place(self._pg)


@asynccontextmanager
async def rebuilding(settings: AnalyticsSettings) -> AsyncIterator[Rebuild]:
    """An empty twin. Raises `Refused` while another rebuild is at work."""
    async with connection(settings, "rebuild") as pg:
        with translated():
            if not await pg.fetchval("SELECT pg_try_advisory_lock($1)", REBUILD_LOCK):
                raise Refused("another rebuild is at work")
            # What a crash takes is rebuilt again; the last commit waits for the disk, and for all before it.
            await pg.execute("SET synchronous_commit TO off")
            await make_twin(pg)
        yield Rebuild(pg, settings.months_ahead)
