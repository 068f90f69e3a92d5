"""`retain` on real servers: what is old goes, what is young or still needed stays, and nobody is forgotten unasked."""

from __future__ import annotations

import asyncio
import base64
import json
import secrets
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from namjai.analytics.adapters.migrations import migrate, migrations
from namjai.devkit.testing import NatsServer, OpenLog, PostgresServer, nats_server, open_log, postgres_server
from namjai.events import Envelope, Fact, Sealed, begin, subjects
from namjai.events.member import ErasureRequested, MemberErased, MemberFollowed
from namjai.operations.retain import Row, Run, retain, table
from namjai.operations.settings import OperationsSettings
from namjai.runtime.objects import NatsObjects
from tests.integration.gateway.kit import MASTER, gateway_process

NOW = datetime.now(UTC)
LATER = NOW + timedelta(days=100)
"""When what is stored now is older than any rule says."""
YEARS_AGO = NOW - timedelta(days=9 * 365)


@pytest.fixture(scope="module")
async def retaining_nats(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[NatsServer]:
    async with nats_server(tmp_path_factory.mktemp("retaining"), sync_interval="2m") as server:
        yield server


@pytest.fixture(scope="module")
async def retaining_postgres(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[PostgresServer]:
    async with postgres_server(tmp_path_factory.mktemp("retaining-pg")) as server:
        yield server


@pytest.fixture
async def opened(retaining_nats: NatsServer) -> AsyncIterator[OpenLog]:
    async with open_log(retaining_nats, master_keys={"k1": MASTER}) as log:
        yield log
        for stream in ("EVENTS", "TIMERS", "DEAD", "KV_snapshots", "OBJ_media", "KV_keys"):
            await log.nc.jetstream().purge_stream(stream)


@pytest.fixture
async def dsn(retaining_postgres: PostgresServer) -> str:
    """A database as analytics' own migrations make it."""
    address = await retaining_postgres.create_database("read" + secrets.token_hex(4))
    pg = await asyncpg.connect(address)
    await migrate(pg, migrations())
    await pg.close()
    return address


def run_of(log: OpenLog, now: datetime, *, dry_run: bool = False, **more: object) -> Run:
    settings = OperationsSettings.model_validate({"master_keys": _ring(), **more})
    return Run(settings, log.nc, log.requests, now, dry_run)


def _ring() -> str:
    return f"k1:{base64.b64encode(MASTER).decode()}"


async def counts(run: Run) -> dict[str, int]:
    rows = await retain(run)
    assert not [row for row in rows if row.failed], rows
    return {row.kind: row.count for row in rows}


async def publish(log: OpenLog, *what: str) -> None:
    for subject in what:
        await log.nc.jetstream().publish(subject, b"{}")


async def left(log: OpenLog, stream: str) -> list[str]:
    info = json.loads(
        (await log.nc.request(f"$JS.API.STREAM.INFO.{stream}", b'{"subjects_filter":">"}', timeout=5)).data
    )
    return sorted(info["state"].get("subjects") or ())


async def test_what_is_old_goes_and_what_is_young_stays(opened: OpenLog) -> None:
    await publish(opened, *(f"dead.chat.message.received.m{n}" for n in range(3)))
    await publish(opened, "$KV.snapshots.chat.v1.m1", "$KV.snapshots.chat.v2.m1")
    stored = await NatsObjects(opened.requests, opened.journal.keyring).put("m1", b"x" * 300_000, "image/png", 3_600)
    assert stored
    young = await counts(run_of(opened, NOW + timedelta(hours=1)))
    assert set(young.values()) == {0}
    would = await counts(run_of(opened, LATER, dry_run=True))
    assert (would["dead_letters"], would["snapshots"], would["media"]) == (3, 2, 3)
    assert len(await left(opened, "DEAD")) == 3
    assert await counts(run_of(opened, LATER)) == would
    assert [await left(opened, each) for each in ("DEAD", "KV_snapshots", "OBJ_media")] == [[], [], []]
    assert set((await counts(run_of(opened, LATER))).values()) == {0}, "again changes nothing"


async def test_a_cut_between_old_and_young_is_exact(opened: OpenLog) -> None:
    await publish(opened, *(f"dead.chat.message.received.old{n}" for n in range(5)))
    cutoff = datetime.now(UTC)
    await asyncio.sleep(0.01)
    await publish(opened, *(f"dead.chat.message.received.young{n}" for n in range(4)))
    assert (await counts(run_of(opened, cutoff + timedelta(days=90))))["dead_letters"] == 5
    assert await left(opened, "DEAD") == [f"dead.chat.message.received.young{n}" for n in range(4)]


async def test_a_timer_that_nobody_dealt_with_yet_stays_and_so_does_one_that_waits(opened: OpenLog) -> None:
    js = opened.nc.jetstream()
    await publish(opened, "timer.notify.a", "timer.notify.b", "timer.chat.c")
    due = (NOW + timedelta(days=300)).isoformat(timespec="seconds").replace("+00:00", "Z")
    headers = {"Nats-Schedule": f"@at {due}", "Nats-Schedule-Target": "timer.notify.later"}
    await js.publish("sched.notify.later", b"{}", headers=headers)
    assert (await counts(run_of(opened, LATER)))["timers"] == 0, "without a consumer nothing was dealt with"
    pull = await js.pull_subscribe("timer.notify.>", durable="notify-timers", stream="TIMERS")
    [first] = await pull.fetch(1, timeout=5)
    await first.ack_sync()
    assert (await counts(run_of(opened, LATER)))["timers"] == 1
    assert await left(opened, "TIMERS") == ["sched.notify.later", "timer.chat.c", "timer.notify.b"]
    await pull.unsubscribe()
    await js.delete_consumer("TIMERS", "notify-timers")


async def test_events_are_never_cut_and_nobody_is_forgotten_unless_the_clinic_said_so(
    opened: OpenLog, dsn: str
) -> None:
    await _seen(dsn, "m1", YEARS_AGO)
    await opened.journal.append([_followed("m1", YEARS_AGO)])
    rows = await retain(run_of(opened, LATER, postgres_dsn=dsn))
    assert [row for row in rows if row.count] == []
    assert await left(opened, "EVENTS") == ["evt.member.followed.m1"]
    assert Row("silent_people", "for ever") in rows
    assert "silent_people  for ever              0" in table(rows, dry_run=False)


async def test_rows_of_erased_people_go_and_counts_and_alerts_stay(opened: OpenLog, dsn: str) -> None:
    pg = await asyncpg.connect(dsn)
    await _seen(dsn, "gone", YEARS_AGO, erased_at=NOW)
    await _seen(dsn, "here", YEARS_AGO)
    for n, member in enumerate(("gone", "gone", "here")):
        await pg.execute(
            "INSERT INTO analytics_read.timeline VALUES ($1, $2, 'x.y.v1', $3, $4, true, '{}')",
            n,
            member,
            NOW,
            NOW.date(),
        )
        await pg.execute(
            "INSERT INTO analytics_read.activity VALUES ($1, $2) ON CONFLICT DO NOTHING", NOW.date(), member
        )
    run = run_of(opened, LATER, postgres_dsn=dsn, retain_erased_row_days=30)
    assert (await counts(run_of(opened, LATER, dry_run=True, postgres_dsn=dsn, retain_erased_row_days=30)))[
        "erased_rows"
    ] == 2
    assert (await counts(run))["erased_rows"] == 2
    assert (await counts(run))["erased_rows"] == 0
    assert [row["member"] for row in await pg.fetch("SELECT member FROM analytics_read.timeline")] == ["here"]
    assert await pg.fetchval("SELECT count(*) FROM analytics_read.activity") == 2
    assert await pg.fetchval("SELECT count(*) FROM analytics_read.members") == 2
    await pg.close()


async def test_the_silent_get_a_receipt_as_everybody_does(
    opened: OpenLog, dsn: str, retaining_nats: NatsServer, tmp_path: Path
) -> None:
    """From the rule to the receipt, with the gateway as a process of its own."""
    rule: dict[str, Any] = {"postgres_dsn": dsn, "retain_silent_people_days": 2_555}
    for member, at in (("silent", YEARS_AGO), ("lately", NOW)):
        await _seen(dsn, member, YEARS_AGO)
        await opened.journal.append([_followed(member, at)])
    assert (await counts(run_of(opened, NOW, dry_run=True, **rule)))["silent_people"] == 1
    assert await left(opened, "EVENTS") == ["evt.member.followed.lately", "evt.member.followed.silent"]
    assert (await counts(run_of(opened, NOW, **rule)))["silent_people"] == 1
    async with gateway_process(retaining_nats.url, tmp_path / "gateway", opened.journal):
        async with asyncio.timeout(20):
            while not (erased := await opened.journal.log.since(subjects.every(MemberErased.TYPE), 0)):
                await asyncio.sleep(0.05)
    [receipt] = erased
    [asked] = await opened.journal.log.since(subjects.every(ErasureRequested.TYPE), 0)
    assert (receipt.event.subject, receipt.event.causationid) == ("silent", asked.event.id)
    assert await opened.journal.keyring.cipher("lately") is not None
    opened.journal.keyring.forget("silent")
    assert await opened.journal.keyring.cipher("silent") is None
    assert (await counts(run_of(opened, NOW, **rule)))["silent_people"] == 0


async def test_a_kind_that_cannot_be_looked_after_does_not_stop_the_others(opened: OpenLog) -> None:
    await publish(opened, "dead.chat.message.received.m1")
    nowhere = "postgresql://nobody:x@127.0.0.1:1/none"
    run = run_of(opened, LATER, postgres_dsn=nowhere, retain_erased_row_days=30, retain_silent_people_days=400)
    rows = {row.kind: row for row in await retain(run)}
    assert {kind for kind, row in rows.items() if row.failed} == {"erased_rows", "silent_people"}
    assert rows["dead_letters"].count == 1


def _followed(member: str, at: datetime) -> Envelope[Fact]:
    fact: Fact = MemberFollowed(
        webhook_event_id=member, mode="active", sent_at=at, received_at=at, sender=Sealed("U" + "a" * 32)
    )
    return begin(fact, source="test", cause=member, member=member, time=at)


async def _seen(dsn: str, member: str, at: datetime, erased_at: datetime | None = None) -> None:
    pg = await asyncpg.connect(dsn)
    await pg.execute(
        "INSERT INTO analytics_read.members (member, first_seen, last_seen, messages, erased_at)"
        " VALUES ($1, $2, $2, 1, $3)",
        member,
        at,
        erased_at,
    )
    await pg.close()
