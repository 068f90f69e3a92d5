"""The projection in PostgreSQL: one leader, and one transaction a batch."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Final

import asyncpg

from namjai.analytics.adapters.postgres import LEADER_LOCK, WRITE_LOCK, connection, translated
from namjai.analytics.adapters.read_models import LIVE, write_change
from namjai.analytics.batch import Archived, Batch
from namjai.analytics.domain.change import Removed
from namjai.analytics.ports import Moved
from namjai.analytics.settings import AnalyticsSettings

_ENSURE_MONTHS: Final = """
    SELECT analytics.ensure_month(moment + make_interval(months => ahead))
    FROM unnest($1::timestamptz[]) AS moment, generate_series(0, $2::int) AS ahead
"""
_ARCHIVED_ALREADY: Final = "SELECT sequence FROM analytics.archive WHERE sequence BETWEEN $1 AND $2"
_REMEMBER_REMOVED: Final = """
    INSERT INTO analytics.removed (sequence, event, removed_by, removed_at)
    SELECT * FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::timestamptz[])
    ON CONFLICT (sequence) DO NOTHING
"""
_FORGET: Final = """
    UPDATE analytics.archive SET data = NULL, removed_at = removed.removed_at
    FROM analytics.removed
    WHERE archive.sequence = ANY($1::bigint[]) AND archive.sequence = removed.sequence AND archive.data IS NOT NULL
"""


class Writer:
    """Writes batches over one connection into the archive and into one schema of read models."""

    def __init__(self, pg: asyncpg.Connection, months_ahead: int, schema: str = LIVE) -> None:
        self._pg = pg
        self._months_ahead = months_ahead
        self._schema = schema
        self._months: set[tuple[int, int]] = set()

    async def position(self) -> int:
        """The sequence of the last event that was projected."""
        with translated():
            return int(await self._pg.fetchval(f'SELECT sequence FROM "{self._schema}".position'))  # noqa: S608

    async def write(self, after: int, batch: Batch) -> None:
        """Archive, read models and position in one transaction. Raises `Moved`, and then nothing is written."""
        with translated():
            async with self._pg.transaction():
                await self._pg.execute("SELECT pg_advisory_xact_lock($1)", WRITE_LOCK)
                await self.write_within(after, batch)

    async def write_within(self, after: int, batch: Batch) -> None:
        """The same in a transaction that holds the write lock already."""
        await self._pg.execute(f'SET LOCAL search_path TO "{self._schema}"')
        moved = await self._pg.fetchval(
            "UPDATE position SET sequence = $2, stored_at = $3 WHERE sequence = $1 RETURNING true",
            after,
            batch.through,
            batch.stored_at,
        )
        if not moved:
            raise Moved
        await self._archive(batch.archived)
        await write_change(self._pg, self._schema, batch.change)
        await self._forget(batch.change.removed)

    async def _archive(self, rows: Sequence[Archived]) -> None:
        """Add what is not there: after a rebuild or a restored log some of it may be, under its first stored time."""
        if not rows:
            return
        await self._ensure_months({row.stored_at for row in rows})
        found = await self._pg.fetch(_ARCHIVED_ALREADY, rows[0].sequence, rows[-1].sequence)
        there = {record["sequence"] for record in found}
        await self._pg.copy_records_to_table(
            "archive",
            schema_name="analytics",
            columns=Archived._fields,
            records=[row for row in rows if row.sequence not in there] if there else rows,
        )

    async def _ensure_months(self, moments: set[datetime]) -> None:
        new = {(each.year, each.month): each for each in moments if (each.year, each.month) not in self._months}
        if new:
            await self._pg.execute(_ENSURE_MONTHS, list(new.values()), self._months_ahead)
            self._months |= new.keys()

    async def _forget(self, removed: Sequence[Removed]) -> None:
        if removed:
            await self._pg.execute(_REMEMBER_REMOVED, *map(list, zip(*removed, strict=True)))
            await self._pg.execute(_FORGET, [each.sequence for each in removed])


class PostgresStore:
    """Where the projection is kept. The leader's lock belongs to its connection: whoever loses that cannot commit."""

    def __init__(self, settings: AnalyticsSettings) -> None:
        self._settings = settings

    @asynccontextmanager
    async def lead(self) -> AsyncIterator[Writer | None]:
        """Try to be the one that projects; None while another one is. Raises `StoreUnavailable`."""
        async with connection(self._settings, "projection") as pg:
            with translated():
                leads = await pg.fetchval("SELECT pg_try_advisory_lock($1)", LEADER_LOCK)
            yield Writer(pg, self._settings.months_ahead) if leads else None
