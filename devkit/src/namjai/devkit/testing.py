"""Real servers for tests: each on free ports with a store of its own, gone when the block ends."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from namjai.devkit.embedded.nats import NatsServer, NatsUser
from namjai.devkit.embedded.postgres import PostgresServer
from namjai.devkit.embedded.valkey import ValkeyServer

__all__ = [
    "NatsServer",
    "NatsUser",
    "PostgresServer",
    "ValkeyServer",
    "nats_server",
    "postgres_server",
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
