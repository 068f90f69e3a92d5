"""Copies everything to where a fire does not reach: streams with their consumers, keys, and PostgreSQL.

Each part goes encrypted for people (age), so that neither this job nor whoever keeps the files can read them, and the
members' keys go to a place of their own. What was begun and has no manifest does not count, and is removed in time.
"""

from __future__ import annotations

import argparse
import asyncio
import functools
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from nats.aio.client import Client

from namjai.operations import outcome, places
from namjai.operations.adapters.postgres import Database
from namjai.operations.adapters.sealing import recipients, sealed
from namjai.operations.adapters.snapshots import Snapshots
from namjai.operations.again import insist
from namjai.operations.command import nats_of
from namjai.operations.domain import manifest
from namjai.operations.domain.manifest import KEYS, POSTGRES, Kind, Manifest, Part, StreamCopy
from namjai.operations.domain.order import in_order
from namjai.operations.domain.outdated import outdated
from namjai.operations.places import Places
from namjai.operations.ports import Refused, Store
from namjai.operations.progress import Counted, readable, say
from namjai.operations.settings import OperationsSettings
from namjai.runtime.version import VERSION

Recipients = Sequence[Any]


def arguments(parser: argparse.ArgumentParser) -> None:
    """What can be left out."""
    parser.add_argument(
        "--only", choices=("everything", "keys"), help="one of the two kinds; without it both are made, keys last"
    )


async def command(settings: OperationsSettings, chosen: argparse.Namespace) -> int:
    """Make a backup, put it on record, and remove what is too old."""
    kinds: tuple[Kind, ...] = (chosen.only,) if chosen.only else ("everything", "keys")
    where = Places.of(settings)
    async with asyncio.timeout(settings.backup_deadline_s), nats_of(settings) as nc:
        for kind in kinds:
            made = await back_up(kind, where.of_kind(kind), nc, settings)
            await outcome.note(nc, _JOB[kind], name=made.name, bytes=made.bytes)
            say(f"{made.name}: {kind}, {readable(made.bytes)}, is in {where.of_kind(kind).address}")
        for kind in kinds:
            await prune(kind, where.of_kind(kind), settings)
    return 0


async def back_up(kind: Kind, store: Store, nc: Client, settings: OperationsSettings) -> Manifest:
    """Copy every part of this kind, then write the manifest."""
    to = _recipients(kind, settings)
    began_at = datetime.now(UTC)
    name = manifest.name_of(began_at)
    copies = Snapshots(nc)
    there = await copies.names()
    if KEYS not in there:
        raise Refused("this NATS has no bucket of keys: it was not provisioned, or it is not Namjai's")
    parts = []
    for each in [KEYS] if kind == "keys" else in_order(there):
        copy = _copied_database(settings) if each == POSTGRES else functools.partial(_copy_stream, copies, each)
        parts.append(await insist(each, functools.partial(copy, store, name, to)))
    made = Manifest(
        name=name, kind=kind, release=VERSION, began_at=began_at, ended_at=datetime.now(UTC), parts=tuple(parts)
    )
    await store.put(f"{name}/{manifest.FILE}", _once(manifest.encode(made)))
    return made


async def prune(kind: Kind, store: Store, settings: OperationsSettings) -> None:
    """Remove what is too old; the manifest goes first, so that half a backup is none."""
    keys = kind == "keys"
    complete = {each.name for each in await places.found(store)}
    gone = outdated(
        complete,
        set(await places.folders(store)) - complete,
        datetime.now(UTC),
        keep_days=settings.backup_keys_keep_days if keys else settings.backup_keep_days,
        keep_count_min=settings.backup_keys_keep_count_min if keys else settings.backup_keep_count_min,
    )
    for name in gone:
        await store.remove(name, first=manifest.FILE)
        say(f"{name}: {kind}, removed from {store.address}, it was too old or never complete")


async def _copy_stream(copies: Snapshots, stream: str, store: Store, name: str, to: Recipients) -> Part:
    async with copies.take(stream) as snapshot:
        state = snapshot.state
        copied = StreamCopy(
            first=state["first_seq"],
            last=state["last_seq"],
            messages=state["messages"],
            consumers=state.get("consumer_count", 0),
            config=dict(snapshot.config),
            state=dict(state),
        )
        return await _write(stream, snapshot.chunks, store, name, to, stream=copied)


def _copied_database(settings: OperationsSettings) -> Callable[[Store, str, Recipients], Awaitable[Part]]:
    if settings.postgres_dsn is None:
        raise Refused("say which PostgreSQL: NAMJAI_POSTGRES_DSN")
    database = Database(settings.postgres_dsn.get_secret_value(), settings)

    async def copy(store: Store, name: str, to: Recipients) -> Part:
        async with database.dump() as dump:
            return await _write(POSTGRES, dump.pieces, store, name, to, rows=dict(dump.rows))

    return copy


async def _write(
    part: str,
    plain: AsyncIterator[bytes],
    store: Store,
    name: str,
    to: Recipients,
    *,
    stream: StreamCopy | None = None,
    rows: dict[str, int] | None = None,
) -> Part:
    """Through encryption into the store, counted on both sides of it."""
    before = Counted(plain, part)
    async with sealed(before, to) as cipher:
        after = Counted(cipher)
        await store.put(f"{name}/{part}{manifest.SUFFIX}", after)
    say(f"{part}: {readable(before.bytes)}")
    return Part(name=part, bytes=after.bytes, sha256=after.sha256, plain_bytes=before.bytes, stream=stream, rows=rows)


def _recipients(kind: Kind, settings: OperationsSettings) -> Recipients:
    keys = kind == "keys"
    found = recipients(settings.backup_keys_recipients if keys else settings.backup_recipients)
    if not found:
        variable = "NAMJAI_BACKUP_KEYS_RECIPIENTS" if keys else "NAMJAI_BACKUP_RECIPIENTS"
        raise Refused(f"nobody could read this backup: name age public keys in {variable}")
    return found


async def _once(data: bytes) -> AsyncIterator[bytes]:
    yield data


_JOB: Final[dict[Kind, str]] = {"everything": "backup", "keys": "backup-keys"}
