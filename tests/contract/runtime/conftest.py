"""The toolbox's suites run on the shipped twins and on a real NATS and Valkey; a missing server is a failure."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from nats.aio.client import Client
from nats.js.kv import KeyValue

from namjai.devkit.testing import ValkeyServer, nats_server, valkey_server
from namjai.runtime.bus import connect
from namjai.runtime.metrics import Metrics
from namjai.runtime.provision import provision
from namjai.runtime.redis_link import RedisLink

DEADLINE_MS = 2_000  # generous: these suites ask what is done, not how fast on a busy machine


@pytest.fixture(scope="session")
async def valkey(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ValkeyServer]:
    async with valkey_server(tmp_path_factory.mktemp("toolbox")) as running:
        yield running


@pytest.fixture(scope="session")
async def nats_client(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Client]:
    async with nats_server(tmp_path_factory.mktemp("toolbox")) as running:
        client = await connect(running.url, name="tests")
        await provision(client)
        yield client
        await client.close()


@pytest.fixture(scope="session")
async def config_bucket(nats_client: Client) -> KeyValue:
    return await nats_client.jetstream().key_value("config")


Until = Callable[[Callable[[], Awaitable[bool]]], Awaitable[None]]


@pytest.fixture(scope="session")
def until() -> Until:
    """Await a condition of the outside world, which has no event to wait for."""

    async def wait(condition: Callable[[], Awaitable[bool]]) -> None:
        async with asyncio.timeout(20):
            while not await condition():
                await asyncio.sleep(0.005)

    return wait


@pytest.fixture
def metrics() -> Metrics:
    return Metrics("tests")


@pytest.fixture
async def redis_link(valkey: ValkeyServer, metrics: Metrics) -> AsyncIterator[RedisLink]:
    link = RedisLink(valkey.url, metrics, deadline_ms=DEADLINE_MS)
    yield link
    await link.close()


@pytest.fixture
def key() -> str:
    """A key nobody else in the run uses."""
    return "k" + secrets.token_hex(8)
