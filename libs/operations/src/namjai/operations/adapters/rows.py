"""The read models in PostgreSQL, as retention sees them: rows of erased people, and who has been silent for long."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Final

import asyncpg

BATCH_ROWS: Final = 10_000
STATEMENT_DEADLINE_S: Final = 60.0
TABLES: Final = ("timeline", "consents", "risk")
"""What tells of one person. Their alerts are the clinic's own record and stay, as do all counts of days."""
_ERASED: Final = "SELECT member FROM analytics_read.members WHERE erased_at < $1"
_SILENT: Final = """
    SELECT member FROM analytics_read.members
    WHERE erased_at IS NULL AND last_seen < $1 ORDER BY last_seen, member LIMIT $2 OFFSET $3
"""
_HOW_MANY_SILENT: Final = "SELECT count(*) FROM analytics_read.members WHERE erased_at IS NULL AND last_seen < $1"


class Rows:
    """One connection's view of the read models. Raises asyncpg's errors."""

    def __init__(self, pg: asyncpg.Connection) -> None:
        self._pg = pg

    async def of_erased(self, before: datetime) -> int:
        """How many rows tell of people who were erased before a time."""
        total = 0
        for table in TABLES:
            total += await self._pg.fetchval(
                f"SELECT count(*) FROM analytics_read.{table} WHERE member IN ({_ERASED})",  # noqa: S608  # our names
                before,
            )
        return total

    async def delete_of_erased(self, before: datetime) -> int:
        """Delete them, a batch a transaction. Returns how many went."""
        gone = 0
        for table in TABLES:
            batch = f"SELECT ctid FROM analytics_read.{table} WHERE member IN ({_ERASED}) LIMIT {BATCH_ROWS}"  # noqa: S608
            while True:
                said = await self._pg.execute(
                    f"DELETE FROM analytics_read.{table} WHERE ctid = ANY(ARRAY({batch}))",  # noqa: S608
                    before,
                )
                gone += (count := int(said.split()[-1]))
                if count < BATCH_ROWS:
                    break
        return gone

    async def silent(self, since: datetime, at_most: int, skip: int) -> list[str]:
        """A page of those who have not been seen since a time, the longest silent first."""
        return [row["member"] for row in await self._pg.fetch(_SILENT, since, at_most, skip)]

    async def count_silent(self, since: datetime) -> int:
        """How many there are in all."""
        count: int = await self._pg.fetchval(_HOW_MANY_SILENT, since)
        return count


@asynccontextmanager
async def rows_of(dsn: str, *, connect_deadline_s: float) -> AsyncIterator[Rows]:
    """The read models, for as long as the block lasts."""
    pg = await asyncpg.connect(
        dsn,
        timeout=connect_deadline_s,
        command_timeout=STATEMENT_DEADLINE_S,
        server_settings={"application_name": "namjai-retain"},
    )
    try:
        yield Rows(pg)
    finally:
        await pg.close(timeout=connect_deadline_s)
