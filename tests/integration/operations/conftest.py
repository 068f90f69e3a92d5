"""Two sites with real servers: one that is backed up, and an empty one to restore into; and keys for people."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import pyrage
import pytest
from nats.aio.client import Client

from namjai.devkit.testing import NatsServer, PostgresServer, nats_server, postgres_server
from namjai.events import Envelope, Fact, Sealed, begin
from namjai.events.member import MemberErased
from namjai.events.message import MessageReceived
from namjai.operations.settings import OperationsSettings
from namjai.runtime.bus import Requests, connect
from namjai.runtime.errors import LogUnavailable
from namjai.runtime.journal import Journal
from namjai.runtime.keyring import BUCKET, Keyring, MasterKeys, NatsKeyStore
from namjai.runtime.log import NatsLog
from namjai.runtime.provision import provision

MASTER = {"m1": b"m" * 32}
APPEND_TRIES = 5


@dataclass(frozen=True)
class Site:
    """One NATS with an administrator's connection, and one database."""

    nats: NatsServer
    nc: Client
    dsn: str

    async def journal(self) -> Journal:
        """The log with its keys, as a service sees it after a start."""
        store = NatsKeyStore(self.nc.jetstream(), await self.nc.jetstream().key_value(BUCKET))
        return Journal(NatsLog(await Requests.open(self.nc)), Keyring(store, MasterKeys(MASTER)))

    async def write(self, member: str, text: str) -> None:
        """Somebody writes something, and it is in the log."""
        at = datetime.now(UTC)
        fact = MessageReceived(
            kind="text",
            message_id=text,
            webhook_event_id=text,
            source_kind="user",
            mode="active",
            sent_at=at,
            received_at=at,
            throttled=False,
            length_utf16=len(text),
            sender=Sealed(f"U{member}"),
            reply_token=Sealed("token"),
            text=Sealed(text),
            raw=Sealed("{}"),
        )
        await self.append(begin(fact, source="gateway", cause=f"{member}|{text}", member=member, time=at))
        await self.nc.jetstream().publish(f"$KV.identities.of-{member}", member.encode())

    async def erase(self, member: str) -> None:
        """Somebody is forgotten, as the gateway does it."""
        journal = await self.journal()
        await journal.keyring.destroy(member)
        await self.nc.jetstream().purge_stream("KV_identities", subject=f"$KV.identities.of-{member}")
        fact = MemberErased(receipt="r")
        await self.append(begin(fact, source="gateway", cause=member, member=member, time=datetime.now(UTC)))

    async def append(self, event: Envelope[Fact]) -> None:
        """Seal it, and put it into the log; a busy machine is asked again, and its id makes that once."""
        for _ in range(APPEND_TRIES):
            with suppress(LogUnavailable):
                await (await self.journal()).append([event])
                return
        raise LogUnavailable("this machine is too busy")

    async def said(self, member: str) -> list[str | None]:
        """What can be read of somebody's messages; None for what cannot."""
        journal = await self.journal()
        events = [stored.event for stored in await journal.history(member)]
        return [
            event.data.text.get(None) for event in events if isinstance(event.data, MessageReceived) and event.data.text
        ]


@pytest.fixture(scope="session")
def people() -> dict[str, pyrage.x25519.Identity]:
    """Whose keys backups are for."""
    return {name: pyrage.x25519.Identity.generate() for name in ("everything", "keys", "somebody else")}


@pytest.fixture
def identity_files(people: dict[str, pyrage.x25519.Identity], tmp_path: Path) -> dict[str, Path]:
    """Their secret keys, as age-keygen writes them."""
    files = {}
    for name, identity in people.items():
        files[name] = tmp_path / f"{name}.txt"
        files[name].write_text(f"# created: today\n# public key: {identity.to_public()}\n{identity}\n")
    return files


@pytest.fixture(scope="session")
async def database_server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[PostgresServer]:
    """One PostgreSQL for all."""
    async with postgres_server(tmp_path_factory.mktemp("operations-postgres")) as server:
        yield server


@pytest.fixture
async def site(tmp_path: Path, database_server: PostgresServer) -> AsyncIterator[Site]:
    """What is backed up: provisioned, with a table of its own schema."""
    async with nats_server(tmp_path / "site", sync_interval="2m") as server:
        nc = await connect(server.url, name="admin")
        await provision(nc)
        dsn = await database_server.create_database(f"site_{tmp_path.name.replace('-', '_')}")
        pg = await asyncpg.connect(dsn, ssl=False)
        await pg.execute("CREATE SCHEMA analytics; CREATE TABLE analytics.archive (sequence bigint, data text)")
        await pg.execute("INSERT INTO analytics.archive SELECT n, 'row ' || n FROM generate_series(1, 1000) n")
        await pg.close()
        yield Site(server, nc, dsn)
        await nc.close()
        await database_server.drop_database(dsn.rpartition("/")[2])


@pytest.fixture
async def elsewhere(tmp_path: Path, database_server: PostgresServer) -> AsyncIterator[Site]:
    """An empty NATS and an empty database."""
    async with nats_server(tmp_path / "elsewhere", sync_interval="2m") as server:
        nc = await connect(server.url, name="admin")
        dsn = await database_server.create_database(f"elsewhere_{tmp_path.name.replace('-', '_')}")
        yield Site(server, nc, dsn)
        await nc.close()
        await database_server.drop_database(dsn.rpartition("/")[2])


@pytest.fixture
def settings_of(
    people: dict[str, pyrage.x25519.Identity], identity_files: dict[str, Path], tmp_path: Path
) -> Callable[[Site], OperationsSettings]:
    """Settings for one of the sites, with folders as the places of backups."""

    def settings(at: Site, **more: object) -> OperationsSettings:
        return OperationsSettings.model_validate(
            {
                "nats_url": at.nats.server_url,
                "postgres_dsn": f"{at.dsn}?sslmode=disable",
                "backup_place": f"file://{tmp_path}/everything",
                "backup_recipients": str(people["everything"].to_public()),
                "backup_keys_place": f"file://{tmp_path}/keys",
                "backup_keys_recipients": str(people["keys"].to_public()),
                "restore_identity_files": f"{identity_files['everything']},{identity_files['keys']}",
                **more,
            }
        )

    return settings
