"""Real servers for tests: each on free ports with a store of its own, gone when the block ends."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final, NamedTuple

import msgspec
from nats.aio.client import Client

from namjai.devkit.embedded.nats import NatsServer, NatsUser
from namjai.devkit.embedded.postgres import PostgresServer
from namjai.devkit.embedded.valkey import ValkeyServer
from namjai.devkit.home import Run
from namjai.runtime.bus import Requests, connect
from namjai.runtime.journal import Journal
from namjai.runtime.keyring import BUCKET, Keyring, MasterKeys, NatsKeyStore
from namjai.runtime.log import NatsLog
from namjai.runtime.provision import provision

TRIAL_KEYS: Final[Mapping[str, bytes]] = {"k": b"k" * 32}

__all__ = [
    "NatsServer",
    "NatsUser",
    "OpenLog",
    "PostgresServer",
    "ValkeyServer",
    "nats_server",
    "open_log",
    "postgres_server",
    "run_of",
    "valkey_server",
]


@asynccontextmanager
async def nats_server(
    directory: Path, *, users: Sequence[NatsUser] = (), sync_interval: str = "always"
) -> AsyncIterator[NatsServer]:
    """NATS with JetStream. Without `users` anybody may do anything; with them, as in production.

    `server.url` connects; `await server.kill()`, `.start()`, `.stop()` and `.restart()` keep port and store.
    """
    server = NatsServer(home=directory / "nats", users=users, sync_interval=sync_interval)
    try:
        await server.start()
        yield server
    finally:
        await server.stop()


def run_of(**known: str) -> Run:
    """A run of which nothing else is known, for a command that asks for no more."""
    addresses = {field.name: "" for field in msgspec.structs.fields(Run) if field.required and field.type is str}
    return msgspec.convert({**addresses, "services": {}, **known}, Run)


class OpenLog(NamedTuple):
    """A provisioned NATS as somebody is connected to it, and the log with its keys."""

    nc: Client
    requests: Requests
    journal: Journal


@asynccontextmanager
async def open_log(
    server: NatsServer,
    *,
    name: str = "tests",
    master_keys: Mapping[str, bytes] = TRIAL_KEYS,
    user: str | None = None,
    password: str | None = None,
) -> AsyncIterator[OpenLog]:
    """Provision the server, and open its log."""
    nc = await connect(server.url, name=name, user=user, password=password)
    try:
        await provision(nc)
        requests = await Requests.open(nc)
        store = NatsKeyStore(nc.jetstream(), await nc.jetstream().key_value(BUCKET))
        yield OpenLog(nc, requests, Journal(NatsLog(requests), Keyring(store, MasterKeys(master_keys))))
    finally:
        await nc.close()


@asynccontextmanager
async def postgres_server(directory: Path) -> AsyncIterator[PostgresServer]:
    """PostgreSQL with an empty database. `server.dsn` connects; `await server.create_database(name)` gives another."""
    server = PostgresServer(home=directory / "postgres")
    try:
        await server.start()
        yield server
    finally:
        await server.stop()


@asynccontextmanager
async def valkey_server(directory: Path) -> AsyncIterator[ValkeyServer]:
    """Valkey, empty. `server.url` connects."""
    server = ValkeyServer(home=directory / "valkey")
    try:
        await server.start()
        yield server
    finally:
        await server.stop()
