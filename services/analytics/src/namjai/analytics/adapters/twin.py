"""The read models' twin: an empty set of the same tables that a rebuild fills, and that then takes their place."""

from __future__ import annotations

import asyncpg

from namjai.analytics.adapters.read_models import LIVE, NEXT


async def make_twin(pg: asyncpg.Connection) -> None:
    """Make it anew; what an interrupted rebuild has left is thrown away."""
    async with pg.transaction():
        await pg.execute(f"DROP SCHEMA IF EXISTS {NEXT} CASCADE")
        await pg.execute(f"CREATE SCHEMA {NEXT}")
        for name in await _tables(pg):
            await pg.execute(f'CREATE TABLE {NEXT}."{name}" (LIKE {LIVE}."{name}" INCLUDING ALL)')
        await pg.execute(f"INSERT INTO {NEXT}.position DEFAULT VALUES")


async def analyse_twin(pg: asyncpg.Connection) -> None:
    """Tell the planner what is in it before anybody asks."""
    for name in await _tables(pg):
        await pg.execute(f'ANALYZE {NEXT}."{name}"')


async def take_place(pg: asyncpg.Connection) -> None:
    """Put the twin in the place of the read models; those who ask see the one or the other, never half of either."""
    await pg.execute(f"DROP SCHEMA {LIVE} CASCADE")
    await pg.execute(f"ALTER SCHEMA {NEXT} RENAME TO {LIVE}")


async def _tables(pg: asyncpg.Connection) -> list[str]:
    return [row["tablename"] for row in await pg.fetch("SELECT tablename FROM pg_tables WHERE schemaname = $1", LIVE)]
