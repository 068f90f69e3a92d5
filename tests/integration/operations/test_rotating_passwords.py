"""Passwords change while what uses them runs: on real servers, as docs/operations/rotation.md says to do it."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import json
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from time import monotonic

import asyncpg
import pytest
from nats.aio.client import Client
from redis.asyncio import Redis
from redis.exceptions import AuthenticationError

from namjai.devkit.embedded.nats import NatsServer, NatsUser, admin, nats_cluster
from namjai.devkit.testing import nats_server, postgres_server, valkey_server
from namjai.runtime.bus import Requests, connect
from namjai.runtime.provision import ACCOUNTS, provision

SILENCE_S_MAX = 5.0
"""LINE sends again what was refused for so long, and nobody waits longer than that for an answer."""


def users(password: str) -> tuple[NatsUser, ...]:
    may = ACCOUNTS["gateway"]
    gateway = NatsUser(name="gateway", password=password, publish=may.publish, subscribe=may.subscribe)
    return (admin("admin"), gateway)


async def until(connected: Client) -> None:
    async with asyncio.timeout(20):
        while not connected.is_connected:
            await asyncio.sleep(0.02)


async def gateway(servers: list[NatsServer], password: str) -> Client:
    url = ",".join(server.server_url for server in servers)
    return await connect(url, name="gateway", user="gateway", password=password)


class Writing:
    """A service that appends all the time, and tries again what was not acknowledged, as LINE does for the gateway."""

    def __init__(self) -> None:
        self.taken = 0
        self.silence_s = 0.0
        self._stop = asyncio.Event()

    async def run(self, nc: Client, requests: Requests, stop: asyncio.Event) -> None:
        last = monotonic()
        while not stop.is_set():
            headers = {"Nats-Msg-Id": f"{id(self)}-{self.taken}"}
            with contextlib.suppress(Exception):
                answer = await requests.one("evt.message.received.m1", b"x", deadline_s=1, headers=headers)
                if b'"seq"' in answer.data:
                    self.taken += 1
                    self.silence_s = max(self.silence_s, monotonic() - last)
                    last = monotonic()
            await asyncio.sleep(0.01)
        self.silence_s = max(self.silence_s, monotonic() - last)


@asynccontextmanager
async def writing(nc: Client) -> AsyncIterator[Writing]:
    """One process of a service for as long as the block lasts."""
    writer, stop = Writing(), asyncio.Event()
    requests = await Requests.open(nc)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(writer.run(nc, requests, stop))
        try:
            yield writer
        finally:
            stop.set()


async def test_a_password_of_nats_changes_server_by_server_and_nobody_is_silent(tmp_path: Path) -> None:
    """One server first; then the service, which finds that one; then the others. Each process knows one password."""
    homes = [tmp_path / f"nats-{n}" for n in range(3)]
    servers = nats_cluster(homes, users=users("old-one"), password="route")
    try:
        await asyncio.gather(*(server.start() for server in servers))
        admin_nc = await connect(servers[0].url_for("admin"), name="admin")
        await provision(admin_nc, replicas=3)

        old = await gateway(servers, "old-one")
        async with writing(old) as before:
            servers[0] = await replaced(servers[0])
            await _all_current(admin_nc)
            new = await gateway(servers, "new-one")
            async with writing(new) as after:
                await asyncio.sleep(0.5)
                await old.flush()  # both serve at this moment, each by its own password
                await new.flush()
                assert min(before.taken, after.taken) > 5
        await old.close()
        async with writing(new) as after:
            for n in (1, 2):
                servers[n] = await replaced(servers[n])
                await _all_current(admin_nc)
            assert after.taken > 5
        await until(new)
        await new.flush()
        assert max(before.silence_s, after.silence_s) < SILENCE_S_MAX
        late = await gateway_for_now(servers, "old-one")
        assert late is None, "nothing takes the old password any more"
        await new.close()
        await admin_nc.close()
    finally:
        await asyncio.gather(*(server.stop() for server in servers))


async def replaced(server: NatsServer) -> NatsServer:
    """The same server begun again with the new password, as a pod is."""
    await server.stop()
    fresh = dataclasses.replace(server, users=users("new-one"))
    await fresh.start()
    return fresh


async def _all_current(nc: Client) -> None:
    """Wait until three copies of EVENTS agree: before that, the next server must not stop."""
    async with asyncio.timeout(30):
        while True:
            with contextlib.suppress(Exception):
                answer = json.loads((await nc.request("$JS.API.STREAM.INFO.EVENTS", b"", timeout=2)).data)
                cluster = answer["cluster"]
                if cluster.get("leader") and all(each["current"] for each in cluster["replicas"]):
                    return
            await asyncio.sleep(0.1)


async def gateway_for_now(servers: list[NatsServer], password: str) -> Client | None:
    url = ",".join(server.server_url for server in servers)
    try:
        return await connect(url, name="gateway", user="gateway", password=password, for_ever=False)
    except Exception:
        return None


async def test_a_service_whose_password_was_taken_comes_back_when_it_is_right_again(tmp_path: Path) -> None:
    """The server says an error and hangs up; the client must not take that as the end of everything."""
    async with nats_server(tmp_path, users=users("right"), sync_interval="2m") as server:
        nc = await gateway([server], "right")
        for password, connected in (("wrong", False), ("right", True)):
            config = json.loads(server.config_file.read_text())
            config["authorization"]["users"][1]["password"] = password
            server.config_file.write_text(json.dumps(config))
            assert server.child.last_pid is not None
            os.kill(server.child.last_pid, signal.SIGHUP)
            async with asyncio.timeout(15):
                while nc.is_connected is not connected:
                    await asyncio.sleep(0.05)
            assert not nc.is_closed
        await nc.flush()
        await nc.close()


async def test_a_password_of_postgresql_changes_under_open_connections(tmp_path: Path) -> None:
    async with postgres_server(tmp_path) as server:
        owner = await asyncpg.connect(server.dsn)
        await owner.execute("CREATE ROLE analytics LOGIN PASSWORD 'old'")
        [auth] = await owner.fetch("SHOW password_encryption")
        assert auth[0] == "scram-sha-256"
        before = await owner.fetchval("SELECT rolpassword FROM pg_authid WHERE rolname = 'analytics'")
        at_work = await asyncpg.connect(server.dsn, user="analytics", password="old")
        await owner.execute("ALTER ROLE analytics PASSWORD 'new'")
        assert await owner.fetchval("SELECT rolpassword FROM pg_authid WHERE rolname = 'analytics'") != before
        assert await at_work.fetchval("SELECT 1") == 1
        fresh = await asyncpg.connect(server.dsn, user="analytics", password="new")
        assert await fresh.fetchval("SELECT current_user") == "analytics"
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(server.dsn, user="analytics", password="old")
        for connection in (at_work, fresh, owner):
            await connection.close()


async def test_valkey_takes_both_passwords_until_the_old_one_is_taken_back(tmp_path: Path) -> None:
    async with valkey_server(tmp_path) as server:
        old = Redis(port=server.port, password=server.password)
        await old.ping()
        await old.acl_setuser("default", enabled=True, passwords="+new-one")
        new, late = Redis(port=server.port, password="new-one"), Redis(port=server.port, password=server.password)
        assert await new.ping()
        assert await late.ping()
        await new.acl_setuser("default", enabled=True, passwords=f"-{server.password}")
        assert await old.ping(), "who is connected stays"
        refused = Redis(port=server.port, password=server.password)
        with pytest.raises(AuthenticationError):
            await refused.ping()
        for client in (old, new, late, refused):
            await client.aclose()
