"""Destroys the keys, and forgets the identities, of everybody whom the log calls erased.

`restore` does this by itself. It is needed once more after `restore-log` has brought back events that are younger than
the backup: there may be erasures among them. Safe to repeat; nothing happens to anybody else.
"""

from __future__ import annotations

import argparse

from namjai.operations.command import nats_of
from namjai.operations.erased import Erased, erase_again
from namjai.operations.settings import OperationsSettings


def arguments(parser: argparse.ArgumentParser) -> None:
    """None."""


async def command(settings: OperationsSettings, chosen: argparse.Namespace) -> int:
    """Do it, and say what was found."""
    async with nats_of(settings) as nc:
        print(words(await erase_again(nc)))
    return 0


def words(found: Erased) -> str:
    """What was done, in a sentence."""
    return (
        f"{found.members:,} people are erased according to the log; "
        f"{found.keys:,} keys and {found.identities:,} identities had come back and are gone again"
    )
