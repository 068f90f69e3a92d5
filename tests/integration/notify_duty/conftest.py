"""A NATS with production's users and permissions, and a clinic with a clock that a test may move."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from nats.aio.client import Client

from namjai.devkit.embedded.nats import NatsUser, admin
from namjai.devkit.testing import NatsServer, nats_server
from namjai.notify.adapters.roster import SECTION
from namjai.runtime.bus import connect
from namjai.runtime.config import NatsConfigStore
from namjai.runtime.provision import ACCOUNTS, provision

PASSWORD = "secret"
NOTIFY = ACCOUNTS["notify"]


@dataclass
class Clock:
    """The real time, moved."""

    ahead: timedelta = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[NatsServer]:
    service = NatsUser(name="notify", password=PASSWORD, publish=NOTIFY.publish, subscribe=NOTIFY.subscribe)
    async with nats_server(tmp_path, users=[admin(PASSWORD), service]) as running:
        yield running


@pytest.fixture
async def people(server: NatsServer) -> AsyncIterator[Client]:
    """The administrator's connection."""
    client = await connect(server.url, name="admin")
    await provision(client)
    yield client
    await client.close()


@pytest.fixture
async def store(people: Client) -> NatsConfigStore:
    return NatsConfigStore(await people.jetstream().key_value("config"))


@pytest.fixture
def clinic(clock: Clock) -> dict[str, Any]:
    """One schedule on one ward: ploy's day begins two hours before now and ends in two hours."""
    start = clock() - timedelta(hours=2)
    hours = {"start": f"{start:%H:%M}", "end": f"{start + timedelta(hours=4):%H:%M}"}
    layer = {"people": ["ploy"], "start": f"{start - timedelta(days=30):%Y-%m-%d}", "only": [hours]}
    return {
        "staff": [{"name": name, "email": f"{name}@clinic.example"} for name in ("ploy", "dao")],
        "schedules": {"ward": {"timezone": "UTC", "layers": [layer]}},
        "policies": {"default": {"levels": [{"targets": ["schedule:ward"]}]}},
    }


__all__ = ["PASSWORD", "SECTION", "Clock"]
