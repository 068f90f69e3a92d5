"""The archive read from its beginning: as a source of events in the log's place, and to be compared with it."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any, Final, NamedTuple

import asyncpg

from namjai.analytics.adapters.postgres import connection, translated
from namjai.analytics.domain.compare import Copy
from namjai.analytics.settings import AnalyticsSettings
from namjai.runtime.log import Raw

PREFETCH_ROWS: Final = 1_000

_EVENTS: Final = """
    SELECT sequence, subject, stored_at, data FROM analytics.archive
    WHERE sequence > $1 AND ($2::bigint IS NULL OR sequence <= $2) AND data IS NOT NULL ORDER BY sequence
"""
_SAVED: Final = """
    SELECT sequence, subject, id, data FROM analytics.archive
    WHERE sequence > $1 AND data IS NOT NULL ORDER BY sequence
"""
_COPIES: Final = """
    SELECT sequence, subject, CASE WHEN data IS NOT NULL THEN checksum END AS checksum,
           data IS NULL OR sha256(data) = checksum AS intact
    FROM analytics.archive WHERE $1::bigint IS NULL OR sequence <= $1 ORDER BY sequence
"""
_THROUGH: Final = """
    SELECT GREATEST((SELECT max(sequence) FROM analytics.archive), (SELECT sequence FROM analytics_read.position))
"""


class Saved(NamedTuple):
    """An event as it goes back into a log."""

    sequence: int
    subject: str
    id: str | None
    data: bytes


class Archive:
    """Each reading holds a connection of its own and sees one moment. Errors are `StoreUnavailable`."""

    def __init__(self, settings: AnalyticsSettings) -> None:
        self._settings = settings

    async def read(self, *, after: int = 0, through: int | None = None) -> AsyncGenerator[Raw, None]:
        """Events as the log would give them; what was removed is left out."""
        async for row in self._rows(_EVENTS, after, through):
            yield Raw(row["sequence"], row["subject"], row["stored_at"], row["data"])

    async def saved(self, after: int) -> AsyncGenerator[Saved, None]:
        """Events with their ids, to be put into a log again."""
        async for row in self._rows(_SAVED, after):
            yield Saved(row["sequence"], row["subject"], row["id"], row["data"])

    async def copies(self, through: int | None = None) -> AsyncGenerator[Copy, None]:
        """What there is of each event; PostgreSQL computes whether its bytes are still those of the checksum."""
        async for row in self._rows(_COPIES, through):
            yield Copy(row["sequence"], row["subject"], row["checksum"], row["intact"])

    async def last_sequence(self) -> int:
        """The end of what was archived; the last events may have been removed since."""
        async with connection(self._settings, "archive") as pg:
            with translated():
                return int(await pg.fetchval(_THROUGH))

    async def removed(self) -> set[int]:
        """The sequences that unsent messages had."""
        async with connection(self._settings, "archive") as pg:
            with translated():
                return {row["sequence"] for row in await pg.fetch("SELECT sequence FROM analytics.removed")}

    async def _rows(self, statement: str, *arguments: Any) -> AsyncGenerator[asyncpg.Record, None]:
        async with connection(self._settings, "archive") as pg:
            with translated():
                async with pg.transaction(isolation="repeatable_read", readonly=True):
                    async for row in pg.cursor(statement, *arguments, prefetch=PREFETCH_ROWS):
                        yield row
