"""Connections to PostgreSQL, and its errors in our words."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Final

import asyncpg

from namjai.analytics.ports import StoreUnavailable
from namjai.analytics.settings import AnalyticsSettings

CLOSE_S: Final = 2.0

LEADER_LOCK: Final = 0x6E61_6D00
"""Held by the session that projects, for as long as its connection lives."""
WRITE_LOCK: Final = 0x6E61_6D01
"""Held by each transaction that writes, so that a rebuild and the projection never write at the same time."""
REBUILD_LOCK: Final = 0x6E61_6D02
MIGRATE_LOCK: Final = 0x6E61_6D03

_AWAY: Final = (
    OSError,
    TimeoutError,
    asyncpg.InterfaceError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,  # shutting down, starting up, or told to end
    asyncpg.InsufficientResourcesError,
    asyncpg.SerializationError,
    asyncpg.DeadlockDetectedError,
    asyncpg.InvalidCatalogNameError,  # the database, the schema or a table is not there: provisioning comes
    asyncpg.InvalidSchemaNameError,
    asyncpg.UndefinedTableError,
    asyncpg.UndefinedFunctionError,
)


@contextmanager
def translated() -> Iterator[None]:
    """What may pass by itself becomes `StoreUnavailable` with the error's name; a bug stays what it is."""
    try:
        yield
    except _AWAY as away:
        raise StoreUnavailable(type(away).__name__) from away


@asynccontextmanager
async def connection(settings: AnalyticsSettings, purpose: str) -> AsyncIterator[asyncpg.Connection]:
    """One connection of its own. Raises `StoreUnavailable` when it cannot be opened."""
    with translated():
        opened = await asyncpg.connect(
            settings.postgres_dsn.get_secret_value(),
            timeout=settings.postgres_connect_deadline_s,
            command_timeout=settings.postgres_statement_deadline_s,
            server_settings=_session(purpose),
        )
    try:
        yield opened
    finally:
        try:
            await opened.close(timeout=CLOSE_S)
        except _AWAY:
            opened.terminate()


@asynccontextmanager
async def query_pool(settings: AnalyticsSettings) -> AsyncIterator[asyncpg.Pool]:
    """Connections that are opened when they are needed, so that a start does not depend on PostgreSQL."""
    deadline_s = settings.query_deadline_ms / 1000
    pool = asyncpg.create_pool(
        settings.postgres_dsn.get_secret_value(),
        min_size=0,
        max_size=settings.query_connections_max,
        timeout=deadline_s,
        command_timeout=deadline_s,
        server_settings=_session("queries") | {"default_transaction_read_only": "on"},
    )
    await pool
    try:
        yield pool
    finally:
        pool.terminate()


def _session(purpose: str) -> dict[str, str]:
    return {"application_name": f"namjai-analytics-{purpose}", "timezone": "UTC"}
