"""The identities' suite runs on the twin in memory and on a real NATS with the gateway's own permissions."""

from collections.abc import AsyncIterator

import pytest
from nats.aio.client import Client

from namjai.devkit.embedded.nats import NatsUser, admin
from namjai.devkit.testing import NatsServer, nats_server
from namjai.gateway.adapters.identities import NatsIdentities
from namjai.gateway.adapters.memory import MemoryIdentities
from namjai.gateway.ports import Identities
from namjai.runtime.bus import Requests, connect
from namjai.runtime.provision import ACCOUNTS, provision

IDENTITY_KEY = bytes(range(32))


@pytest.fixture(scope="session")
async def identities_nats(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[NatsServer]:
    allowed = ACCOUNTS["gateway"]
    user = NatsUser(
        name="gateway", password="gateway", publish=allowed.publish, subscribe=allowed.subscribe, responds=True
    )
    directory = tmp_path_factory.mktemp("identities")
    async with nats_server(directory, users=[admin("admin"), user], sync_interval="2m") as server:
        nc = await connect(server.url, name="tests")
        await provision(nc)
        await nc.close()
        yield server


@pytest.fixture
async def gateway_nc(identities_nats: NatsServer) -> AsyncIterator[Client]:
    nc = await connect(identities_nats.url_for("gateway"), name="gateway")
    yield nc
    await nc.close()


async def identities_on(nc: Client, *, cache_entries: int = 100) -> NatsIdentities:
    """One gateway's view of the records."""
    return await NatsIdentities.open(nc, await Requests.open(nc), IDENTITY_KEY, cache_entries=cache_entries)


@pytest.fixture(params=["memory", "nats"])
async def identities(request: pytest.FixtureRequest, gateway_nc: Client) -> Identities:
    return MemoryIdentities() if request.param == "memory" else await identities_on(gateway_nc)
