"""Puts a backup into empty servers: streams with their consumers, keys, and PostgreSQL.

Nothing is touched before every file has been read and is what its manifest says, and can be decrypted. The keys come
from their newest copy, also when everything else is older. People who were erased stay erased (see `erase-again`).
Stop all services first; the NATS user must be allowed everything.
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from nats.aio.client import Client

from namjai.operations.adapters.postgres import Database
from namjai.operations.adapters.sealing import identities, opened
from namjai.operations.adapters.snapshots import Snapshots
from namjai.operations.again import insist
from namjai.operations.command import nats_of
from namjai.operations.domain.manifest import Manifest, Part, StreamCopy
from namjai.operations.erase_again import words
from namjai.operations.erased import erase_again
from namjai.operations.places import LATEST, Places, choose
from namjai.operations.ports import Damaged, Locked, Refused, Store
from namjai.operations.progress import Counted, readable, say
from namjai.operations.settings import OperationsSettings

PROVISIONED: Final = ("KV_config",)
"""Holds something before anything has happened."""
PARTS: Final = ("all", "streams", "keys", "postgres")

_NEXT: Final = """\
Go on like this:
  1. python -m namjai.runtime.provision        streams and tables of this release
  2. python -m namjai.analytics.verify         does the log agree with its archive?
     When the archive knows more than the log (PostgreSQL was not lost):
       python -m namjai.analytics.restore_log  and then  python -m namjai.operations erase-again
  3. start the services, and watch that nothing is late: /readyz?verbose, and the dashboards"""


@dataclass(frozen=True)
class Piece:
    """One file to be restored, and where it is."""

    part: Part
    store: Store
    path: str


def arguments(parser: argparse.ArgumentParser) -> None:
    """Which backup, and how far to go."""
    parser.add_argument("--from", dest="name", default=LATEST, metavar="BACKUP", help="its name; the newest by default")
    parser.add_argument(
        "--keys-from", default=LATEST, metavar="BACKUP", help="a copy of the keys; the newest by default"
    )
    parser.add_argument("--identity", type=Path, action="append", default=[], metavar="FILE", help="age secret keys")
    parser.add_argument("--only", choices=PARTS, default="all", help="when the rest was not lost")
    parser.add_argument("--replace", action="store_true", help="delete what is there; without it only empty is filled")


async def command(settings: OperationsSettings, chosen: argparse.Namespace) -> int:
    """Check, then restore, then say how to go on."""
    where = Places.of(settings)
    by = secret_keys(settings, chosen.identity)
    async with asyncio.timeout(settings.backup_deadline_s), nats_of(settings) as nc:
        backup = await choose(where.everything, chosen.name)
        keys = await choose(where.keys, chosen.keys_from)
        pieces = wanted(backup, keys, where, chosen.only)
        await check(pieces, by)
        database = _database(settings) if any(piece.part.rows is not None for piece in pieces) else None
        await fill(pieces, by, nc, database, replicas=settings.stream_replicas, replace=chosen.replace)
        if chosen.only != "postgres":
            say(words(await erase_again(nc)))
    say(f"{backup.name} is restored, with the keys of {keys.name}\n{_NEXT}")
    return 0


def secret_keys(settings: OperationsSettings, more: Sequence[Path]) -> Sequence[Any]:
    """Of the files in the settings, and of more. Raises `Refused`."""
    named = [Path(each.strip()) for each in settings.restore_identity_files.split(",") if each.strip()]
    return identities([*named, *more])


def wanted(backup: Manifest, keys: Manifest, where: Places, only: str = "all") -> list[Piece]:
    """The files to be restored, the keys last."""
    pieces = [_piece(backup, part, where.everything) for part in backup.parts]
    chosen = {
        "all": pieces,
        "streams": [piece for piece in pieces if piece.part.stream],
        "keys": [],
        "postgres": [piece for piece in pieces if piece.part.rows is not None],
    }[only]
    return chosen if only == "postgres" else [*chosen, *(_piece(keys, part, where.keys) for part in keys.parts)]


def _piece(backup: Manifest, part: Part, store: Store) -> Piece:
    return Piece(part, store, f"{backup.name}/{part.file}")


async def check(pieces: Sequence[Piece], by: Sequence[Any]) -> None:
    """Read every file to its end. Raises `Damaged` at the first that is not as it was, or that no key opens."""
    for piece in pieces:
        await can_be_opened(piece, by)  # a moment each, so that nobody waits for an hour to hear of a missing key
    for piece in pieces:
        await is_whole(piece)


async def is_whole(piece: Piece) -> None:
    """Raises `Damaged` when the file is not what the manifest says."""
    passed = Counted(_read(piece), f"checking {piece.part.name}")
    async for _ in passed:
        pass
    if (passed.bytes, passed.sha256) != (piece.part.bytes, piece.part.sha256):
        raise Damaged(f"{piece.store.address}/{piece.path} is not the file that was written; take an older backup")


async def can_be_opened(piece: Piece, by: Sequence[Any]) -> None:
    """Raises `Locked` when none of the keys is one of the file's; whether the file is whole is seen later."""
    async with opened(_read(piece), by) as plain:
        try:
            await anext(plain, None)
        except Locked as locked:
            where = f"{piece.part.name} in {piece.store.address}"
            raise Locked(f"{where}: {locked}. Name the secret key's file with --identity") from None
        except Damaged:
            return


