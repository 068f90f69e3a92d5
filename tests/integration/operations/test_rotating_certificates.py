"""Certificates of NATS change under live connections, and so does the authority that signed them."""

from __future__ import annotations

import asyncio
import json
import runpy
import secrets
import signal
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import pytest
from nats.aio.client import Client

from namjai.devkit.embedded.nats import nats_binary
from namjai.devkit.embedded.ports import LOOPBACK, free_port
from namjai.runtime.bus import connect
from tests.deploy.rendered import K8S

RELOADED: Final = b"Reloaded: tls"


def certificate() -> Mapping[str, str]:
    """One from an authority of its own."""
    made: Mapping[str, str] = runpy.run_path(str(K8S / "trial_secrets.py"))["_certificate"](("nats",))
    return made


class Server:
    """A server whose certificate is in files, as in a pod."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.url = f"nats://{LOOPBACK}:{free_port()}"
        self._process: asyncio.subprocess.Process | None = None

    def shows(self, certificate: Mapping[str, str]) -> None:
        for name in ("tls.crt", "tls.key"):
            (self.folder / name).write_text(certificate[name])

    async def start(self) -> None:
        files = {"cert_file": str(self.folder / "tls.crt"), "key_file": str(self.folder / "tls.key")}
        config = {"listen": self.url.removeprefix("nats://"), "tls": files}
        (self.folder / "nats.conf").write_text(json.dumps(config))
        with (self.folder / "nats.log").open("wb") as log:
            self._process = await asyncio.create_subprocess_exec(
                *(str(nats_binary()), "--config", str(self.folder / "nats.conf")), stdout=log, stderr=log
            )

    async def reload(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGHUP)
        async with asyncio.timeout(10):
            while RELOADED not in (self.folder / "nats.log").read_bytes():
                await asyncio.sleep(0.02)

    async def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            await self._process.wait()


@asynccontextmanager
async def server_with(certificate: Mapping[str, str], folder: Path) -> AsyncIterator[Server]:
    server = Server(folder)
    server.shows(certificate)
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


async def service(server: Server, folder: Path, *authorities: str) -> Client:
    """A service that trusts these authorities, as it read them at its start; it waits for the server as always."""
    bundle = folder / f"ca-{secrets.token_hex(4)}.crt"
    bundle.write_text("".join(authorities))
    async with asyncio.timeout(15):
        return await connect(server.url, name="risk", ca_file=str(bundle))


async def test_the_authority_changes_in_three_steps_and_live_connections_stay(tmp_path: Path) -> None:
    old, new = certificate(), certificate()
    async with server_with(old, tmp_path) as server:
        before = await service(server, tmp_path, old["ca.crt"])
        both = await service(server, tmp_path, old["ca.crt"], new["ca.crt"])
        server.shows(new)
        await server.reload()
        for nc in (before, both):
            await nc.flush()
            assert nc.stats["reconnects"] == 0
        after = await service(server, tmp_path, new["ca.crt"])
        both_again = await service(server, tmp_path, old["ca.crt"], new["ca.crt"])
        for nc in (after, both_again):
            await nc.flush()
        (tmp_path / "old.crt").write_text(old["ca.crt"])
        with pytest.raises(ssl.SSLCertVerificationError):
            await connect(server.url, name="risk", ca_file=str(tmp_path / "old.crt"), for_ever=False)
        for nc in (before, both, after, both_again):
            await nc.close()
