"""Applies numbered SQL files, each once and in one transaction, and refuses when an applied one was changed."""

from __future__ import annotations

import hashlib
import re
from importlib.resources import files
from typing import Final, NamedTuple
from urllib.parse import unquote, urlsplit

import asyncpg

from namjai.analytics.adapters.postgres import MIGRATE_LOCK
from namjai.analytics.ports import Refused
from namjai.analytics.settings import AnalyticsSettings

MAINTENANCE_DATABASE: Final = "postgres"
SERVER_VERSION_MIN: Final = 150_000
_NAME: Final = re.compile(r"(\d{3})_\w+\.sql")
_TABLE: Final = """
    CREATE SCHEMA IF NOT EXISTS analytics;
    CREATE TABLE IF NOT EXISTS analytics.migrations (
        number     integer     PRIMARY KEY,
        name       text        NOT NULL,
        checksum   text        NOT NULL,
        applied_at timestamptz NOT NULL DEFAULT now()
    )
"""


class Migration(NamedTuple):
    """One file."""

    number: int
    name: str
    sql: str

    @property
    def checksum(self) -> str:
        return hashlib.sha256(self.sql.encode()).hexdigest()


def migrations() -> list[Migration]:
    """What this release brings along, in order."""
    here = files("namjai.analytics").joinpath("sql").iterdir()
    return sorted(
        Migration(int(match[1]), file.name, file.read_text("utf-8"))
        for file in here
        if (match := _NAME.fullmatch(file.name)) is not None
    )


async def migrate(pg: asyncpg.Connection, wanted: list[Migration]) -> list[str]:
    """Apply what is missing; returns the names of what was applied. Of two at the same time, one waits.

    Migrations that the database has and we do not know are a newer release's, and are left alone.
    Raises `Refused` for a server that is too old, or a migration that is not the one that was applied.
    """
    if pg.get_server_version().major * 10_000 < SERVER_VERSION_MIN:
        raise Refused("PostgreSQL 15 or newer is needed")
    await pg.execute("SELECT pg_advisory_lock($1)", MIGRATE_LOCK)
    try:
        await pg.execute(_TABLE)
        applied = {row["number"]: row for row in await pg.fetch("SELECT number, checksum FROM analytics.migrations")}
        done = []
        for migration in wanted:
            if (before := applied.get(migration.number)) is None:
                await _apply(pg, migration)
                done.append(migration.name)
            elif before["checksum"] != migration.checksum:
                raise Refused(f"{migration.name} was changed after it had been applied")
        return done
    finally:
        await pg.execute("SELECT pg_advisory_unlock($1)", MIGRATE_LOCK)


async def ensure_database(settings: AnalyticsSettings) -> bool:
    """Create the database of the settings if the server has none of that name. Returns whether it did."""
    dsn = settings.postgres_dsn.get_secret_value()
    try:
        await (await asyncpg.connect(dsn, timeout=settings.postgres_connect_deadline_s)).close()
    except asyncpg.InvalidCatalogNameError:
        name = unquote(urlsplit(dsn).path.lstrip("/"))
        pg = await asyncpg.connect(dsn, database=MAINTENANCE_DATABASE, timeout=settings.postgres_connect_deadline_s)
        try:
            await pg.execute('CREATE DATABASE "{}"'.format(name.replace('"', '""')))
        except asyncpg.DuplicateDatabaseError:
            return False  # another provisioning was quicker
        finally:
            await pg.close()
        return True
    return False


async def _apply(pg: asyncpg.Connection, migration: Migration) -> None:
    async with pg.transaction():
        await pg.execute(migration.sql)
        await pg.execute(
            "INSERT INTO analytics.migrations (number, name, checksum) VALUES ($1, $2, $3)",
            migration.number,
            migration.name,
            migration.checksum,
        )
