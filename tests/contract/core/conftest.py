"""Every port's suite runs twice: on the shipped twin in memory and on the real server."""

import json
import secrets
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from nats.aio.client import Client

from namjai.devkit.testing import NatsServer, nats_server
from namjai.runtime.bus import Requests, connect
from namjai.runtime.keyring import BUCKET, KeyStore, NatsKeyStore
from namjai.runtime.log import Log, NatsLog
from namjai.runtime.memory import MemoryKeyStore, MemoryLog
from namjai.runtime.provision import STREAMS, provision


@pytest.fixture(scope="session")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[NatsServer]:
    async with nats_server(tmp_path_factory.mktemp("core")) as running:
        yield running


@pytest.fixture(scope="session")
async def nc(server: NatsServer) -> AsyncIterator[Client]:
    client = await connect(server.url, name="tests")
    await provision(client)
    yield client
    await client.close()


@pytest.fixture(scope="session")
async def requests(nc: Client) -> Requests:
    return await Requests.open(nc)


@pytest.fixture(params=["memory", "nats"])
def log(request: pytest.FixtureRequest, requests: Requests) -> Log:
    return MemoryLog() if request.param == "memory" else NatsLog(requests)


@pytest.fixture(params=["memory", "nats"])
async def key_store(request: pytest.FixtureRequest, nc: Client) -> KeyStore:
    """A store of its own: a rotation meets every key there is, so it must meet nobody else's."""
    if request.param == "memory":
        return MemoryKeyStore()
    bucket = "keys-" + secrets.token_hex(4)
    [shape] = [stream for stream in STREAMS if stream["name"] == f"KV_{BUCKET}"]
    config = {**shape, "name": f"KV_{bucket}", "subjects": [f"$KV.{bucket}.>"]}
    made = await nc.request(f"$JS.API.STREAM.CREATE.KV_{bucket}", json.dumps(config).encode(), timeout=5)
    assert b'"error"' not in made.data
    js = nc.jetstream()
    return NatsKeyStore(js, await js.key_value(bucket), bucket)


@pytest.fixture
def member() -> str:
    """A member nobody else in the run talks about."""
    return "m" + secrets.token_hex(8)


@pytest.fixture
def now() -> datetime:
    return datetime.now(UTC)
