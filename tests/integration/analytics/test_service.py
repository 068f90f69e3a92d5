"""The service as a process: it starts without PostgreSQL, with no more rights than production gives it."""

import asyncio
import os
import secrets
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import asyncpg
import pytest

from namjai.analytics import migrate
from namjai.devkit.testing import NatsUser, PostgresServer, nats_server
from namjai.events import codec, subjects
from namjai.runtime.bus import connect
from namjai.runtime.provision import ACCOUNTS, provision


@pytest.fixture
async def process(
    tmp_path: Path, postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[Any, Any, int]]:
    """The running service, its database, and its private port; the database is stopped when it starts."""
    dsn = await postgres.create_database("service" + secrets.token_hex(4))
    rights = ACCOUNTS["analytics"]
    users = [
        NatsUser(name="admin", password="a", publish=(">",), subscribe=(">",)),
        NatsUser(name="analytics", password="b", publish=rights.publish, subscribe=rights.subscribe, responds=True),
    ]
    async with nats_server(tmp_path, users=users) as nats:
        admin = await connect(nats.url, name="admin")
        await provision(admin)
        await postgres.stop()
        ready = tmp_path / "ready"
        environment = {
            "NAMJAI_NATS_URL": nats.server_url,
            "NAMJAI_NATS_USER": "analytics",
            "NAMJAI_NATS_PASSWORD": "b",
            "NAMJAI_POSTGRES_DSN": dsn,
            "NAMJAI_READY_FILE": str(ready),
            "NAMJAI_MASTER_KEYS": "k1:" + "A" * 43 + "=",
        }
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        service = await asyncio.create_subprocess_exec(sys.executable, "-m", "namjai.analytics", env=os.environ.copy())
        try:
            while not ready.exists():
                assert service.returncode is None
                await asyncio.sleep(0.02)
            yield admin, dsn, int(ready.read_text())
        finally:
            service.terminate()
            assert await service.wait() == 0
            await admin.close()


async def test_it_starts_without_a_database_and_projects_once_there_is_a_schema(
    process: tuple[Any, str, int], postgres: PostgresServer, clinic: Any
) -> None:
    admin, dsn, port = process
    js = admin.jetstream()
    events = clinic.story(members=3, turns=10)
    for event in events:
        await js.publish(subjects.event(event.type, event.subject), codec.encode(event))
    accept = {"Accept": "application/json"}
    async with aiohttp.ClientSession(f"http://127.0.0.1:{port}", headers=accept) as http:
        async with http.get("/readyz") as answer:
            assert answer.status == 200
        assert await _checks(http) == {"nats": True, "log": True, "postgres": False, "projection": False}
        await postgres.start()
        await migrate.provision()
        pg = await asyncpg.connect(dsn, ssl=False)
        try:
            while await pg.fetchval("SELECT sequence FROM analytics_read.position") < len(events):
                await asyncio.sleep(0.02)
        finally:
            await pg.close()
        while not all((await _checks(http)).values()):  # what was found is believed for a second
            await asyncio.sleep(0.05)
        async with http.get("/metrics") as answer:
            assert "namjai_projection_behind 0.0" in await answer.text()
    reply = await admin.request("api.analytics.overview", b"", timeout=5)
    assert reply.headers is None or "Nats-Service-Error" not in reply.headers


async def _checks(http: aiohttp.ClientSession) -> dict[str, bool]:
    async with http.get("/readyz?verbose") as answer:
        return {each["name"]: each["ok"] for each in (await answer.json())["checks"]}
