"""A new pod starts only after provisioning of its release: on a real NATS, with the services' own permissions."""

import asyncio
from pathlib import Path

import pytest

from namjai.devkit.embedded.nats import NatsUser, admin
from namjai.devkit.testing import NatsServer, nats_server
from namjai.runtime import provisioned
from namjai.runtime.bus import connect
from namjai.runtime.provision import ACCOUNTS, SERVICES, STREAMS, provision
from namjai.runtime.provisioned import is_noted, note

PASSWORD = "only-for-this-test"


def _as(server: NatsServer, user: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NAMJAI_NATS_URL", server.server_url)
    monkeypatch.setenv("NAMJAI_NATS_USER", user)
    monkeypatch.setenv("NAMJAI_NATS_PASSWORD", PASSWORD)


async def test_every_service_waits_until_provisioning_is_noted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(provisioned, "EVERY_S", 0.05)
    users = [
        NatsUser(name=name, password=PASSWORD, publish=may.publish, subscribe=may.subscribe)
        for name, may in ACCOUNTS.items()
    ]
    async with nats_server(tmp_path, users=[admin(PASSWORD), *users]) as server:
        _as(server, "chat", monkeypatch)
        assert await provisioned.main(wait_s=0.5) == 1  # no streams at all
        nc = await connect(server.server_url, name="provision", user="admin", password=PASSWORD)
        try:
            await provision(nc)
            assert await provisioned.main(wait_s=0.5) == 1  # streams, but migrations may still be running
            await note(nc, STREAMS)
            another_release = [*STREAMS, {"name": "MORE"}]
            assert not await is_noted(nc, another_release)
        finally:
            await nc.close()
        for name in SERVICES:
            _as(server, name, monkeypatch)
            assert await asyncio.wait_for(provisioned.main(), timeout=10) == 0, name
