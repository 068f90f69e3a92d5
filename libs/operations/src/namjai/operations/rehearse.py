"""Restores the newest backup into throw-away servers and compares: a backup that was never restored is a hope.

Every file is read and checked. What the secret keys at hand open is restored, counted and compared with the manifest;
what they do not open (the members' keys, whose secret key should not lie in a cluster) is checked and not opened.
Without NAMJAI_REHEARSAL_NATS_URL and NAMJAI_REHEARSAL_POSTGRES_DSN the servers are this job's own, in a folder that is
gone with it. Exit code 1: this backup cannot be restored as it is.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from time import monotonic
from typing import Any

from namjai.operations import outcome
from namjai.operations.adapters.postgres import Database
from namjai.operations.adapters.snapshots import Snapshots
from namjai.operations.adapters.throwaway import Servers, throwaway_servers
from namjai.operations.command import nats_of
from namjai.operations.places import LATEST, Places, choose
from namjai.operations.ports import Damaged, Locked, Refused
from namjai.operations.progress import say
from namjai.operations.restore import Piece, can_be_opened, fill, is_whole, secret_keys, wanted
from namjai.operations.settings import OperationsSettings
from namjai.runtime.bus import connect


def arguments(parser: argparse.ArgumentParser) -> None:
    """Which backup, and with which keys."""
    parser.add_argument("--from", dest="name", default=LATEST, metavar="BACKUP", help="its name; the newest by default")
    parser.add_argument("--identity", type=Path, action="append", default=[], metavar="FILE", help="age secret keys")


async def command(settings: OperationsSettings, chosen: argparse.Namespace) -> int:
    """Rehearse, and put it on record when all was well."""
    began = monotonic()
    where, by = Places.of(settings), secret_keys(settings, chosen.identity)
    async with asyncio.timeout(settings.backup_deadline_s):
        backup = await choose(where.everything, chosen.name)
        keys = await choose(where.keys, LATEST)
        pieces = wanted(backup, keys, where)
        try:
            restored = await rehearse(pieces, by, settings)
        except Damaged as damaged:
            print(f"DAMAGED {damaged}")
            return 1
        took_s = monotonic() - began
        print(f"{backup.name} can be restored: {restored} of {len(pieces)} parts were, in {took_s:.1f} s")
        async with nats_of(settings) as nc:
            details = {"name": backup.name, "parts": len(pieces), "restored": restored, "took_s": round(took_s, 1)}
            await outcome.note(nc, "rehearse", **details)
    return 0


async def rehearse(pieces: Sequence[Piece], by: Sequence[Any], settings: OperationsSettings) -> int:
    """Check all and restore what can be opened. Returns how many parts were. Raises `Damaged` or `Refused`."""
    for piece in pieces:
        await is_whole(piece)
    ours = [piece for piece in pieces if await _opens(piece, by)]
    if not ours:
        raise Refused("none of the secret keys opens anything: name one in NAMJAI_RESTORE_IDENTITY_FILES")
    async with _servers(settings) as servers:
        nc = await connect(servers.nats_url, name="operations", for_ever=False)
        try:
            copies = Snapshots(nc)
            for stream in await copies.names():
                await copies.delete(stream)
            database = Database(servers.postgres_dsn, settings)
            await fill(ours, by, nc, database, replicas=1, replace=True)
            await _compare_rows(ours, database)
        finally:
            await nc.close()
    return len(ours)


async def _opens(piece: Piece, by: Sequence[Any]) -> bool:
    try:
        await can_be_opened(piece, by)
    except Locked:
        say(f"{piece.part.name}: is whole, and was not opened: none of the secret keys here is for it")
        return False
    return True


async def _compare_rows(pieces: Sequence[Piece], database: Database) -> None:
    """Streams were counted while they were filled; tables are counted here."""
    for rows in (piece.part.rows for piece in pieces if piece.part.rows is not None):
        found = await database.rows()
        different = sorted(table for table in rows.keys() | found.keys() if rows.get(table) != found.get(table))
        if different:
            table = different[0]
            raise Damaged(f"{table} came back with {found.get(table, 0):,} rows, and had {rows.get(table, 0):,}")


@asynccontextmanager
async def _servers(settings: OperationsSettings) -> AsyncIterator[Servers]:
    """Those that were named, or our own."""
    if settings.rehearsal_nats_url and settings.rehearsal_postgres_dsn:
        yield Servers(settings.rehearsal_nats_url, settings.rehearsal_postgres_dsn.get_secret_value())
        return
    if settings.rehearsal_nats_url or settings.rehearsal_postgres_dsn:
        raise Refused("name both throw-away servers, or none of them")
    with tempfile.TemporaryDirectory(prefix="rehearsal-") as folder:
        async with throwaway_servers(Path(folder), settings) as servers:
            yield servers
