"""Rotation and retention as the NATS user of production: all they need, and no way to the log or the audit."""

from __future__ import annotations

import asyncio
import base64
import os
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import nats.errors
import pytest
from nats.aio.client import Client
from nats.js.kv import KeyValue

from namjai.devkit.embedded.nats import NatsUser, admin
from namjai.devkit.testing import NatsServer, OpenLog, nats_server, open_log
from namjai.events import Sealed, begin, subjects
from namjai.events.member import ErasureRequested, MemberFollowed
from namjai.operations.retain import Run, retain
from namjai.operations.settings import OperationsSettings
from namjai.operations.silent import forget_silent
from namjai.runtime.bus import Requests, connect
from namjai.runtime.journal import Journal
from namjai.runtime.keyring import BUCKET, Keyring, MasterKeys, NatsKeyStore
from namjai.runtime.log import NatsLog
from namjai.runtime.provision import ACCOUNTS
from namjai.runtime.settings import parse_master_keys

OLD = {"2025": b"o" * 32}
RING = ",".join(f"{name}:{base64.b64encode(key * 32).decode()}" for name, key in (("2026", b"n"), ("2025", b"o")))
PASSWORD = "secret"


@pytest.fixture(scope="module")
async def guarded(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[NatsServer]:
    may = ACCOUNTS["operations"]
    jobs = NatsUser(name="operations", password=PASSWORD, publish=may.publish, subscribe=may.subscribe)
    users = (admin("admin"), jobs)
    async with nats_server(tmp_path_factory.mktemp("guarded"), users=users, sync_interval="2m") as server:
        yield server


@pytest.fixture(scope="module")
async def filled(guarded: NatsServer) -> AsyncIterator[OpenLog]:
    """Everything there is to look after."""
    async with open_log(guarded, master_keys=OLD, user="admin", password="admin") as log:
        for n in range(5):
            await log.journal.keyring.cipher_or_new(f"m{n}")
        for subject in ("dead.chat.message.received.m1", "timer.chat.c", "$KV.snapshots.chat.v1.m1", "$KV.codes.a"):
            data = b'{"expires_at":"2026-01-01T00:00:00Z"}'
            await log.nc.jetstream().publish(subject, data)
        pull = await log.nc.jetstream().pull_subscribe("timer.chat.>", durable="chat-timers", stream="TIMERS")
        [timer] = await pull.fetch(1, timeout=5)
        await timer.ack_sync()
        await pull.unsubscribe()
        yield log


async def operations(server: NatsServer, folder: Path, *words: str) -> tuple[int, str]:
    environment = {
        "PATH": os.environ["PATH"],
        "NAMJAI_NATS_URL": server.server_url,
        "NAMJAI_NATS_USER": "operations",
        "NAMJAI_NATS_PASSWORD": PASSWORD,
        "NAMJAI_MASTER_KEYS": RING,
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "namjai.operations", *words),
        env=environment,
        cwd=folder,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    return process.returncode or 0, said.decode()


async def test_both_jobs_have_all_they_need(guarded: NatsServer, filled: OpenLog, tmp_path: Path) -> None:
    code, said = await operations(guarded, tmp_path, "rotate-keys")
    assert (code, "5  keys under '2026', of which 5" in said) == (0, True), said
    for words in (("retain", "--dry-run"), ("retain",)):
        code, said = await operations(guarded, tmp_path, *words)
        assert (code, "not now" in said, "permissions" in said.lower()) == (0, False, False), said
    config = await filled.nc.jetstream().key_value("config")
    assert {await _noted(config, job) for job in ("rotate-keys", "retain")} == {True}


async def test_what_is_old_goes_by_their_own_hand(guarded: NatsServer, filled: OpenLog) -> None:
    nc = await connect(guarded.server_url, name="operations", user="operations", password=PASSWORD)
    later = datetime.now(UTC) + timedelta(days=100)
    rows = await retain(Run(OperationsSettings(), nc, await Requests.open(nc), later, dry_run=False))
    assert not [row for row in rows if row.failed], rows
    assert {row.kind for row in rows if row.count} == {"dead_letters", "snapshots", "timers"}
    await nc.close()


async def test_they_may_ask_for_an_erasure_and_read_what_that_needs(guarded: NatsServer, filled: OpenLog) -> None:
    long_ago = datetime.now(UTC) - timedelta(days=9 * 365)
    followed = MemberFollowed(
        webhook_event_id="w", mode="active", sent_at=long_ago, received_at=long_ago, sender=Sealed("U" + "a" * 32)
    )
    await filled.journal.append([begin(followed, source="test", cause="w", member="silent", time=long_ago)])
    nc = await connect(guarded.server_url, name="operations", user="operations", password=PASSWORD)
    js = nc.jetstream()
    keyring = Keyring(NatsKeyStore(js, await js.key_value(BUCKET)), MasterKeys(parse_master_keys(RING)))
    journal = Journal(NatsLog(await Requests.open(nc)), keyring)
    now = datetime.now(UTC)
    found = await forget_silent(journal, Silent(), now - timedelta(days=365), now, at_most=5, dry_run=False)
    assert found.forgotten == 1
    [asked] = await filled.journal.log.since(subjects.every(ErasureRequested.TYPE), 0)
    assert asked.event.subject == "silent"
    await nc.close()


class Silent:
    """PostgreSQL's proposal."""

    async def silent(self, since: datetime, at_most: int, skip: int) -> list[str]:
        return ["silent"][skip:]

    async def count_silent(self, since: datetime) -> int:
        return 1


async def _noted(config: KeyValue, job: str) -> bool:
    return bool((await config.get(f"operations.{job}")).value)


@pytest.mark.parametrize(
    "subject",
    [
        "$JS.API.STREAM.PURGE.EVENTS",
        "$JS.API.STREAM.PURGE.AUDIT",
        "$JS.API.STREAM.PURGE.KV_keys",
        "$JS.API.STREAM.DELETE.DEAD",
        "$JS.API.STREAM.MSG.DELETE.EVENTS",
        "evt.member.erased.m1",
        "evt.message.received.m1",
    ],
)
async def test_they_may_not_touch_what_is_a_record(guarded: NatsServer, filled: OpenLog, subject: str) -> None:
    nc: Client = await connect(guarded.server_url, name="operations", user="operations", password=PASSWORD)
    with pytest.raises((nats.errors.TimeoutError, nats.errors.NoRespondersError)):
        await nc.request(subject, b"{}", timeout=0.5)
    assert "permissions violation" in str(nc.last_error).lower()
    await nc.close()
