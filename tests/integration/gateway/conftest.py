"""One real NATS for all, a gateway process for all that leave it as they found it, and more for the others."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from nats.aio.client import Client
from opentelemetry.trace import NoOpTracer

from namjai.devkit.testing import NatsServer, nats_server
from namjai.gateway.adapters.identities import NatsIdentities
from namjai.gateway.webhook import Webhook
from namjai.runtime.bus import Requests, connect
from namjai.runtime.journal import Journal
from namjai.runtime.limiter import LocalLimiter, Rate
from namjai.runtime.metrics import Metrics
from namjai.runtime.provision import provision
from namjai.runtime.tracing import Tracing
from tests.integration.gateway.kit import IDENTITY_KEY, Gateway, gateway_process, journal_on


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


@pytest.fixture
async def intake(nc: Client, journal: Journal) -> Webhook:
    """What stands behind the door, in this process: for what must happen in a given order."""
    metrics = Metrics("gateway")
    identities = await NatsIdentities.open(nc, await Requests.open(nc), IDENTITY_KEY, cache_entries=1_000)
    return Webhook(
        journal=journal,
        identities=identities,
        limiter=LocalLimiter("messages", Rate(10, 60.0), metrics),
        metrics=metrics,
        tracing=Tracing(NoOpTracer()),
        clock=lambda: datetime.now(UTC),
        events_max=500,
    )
