"""Only JetStream was lost: a backup brings it back as it was in the night, and the archive what came after that."""

from __future__ import annotations

import argparse
import asyncio
from typing import Any

import asyncpg

from namjai.analytics import restore_log, verify
from namjai.analytics.adapters.archive import Archive
from namjai.analytics.adapters.migrations import migrate, migrations
from namjai.analytics.adapters.store import PostgresStore
from namjai.analytics.adapters.stream import EventStream
from namjai.analytics.project import Projector
from namjai.analytics.settings import AnalyticsSettings
from namjai.devkit.testing import PostgresServer
from namjai.operations import backup, erase_again, restore
from namjai.runtime.bus import Requests
from namjai.runtime.log import NatsLog
from namjai.runtime.metrics import Metrics
from tests.integration.operations.conftest import Site

STREAMS = argparse.Namespace(name="latest", keys_from="latest", identity=[], only="streams", replace=False)


async def test_what_came_after_the_backup_comes_back_and_erasures_hold(
    site: Site, elsewhere: Site, database_server: PostgresServer, settings_of: Any, tmp_path: Any
) -> None:
    dsn = await database_server.create_database(f"archive_{tmp_path.name}")
    pg = await asyncpg.connect(dsn, ssl=False)
    await migrate(pg, migrations())
    analytics = AnalyticsSettings.model_validate({"postgres_dsn": dsn, "poll_ms": 10})
    for member in ("ma", "mb"):
        await site.write(member, "hello")
    await _archive(site, analytics, pg)
    await backup.command(settings_of(site, postgres_dsn=dsn), argparse.Namespace(only=None))
    await site.write("ma", "after the backup")
    await site.erase("mb")
    await site.write("mc", "I am new")
    await _archive(site, analytics, pg)

    settings = settings_of(elsewhere, postgres_dsn=dsn)
    assert await restore.command(settings, STREAMS) == 0
    assert await elsewhere.said("ma") == ["hello"]
    assert await elsewhere.said("mb") == ["hello"], "the backup cannot know better"
    log = NatsLog(await Requests.open(elsewhere.nc))
    await restore_log.restore(Archive(analytics), log, EventStream(elsewhere.nc))
    assert await erase_again.command(settings, argparse.Namespace()) == 0
    assert await elsewhere.said("ma") == ["hello", "after the backup"]
    assert await elsewhere.said("mb") == [None]
    assert await elsewhere.said("mc") == [None], "whose key was never copied cannot be read"
    assert (await verify.verify(log, Archive(analytics))).differences == {}
    await pg.close()
    await database_server.drop_database(dsn.rpartition("/")[2])


async def _archive(site: Site, settings: AnalyticsSettings, pg: asyncpg.Connection) -> None:
    """Let the projection run until the archive has all of the log."""
    log = NatsLog(await Requests.open(site.nc))
    projector = Projector(log, PostgresStore(settings), settings, Metrics("analytics"))
    last, stop = await log.last_sequence(), asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(projector.run(stop))
        while await pg.fetchval("SELECT sequence FROM analytics_read.position") < last:
            await asyncio.sleep(0.02)
        stop.set()
