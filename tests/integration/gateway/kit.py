"""What the gateway's tests share: signed bodies, a gateway process, and a look into the log behind it."""

import asyncio
import base64
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
from nats.aio.client import Client

from namjai.devkit.embedded.ports import free_port
from namjai.events import Envelope, Fact, codec
from namjai.runtime.bus import Requests
from namjai.runtime.errors import LogUnavailable
from namjai.runtime.journal import Journal
from namjai.runtime.keyring import BUCKET, Keyring, MasterKeys, NatsKeyStore
from namjai.runtime.log import NatsLog
from tests.unit.gateway.bodies import SECRET, sign

MASTER = bytes(range(32))
IDENTITY_KEY = bytes(range(1, 33))
START_DEADLINE_S = 20
RECONNECT_DEADLINE_S = 10


@dataclass
class Gateway:
    """A gateway's two doors, and a look into the log behind it."""

    url: str
    private_url: str
    http: aiohttp.ClientSession
    journal: Journal
    pid: int
    log_file: Path
    environment: Mapping[str, str] = field(default_factory=dict)

    async def send(self, body: bytes, signature: str | None = None, **headers: str) -> int:
        """Post a body as LINE does; returns the status."""
        given = {"x-line-signature": sign(body) if signature is None else signature, **headers}
        return await self.send_as(body, given)

    async def send_as(self, body: bytes, headers: Mapping[str, str]) -> int:
        async with self.http.post(f"{self.url}/webhook/line", data=body, headers=headers) as answer:
            await answer.read()
            return answer.status

    async def position(self) -> int:
        return await self.journal.log.last_sequence()

    async def since(self, position: int) -> list[Envelope[Fact]]:
        """What the log has after `position`, opened; after an outage as soon as we ourselves are connected again."""
        async with asyncio.timeout(RECONNECT_DEADLINE_S):
            while True:
                try:
                    found = [raw async for raw in self.journal.log.read(after=position)]
                    return [await self.journal.open(codec.decode(raw.data)) for raw in found]
                except LogUnavailable:
                    await asyncio.sleep(0.02)

    async def metrics(self) -> str:
        async with self.http.get(f"{self.private_url}/metrics") as answer:
            return await answer.text()


async def journal_on(nc: Client) -> Journal:
    js = nc.jetstream()
    keyring = Keyring(NatsKeyStore(js, await js.key_value(BUCKET)), MasterKeys({"k1": MASTER}))
    await keyring.follow_destruction(nc)
    return Journal(NatsLog(await Requests.open(nc)), keyring)


@asynccontextmanager
async def gateway_process(nats_url: str, directory: Path, journal: Journal, **more: str) -> AsyncIterator[Gateway]:
    """`python -m namjai.gateway` on free ports; killed when the block ends, if it is still there."""
    directory.mkdir(parents=True, exist_ok=True)  # noqa: ASYNC240  # once, before anything runs
    ready, log = directory / "ready", directory / "gateway.log"
    port = free_port()
    environment = {
        "PATH": os.environ["PATH"],
        "NAMJAI_NATS_URL": nats_url,
        "NAMJAI_PUBLIC_PORT": str(port),
        "NAMJAI_READY_FILE": str(ready),
        "NAMJAI_CHANNEL_SECRETS": SECRET,
        "NAMJAI_MASTER_KEYS": f"k1:{base64.b64encode(MASTER).decode()}",
        "NAMJAI_IDENTITY_KEY": base64.b64encode(IDENTITY_KEY).decode(),
        "NAMJAI_LOG_LEVEL": "debug",
        "NAMJAI_ERASURE_GRACE_S": "0.5",
        **more,
    }
    with log.open("ab") as output:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "namjai.gateway", env=environment, stdout=output, stderr=output
        )
    try:
        async with asyncio.timeout(START_DEADLINE_S):
            while not ready.exists():
                assert process.returncode is None, log.read_text()
                await asyncio.sleep(0.02)
        private = f"http://127.0.0.1:{ready.read_text().strip()}"
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:
            yield Gateway(f"http://127.0.0.1:{port}", private, http, journal, process.pid, log, environment)
    finally:
        if process.returncode is None:
            process.terminate()
            try:
                async with asyncio.timeout(10):
                    await process.wait()
            except TimeoutError:
                process.kill()
                await process.wait()
                raise