async def fill(
    pieces: Sequence[Piece], by: Sequence[Any], nc: Client, database: Database | None, *, replicas: int, replace: bool
) -> None:
    """Restore every piece. Raises `Refused` when something is there already and may not be replaced."""
    copies = Snapshots(nc)
    streams = [piece for piece in pieces if piece.part.stream is not None]
    dumps = [piece for piece in pieces if piece.part.rows is not None]
    if not replace:
        await _must_be_empty(copies, [piece.part.name for piece in streams], database)
    for piece in dumps:
        assert database is not None
        await database.clear()
        async with opened(_read(piece), by) as plain:
            await database.restore(Counted(plain, piece.part.name))
        say(f"{piece.part.name}: {sum((piece.part.rows or {}).values()):,} rows")
    for piece in streams:
        await _fill_stream(copies, piece, by, replicas)


async def _fill_stream(copies: Snapshots, piece: Piece, by: Sequence[Any], replicas: int) -> None:
    copy = piece.part.stream
    assert copy is not None
    state = await insist(piece.part.name, lambda: _put_back(copies, piece, copy, by, replicas))
    there = (state["messages"], state["last_seq"])
    if there != (copy.messages, copy.last):
        raise Damaged(
            f"{piece.part.name} came back with {there[0]:,} messages up to {there[1]:,}, "
            f"and had {copy.messages:,} up to {copy.last:,}"
        )
    say(
        f"{piece.part.name}: {copy.messages:,} messages, {copy.consumers} consumers, {readable(piece.part.plain_bytes)}"
    )


async def _put_back(
    copies: Snapshots, piece: Piece, copy: StreamCopy, by: Sequence[Any], replicas: int
) -> Mapping[str, Any]:
    await copies.delete(piece.part.name)  # what is there may go, or is empty; also what a try that broke off has left
    config = {**copy.config, "num_replicas": replicas}
    async with opened(_read(piece), by) as plain:
        return await copies.put_back(piece.part.name, config, copy.state, Counted(plain, piece.part.name))


async def _must_be_empty(copies: Snapshots, streams: Sequence[str], database: Database | None) -> None:
    for stream in streams:
        state = await copies.state(stream)
        if state is not None and state["last_seq"] and stream not in PROVISIONED:
            raise Refused(
                f"the stream {stream} holds {state['messages']:,} messages. Restore into an empty NATS, "
                "or say --replace to delete what is there"
            )
    if database is not None and not await database.is_fresh():
        raise Refused(
            "this PostgreSQL holds rows. Restore into an empty database, or say --replace to drop what is there, "
            "or --only streams to leave it as it is"
        )


def _database(settings: OperationsSettings) -> Database:
    if settings.postgres_dsn is None:
        raise Refused("say which PostgreSQL: NAMJAI_POSTGRES_DSN")
    return Database(settings.postgres_dsn.get_secret_value(), settings)


async def _read(piece: Piece) -> AsyncIterator[bytes]:
    try:
        async with aclosing(piece.store.get(piece.path)) as cipher:
            async for part in cipher:
                yield part
    except FileNotFoundError:
        raise Damaged(f"{piece.store.address}/{piece.path} is not there any more; take an older backup") from None
