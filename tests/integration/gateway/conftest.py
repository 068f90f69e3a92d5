"""One real NATS for all, a gateway process for all that leave it as they found it, and more for the others."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest
from nats.aio.client import Client

from namjai.devkit.testing import NatsServer, nats_server
from namjai.runtime.bus import connect
from namjai.runtime.journal import Journal
from namjai.runtime.provision import provision
from tests.integration.gateway.kit import Gateway, gateway_process, journal_on


@pytest.fixture(scope="session")
async def gateway_nats(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[NatsServer]:
    async with nats_server(tmp_path_factory.mktemp("gateway-nats"), sync_interval="2m") as server:
        nc = await connect(server.url, name="tests")
        await provision(nc)
        await nc.close()
        yield server


@pytest.fixture(scope="session")
async def nc(gateway_nats: NatsServer) -> AsyncIterator[Client]:
    client = await connect(gateway_nats.url, name="tests")
    yield client
    await client.close()


@pytest.fixture(scope="session")
async def journal(nc: Client) -> Journal:
    return await journal_on(nc)


Start = Callable[..., AbstractAsyncContextManager[Gateway]]


@pytest.fixture
def start(gateway_nats: NatsServer, journal: Journal, tmp_path: Path) -> Start:
    """Start one more gateway on the common NATS."""

    def begin(name: str = "gateway", **more: str) -> AbstractAsyncContextManager[Gateway]:
        return gateway_process(gateway_nats.url, tmp_path / name, journal, **more)

    return begin


@pytest.fixture(scope="session")
async def gateway(
    gateway_nats: NatsServer, journal: Journal, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Gateway]:
    """One gateway process for all tests that leave it as they found it."""
    async with gateway_process(gateway_nats.url, tmp_path_factory.mktemp("gateway"), journal) as running:
        yield running
