"""Questions to the read models."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final

import asyncpg
import msgspec

from namjai.analytics.adapters.postgres import translated
from namjai.analytics.domain.overview import Period, period
from namjai.analytics.settings import AnalyticsSettings
from namjai.runtime.outside import UNCOUNTED, Outside

PERIODS: Final = {"today": 1, "7d": 7, "30d": 30}
"""Days that a period covers, today included."""

_AS_OF: Final = "SELECT sequence, stored_at FROM analytics_read.position"
_COUNTS: Final = """
    SELECT measure, sum(count)::bigint FROM analytics_read.days WHERE day BETWEEN $1 AND $2 GROUP BY measure
"""
_ACTIVE: Final = "SELECT count(DISTINCT member) FROM analytics_read.activity WHERE day BETWEEN $1 AND $2"
_REPLY_TIMES: Final = """
    SELECT step, at_most_ms, sum(count)::bigint FROM analytics_read.reply_times
    WHERE hour >= $1 GROUP BY step, at_most_ms
"""
_MEMBERS: Final = """
    SELECT count(*) AS total, count(*) FILTER (WHERE NOT follows) AS blocked,
           count(*) FILTER (WHERE paused) AS paused, count(erased_at) AS erased
    FROM analytics_read.members
"""
_LEVELS: Final = "SELECT level, count(*) FROM analytics_read.members WHERE level IS NOT NULL GROUP BY level"
_KNOWN: Final = "SELECT true FROM analytics_read.members WHERE member = $1"
_TIMELINE: Final = """
    SELECT sequence, type, time, by_person, summary FROM analytics_read.timeline
    WHERE member = $1 AND ($2::bigint IS NULL OR sequence < $2) ORDER BY sequence DESC LIMIT $3
"""


class AsOf(msgspec.Struct, frozen=True, kw_only=True):
    """Up to where the read models know the log. `behind` is None when the log could not be asked."""

    sequence: int
    stored_at: datetime | None
    behind: int | None = None


class Members(msgspec.Struct, frozen=True, kw_only=True):
    """Everybody ever seen; `by_level` counts them by their latest verdict."""

    total: int
    blocked: int
    paused: int
    erased: int
    by_level: dict[str, int]


class Overview(msgspec.Struct, frozen=True, kw_only=True):
    """Answer of `api.analytics.overview`; the keys of `periods` are today, 7d and 30d."""

    as_of: AsOf
    periods: dict[str, Period]
    members: Members


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a timeline; `summary` holds clear fields of the event only."""

    sequence: int
    type: str
    time: datetime
    by_person: bool
    summary: msgspec.Raw


class Timeline(msgspec.Struct, frozen=True, kw_only=True):
    """Answer of `api.analytics.timeline`, newest first. `before` asks for the next page; None: there is none."""

    as_of: AsOf
    items: list[Item]
    before: int | None


class Queries:
    """Read only. Every method raises `StoreUnavailable`."""

    def __init__(self, pool: asyncpg.Pool, settings: AnalyticsSettings, outside: Outside = UNCOUNTED) -> None:
        self._pool = pool
        self._outside = outside
        self._zone = settings.zone()
        self._deadline_s = settings.query_deadline_ms / 1_000

    async def ping(self) -> None:
        """Whether the database answers and is provisioned."""
        await self._fetch(_AS_OF)

    async def overview(self, now: datetime) -> Overview:
        """Counts of today, the last 7 and the last 30 days of the clinic's clock."""
        today = now.astimezone(self._zone).date()
        with translated(), self._outside.call("postgres"):
            async with asyncio.timeout(self._deadline_s), self._pool.acquire() as pg, _snapshot(pg):
                periods = {}
                for name, days in PERIODS.items():
                    first = today - timedelta(days=days - 1)
                    began = datetime.combine(first, time(), self._zone).astimezone(UTC)
                    periods[name] = period(
                        await pg.fetch(_COUNTS, first, today),
                        await pg.fetchval(_ACTIVE, first, today),
                        await pg.fetch(_REPLY_TIMES, began),
                    )
                everybody = dict(await pg.fetchrow(_MEMBERS))
                levels = {row["level"]: row["count"] for row in await pg.fetch(_LEVELS)}
                as_of = AsOf(**dict(await pg.fetchrow(_AS_OF)))
        return Overview(as_of=as_of, periods=periods, members=Members(**everybody, by_level=levels))

    async def timeline(self, member: str, limit: int, before: int | None) -> Timeline | None:
        """A member's events before a sequence, newest first; None for a member nobody has heard of."""
        with translated(), self._outside.call("postgres"):
            async with asyncio.timeout(self._deadline_s), self._pool.acquire() as pg, _snapshot(pg):
                if not await pg.fetchval(_KNOWN, member):
                    return None
                rows = await pg.fetch(_TIMELINE, member, before, limit)
                as_of = AsOf(**dict(await pg.fetchrow(_AS_OF)))
        items = [Item(**{**row, "summary": msgspec.Raw(row["summary"].encode())}) for row in map(dict, rows)]
        return Timeline(as_of=as_of, items=items, before=items[-1].sequence if len(items) == limit else None)

    async def _fetch(self, statement: str) -> Any:
        with translated(), self._outside.call("postgres"):
            async with asyncio.timeout(self._deadline_s):
                return await self._pool.fetchrow(statement)


def _snapshot(pg: asyncpg.Connection) -> Any:
    """All figures of one answer are of one moment."""
    return pg.transaction(isolation="repeatable_read", readonly=True)
