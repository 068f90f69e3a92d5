"""A new master key comes to running services as docs/operations/rotation.md says: at no moment is a message unreadable.

Gateways are real processes, replaced one after the other while people write to them; next to each stands a reader with
the same keys, as every other service is one, and it opens each message as soon as it is in the log.
"""

from __future__ import annotations

import asyncio
import base64
import itertools
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Final

import aiohttp
import pytest
from nats.aio.client import Client

from namjai.devkit.testing import NatsServer, nats_server
from namjai.events import Sealed, codec
from namjai.events.message import MessageReceived
from namjai.runtime.bus import Requests, connect
from namjai.runtime.journal import Journal
from namjai.runtime.keyring import BUCKET, Keyring, MasterKeys, NatsKeyStore, UnknownMasterKey
from namjai.runtime.log import NatsLog
from namjai.runtime.provision import provision
from namjai.runtime.rotation import Rotation
from namjai.runtime.settings import parse_master_keys
from tests.integration.gateway.kit import Gateway, gateway_process
from tests.unit.gateway.bodies import line_id, text_event, webhook

OLD: Final = f"2025:{base64.b64encode(b'o' * 32).decode()}"
NEW: Final = f"2026:{base64.b64encode(b'n' * 32).decode()}"
STEPS: Final = (f"{OLD},{NEW}", f"{NEW},{OLD}")
"""First every process can open with the new key; only then does any wrap with it."""
PEOPLE_FIRST: Final = 5
PAUSE_S: Final = 0.02


async def reader(nc: Client, keys: str) -> Journal:
    """What another service with these keys can read; it remembers one key only, so that it always asks the store."""
    js = nc.jetstream()
    store = NatsKeyStore(js, await js.key_value(BUCKET))
    keyring = Keyring(store, MasterKeys(parse_master_keys(keys)), cache_entries=1)
    return Journal(NatsLog(await Requests.open(nc)), keyring)


class Clinic:
    """Processes by the keys they have, people who write to all of them, and everybody who must be able to read."""

    def __init__(self, server: NatsServer, nc: Client, folder: Path) -> None:
        self._server = server
        self._nc = nc
        self._folder = folder
        self._running: dict[str, tuple[AsyncExitStack, Gateway, Journal]] = {}
        self.accepted = 0
        self.read = 0
        self.unreadable: list[str] = []
        self._writing = True

    async def store(self) -> NatsKeyStore:
        js = self._nc.jetstream()
        return NatsKeyStore(js, await js.key_value(BUCKET))

    async def start(self, keys: str) -> None:
        """One more process of each kind; the others go on."""
        stack, journal = AsyncExitStack(), await reader(self._nc, keys)
        folder = self._folder / f"gateway-{len(list(self._folder.iterdir()))}"
        gateway = await stack.enter_async_context(
            gateway_process(self._server.url, folder, journal, NAMJAI_MASTER_KEYS=keys)
        )
        self._running[keys] = (stack, gateway, journal)

    async def stop(self, keys: str) -> None:
        """The process leaves as in a roll-out; from now on it is asked for nothing."""
        stack, _, _ = self._running.pop(keys)
        await stack.aclose()

    async def write(self, stop: asyncio.Event) -> None:
        """Old friends and, all the time, somebody new: their key is made by whichever process they meet."""
        known = [line_id() for _ in range(PEOPLE_FIRST)]
        for n in itertools.count():
            if stop.is_set():
                break
            known.append(line_id())
            gateways = [gateway for _, gateway, _ in self._running.values()]
            for gateway in gateways if n % 2 else reversed(gateways):
                if gateway.http.closed:
                    continue  # it was stopped while another one answered
                with suppress(aiohttp.ClientError):  # it was just stopped; LINE would send it again
                    body = webhook(text_event(f"words {n}", user=known[-1 - n % 3]))
                    self.accepted += await gateway.send(body) == 200
            await asyncio.sleep(PAUSE_S)
        self._writing = False

    async def watch(self) -> None:
        """Open everything that comes with the keys of every process that is there."""
        after = 0
        while self._writing or self.read < self.accepted:
            readers = [(keys, journal) for keys, (_, _, journal) in self._running.items()]
            log = readers[0][1].log
            async for raw in log.read(after=after):
                after = raw.sequence
                self.read += 1
                for keys, journal in readers:
                    try:
                        event = await journal.open(codec.decode(raw.data))
                        assert isinstance(event.data, MessageReceived)
                        assert isinstance(event.data.text, Sealed)
                        assert event.data.text.value.startswith("words")
                    except UnknownMasterKey:
                        self.unreadable.append(keys)
            await asyncio.sleep(PAUSE_S)


@pytest.fixture
async def clinic(tmp_path: Path) -> AsyncIterator[Clinic]:
    (tmp_path / "gateways").mkdir()
    async with nats_server(tmp_path, sync_interval="2m") as server:
        nc = await connect(server.url, name="tests")
        await provision(nc)
        yield Clinic(server, nc, tmp_path / "gateways")
        await nc.close()


@asynccontextmanager
async def busy(clinic: Clinic) -> AsyncIterator[None]:
    """People write, and everybody reads."""
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(clinic.write(stop))
        tasks.create_task(clinic.watch())
        try:
            yield
        finally:
            stop.set()


async def test_at_no_moment_of_a_rotation_is_a_message_unreadable(clinic: Clinic) -> None:
    await clinic.start(OLD)
    before = OLD
    async with busy(clinic):
        for keys in (*STEPS, NEW):
            if keys == NEW:  # everybody has both: wrap anew, while they write
                master = MasterKeys(parse_master_keys(STEPS[-1]))
                found = await Rotation(await clinic.store(), master, keys_per_s=200).run()
                assert (found.left, found.rewrapped > PEOPLE_FIRST) == (0, True)
            await clinic.start(keys)
            await asyncio.sleep(0.5)  # both serve, as they do in a roll-out
            await clinic.stop(before)
            before = keys
    await clinic.stop(NEW)
    assert clinic.unreadable == []
    assert clinic.read >= clinic.accepted > 20


async def test_a_new_key_that_comes_first_at_once_makes_others_blind(clinic: Clinic) -> None:
    """Why there are two steps: a process that wraps with a key the others do not have yet."""
    await clinic.start(OLD)
    async with busy(clinic):
        await clinic.start(STEPS[-1])
        await asyncio.sleep(0.5)
        await clinic.stop(OLD)
    await clinic.stop(STEPS[-1])
    assert OLD in clinic.unreadable
