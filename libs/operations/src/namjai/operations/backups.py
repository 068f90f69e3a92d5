"""Lists the backups that there are, the oldest first; those of the keys apart. Exit code 1 when one kind is missing."""

from __future__ import annotations

import argparse
import asyncio
from typing import Final

from namjai.operations.domain.manifest import KEYS, Kind, Manifest
from namjai.operations.domain.order import LOG
from namjai.operations.places import Places, folders, found
from namjai.operations.progress import readable
from namjai.operations.settings import OperationsSettings

KINDS: Final[tuple[Kind, ...]] = ("everything", "keys")
NAMES: Final = {LOG: "events", KEYS: "keys"}
"""What is counted of a backup: the rest follows from it."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """None: the settings say where to look."""


async def command(settings: OperationsSettings, chosen: argparse.Namespace) -> int:
    """Say name, age, size and counts of each."""
    where = Places.of(settings)
    missing = False
    async with asyncio.timeout(settings.backup_deadline_s):
        for kind in KINDS:
            store = where.of_kind(kind)
            complete = await found(store)
            print(f"{kind}, in {store.address}:")
            for each in complete:
                print(f"  {line(each)}")
            if broken := len(await folders(store)) - len(complete):
                print(f"  and {broken} without a manifest, broken off or being made")
            if not complete:
                missing = True
                print("  none")
    return 1 if missing else 0


def line(backup: Manifest) -> str:
    """One backup in one line."""
    took_s = (backup.ended_at - backup.began_at).total_seconds()
    counts = {part.name: part.stream.messages for part in backup.streams if part.stream}
    what = ", ".join(f"{counts[stream]:,} {name}" for stream, name in NAMES.items() if stream in counts)
    return f"{backup.name}  {readable(backup.bytes):>9}  {what}, {took_s:.1f} s, release {backup.release}"
