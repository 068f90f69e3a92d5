"""The read models in PostgreSQL: one statement a table and batch. Names are resolved by the search path."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final

import asyncpg

from namjai.analytics.adapters.retract import retract
from namjai.analytics.domain.change import Change, Entry, Verdict
from namjai.analytics.domain.project import ACTIVE

LIVE: Final = "analytics_read"
NEXT: Final = "analytics_next"
"""The twin that a rebuild fills."""

_MEMBERS: Final = """
    INSERT INTO members AS old
        (member, first_seen, last_seen, messages, language, follows, paused, level, level_at, erased_at)
    SELECT * FROM unnest($1::text[], $2::timestamptz[], $3::timestamptz[], $4::bigint[], $5::text[], $6::boolean[],
                         $7::boolean[], $8::text[], $9::timestamptz[], $10::timestamptz[])
    ON CONFLICT (member) DO UPDATE SET
        first_seen = LEAST(old.first_seen, excluded.first_seen),
        last_seen  = GREATEST(old.last_seen, excluded.last_seen),
        messages   = old.messages + excluded.messages,
        language   = COALESCE(excluded.language, old.language),
        follows    = COALESCE(excluded.follows, old.follows),
        paused     = COALESCE(excluded.paused, old.paused),
        level      = COALESCE(excluded.level, old.level),
        level_at   = COALESCE(excluded.level_at, old.level_at),
        erased_at  = COALESCE(excluded.erased_at, old.erased_at)
"""
_CONSENTS: Final = """
    INSERT INTO consents (member, purpose, granted, text_version, at)
    SELECT * FROM unnest($1::text[], $2::text[], $3::boolean[], $4::text[], $5::timestamptz[])
    ON CONFLICT (member, purpose) DO UPDATE SET
        granted = excluded.granted, text_version = excluded.text_version, at = excluded.at
"""
_ACTIVITY: Final = """
    INSERT INTO activity (day, member) SELECT * FROM unnest($1::date[], $2::text[])
    ON CONFLICT DO NOTHING RETURNING day
"""
_DAYS: Final = """
    INSERT INTO days AS old (day, measure, count) SELECT * FROM unnest($1::date[], $2::text[], $3::bigint[])
    ON CONFLICT (day, measure) DO UPDATE SET count = old.count + excluded.count
"""
_REPLY_TIMES: Final = """
    INSERT INTO reply_times AS old (hour, step, at_most_ms, count)
    SELECT * FROM unnest($1::timestamptz[], $2::text[], $3::bigint[], $4::bigint[])
    ON CONFLICT (hour, step, at_most_ms) DO UPDATE SET count = old.count + excluded.count
"""
_ALERTS: Final = """
    INSERT INTO alerts AS old
        (alert, member, level, category, reason, raised_at, notified, failed, first_notified_at, merged_into)
    SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[],
                         $7::bigint[], $8::bigint[], $9::timestamptz[], $10::text[])
    ON CONFLICT (alert) DO UPDATE SET
        level             = COALESCE(excluded.level, old.level),
        category          = COALESCE(excluded.category, old.category),
        reason            = COALESCE(excluded.reason, old.reason),
        raised_at         = COALESCE(excluded.raised_at, old.raised_at),
        notified          = old.notified + excluded.notified,
        failed            = old.failed + excluded.failed,
        first_notified_at = LEAST(old.first_notified_at, excluded.first_notified_at),
        merged_into       = COALESCE(excluded.merged_into, old.merged_into)
"""

_MEMBER_FIELDS: Final = (
    *("first_seen", "last_seen", "messages", "language", "follows"),
    *("paused", "level", "level_at", "erased_at"),
)
_ALERT_FIELDS: Final = (
    *("member", "level", "category", "reason", "raised_at"),
    *("notified", "failed", "first_notified_at", "merged_into"),
)


async def write_change(pg: asyncpg.Connection, schema: str, change: Change) -> None:
    """Apply a change, in the transaction and with the search path that the caller has set."""
    await _copy(pg, schema, "timeline", Entry._fields, change.timeline)
    await _copy(pg, schema, "risk", Verdict._fields, change.verdicts)
    await _upsert(pg, _MEMBERS, _fields(change.members, _MEMBER_FIELDS))
    await _upsert(pg, _CONSENTS, ((*key, *consent) for key, consent in change.consents.items()))
    await _upsert(pg, _ALERTS, _fields(change.alerts, _ALERT_FIELDS))
    await _upsert(pg, _REPLY_TIMES, ((*key, count) for key, count in change.reply_times.items()))
    newly_active = await _upsert(pg, _ACTIVITY, change.active)
    days = change.days + Counter((record["day"], ACTIVE) for record in newly_active)
    await add_to_days(pg, days)
    if change.removed:
        await add_to_days(pg, await retract(pg, [each.sequence for each in change.removed]))
        await pg.execute("DELETE FROM days WHERE count = 0")


async def add_to_days(pg: asyncpg.Connection, days: Mapping[tuple[date, str], int]) -> None:
    """Raise (or lower) the counters."""
    await _upsert(pg, _DAYS, ((*key, count) for key, count in days.items()))


async def _copy(
    pg: asyncpg.Connection, schema: str, table: str, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]
) -> None:
    if rows:
        await pg.copy_records_to_table(table, schema_name=schema, columns=columns, records=rows)


async def _upsert(pg: asyncpg.Connection, statement: str, rows: Iterable[tuple[Any, ...]]) -> list[Any]:
    """Hand the rows over as one array a column."""
    columns = [list(column) for column in zip(*rows, strict=True)]
    return list(await pg.fetch(statement, *columns)) if columns else []


def _fields(changes: Mapping[str, object], names: Sequence[str]) -> Iterable[tuple[Any, ...]]:
    return ((key, *(getattr(change, name) for name in names)) for key, change in changes.items())
