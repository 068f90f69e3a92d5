"""Three real NATS servers that keep every stream together, provisioned as in production."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from nats.aio.client import Client

from namjai.devkit.embedded.nats import NatsServer, nats_cluster
from namjai.runtime.bus import connect
from namjai.runtime.provision import provision

SERVERS = 3


@pytest.fixture(scope="session")
async def servers(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[list[NatsServer]]:
    home = tmp_path_factory.mktemp("cluster")
    servers = nats_cluster([home / str(n) for n in range(SERVERS)], password="together")
    try:
        await asyncio.gather(*(server.start() for server in servers))
        nc = await connect(",".join(server.server_url for server in servers), name="tests")
        await provision(nc, SERVERS)
        await nc.close()
        yield servers
    finally:
        await asyncio.gather(*(server.stop() for server in servers))


@pytest.fixture(scope="session")
async def connections(servers: list[NatsServer]) -> AsyncIterator[list[Client]]:
    """One to each server: what is read over it, that server's own copies answer."""
    connections = [await connect(server.server_url, name="tests") for server in servers]
    yield connections
    for nc in connections:
        await nc.close()
