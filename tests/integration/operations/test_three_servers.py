"""A log that is kept three times is copied from whichever server leads it, and comes back three times."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import nats.errors

from namjai.devkit.embedded.nats import admin, nats_cluster
from namjai.devkit.testing import NatsUser, PostgresServer
from namjai.operations import backup, restore
from namjai.runtime.bus import connect
from namjai.runtime.errors import LogUnavailable
from namjai.runtime.provision import ACCOUNTS, provision
from tests.integration.operations.conftest import Site

REPLACING = argparse.Namespace(name="latest", keys_from="latest", identity=[], only="all", replace=True)
ELECTIONS_S = 30


async def test_three_servers_are_copied_by_the_backups_own_user_and_restored(
    tmp_path: Path, database_server: PostgresServer, settings_of: Any
) -> None:
    may = ACCOUNTS["backup"]
    users = [admin("a"), NatsUser(name="backup", password="b", publish=may.publish, subscribe=may.subscribe)]
    servers = nats_cluster([tmp_path / str(n) for n in range(3)], users=users, password="r")
    await asyncio.gather(*(server.start() for server in servers))
    nc = await connect(servers[0].url, name="admin")
    try:
        await _insist(lambda: provision(nc, 3))
        place = Site(servers[1], nc, await database_server.create_database(f"three_{tmp_path.name}"))
        await _insist(lambda: place.write("ma", "hello"))
        as_backup = {"nats_user": "backup", "nats_password": "b"}
        await backup.command(settings_of(place, **as_backup), argparse.Namespace(only=None))
        await place.write("ma", "after the backup")
        as_admin = {"nats_user": "admin", "nats_password": "a"}
        await restore.command(settings_of(place, **as_admin), REPLACING)
        await _insist(lambda: provision(nc, 3))
        assert await place.said("ma") == ["hello"]
        assert (await nc.jetstream().stream_info("EVENTS")).config.num_replicas == 3
        await _insist(lambda: place.write("ma", "it goes on"))
        assert await place.said("ma") == ["hello", "it goes on"]
    finally:
        await nc.close()
        await asyncio.gather(*(server.stop() for server in servers))


async def _insist(work: Callable[[], Awaitable[object]]) -> None:
    """While servers agree on a leader they refuse, or do not answer."""
    async with asyncio.timeout(ELECTIONS_S):
        while True:
            try:
                await work()
            except (RuntimeError, TimeoutError, LogUnavailable, nats.errors.Error):
                await asyncio.sleep(0.2)
            else:
                return
