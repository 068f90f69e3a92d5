"""`namjai backup`, `backups` and `restore`: the operations' own commands, tried out on one machine.

Everything goes to `backups/` in the home, encrypted for two keys that are made at the first backup and lie beside it.
In production the secret halves are elsewhere: see docs/operations/backup.md.
"""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final

import pyrage
import typer

from namjai.devkit.commands.common import DEFAULT_HOME, HomeOption, fail, home_of, out, readable_errors
from namjai.devkit.commands.data import exit_with, module
from namjai.devkit.home import Home, NotRunning, write_private
from namjai.devkit.stack import Options, Stack
from namjai.devkit.supervisor import Supervisor

OPERATIONS: Final = "namjai.operations"
JOB: Final = "restore"


def backup(home: HomeOption = DEFAULT_HOME) -> None:
    """Copy everything that this run keeps to its folder `backups`, encrypted; nothing stops meanwhile."""
    place = home_of(home)
    exit_with(module(place, OPERATIONS, "backup", **_environment(place)))


def backups(home: HomeOption = DEFAULT_HOME) -> None:
    """List the backups of this home."""
    place = home_of(home)
    exit_with(module(place, OPERATIONS, "backups", **_environment(place)))


def restore(
    home: HomeOption = DEFAULT_HOME,
    name: Annotated[str, typer.Option("--from", help="Its name, as `namjai backups` says it.")] = "latest",
    replace: Annotated[bool, typer.Option("--replace", help="Delete what is there.")] = False,
) -> None:
    """Put a backup back, while nothing runs; the next `namjai up` goes on from there."""
    place = home_of(home)
    with readable_errors():
        try:
            place.owner()
        except NotRunning:
            asyncio.run(_restore(place, ["--from", name, *(["--replace"] if replace else [])]))
        else:
            raise fail("Namjai is running in this home: stop it first, with `namjai down`")


async def _restore(home: Home, arguments: list[str]) -> None:
    """Start only the servers, restore, and stop them."""
    home.make()
    stop = asyncio.Event()

    async def done() -> None:
        stop.set()

    with home.locked():
        (log := home.logs / f"{JOB}.log").unlink(missing_ok=True)
        stages = Stack(home, Options()).repair(JOB, OPERATIONS, JOB, *arguments, **_environment(home))
        await Supervisor(stages, changed=lambda: None, held=home.held).run(stop, done)
        out.print(log.read_text().rstrip(), highlight=False)


def _environment(home: Home) -> Mapping[str, str]:
    """The settings of the operations for this home; its keys are made at the first use."""
    settings, files = {}, []
    for kind, prefix in (("everything", "backup"), ("keys", "backup_keys")):
        file = home.path / "backups" / f"{kind}.txt"
        identity = _identity(file)
        files.append(str(file))
        settings[f"{prefix}_place"] = (home.path / "backups" / kind).as_uri()
        settings[f"{prefix}_recipients"] = str(identity.to_public())
    return {**settings, "restore_identity_files": ",".join(files)}


def _identity(file: Path) -> pyrage.x25519.Identity:
    if not file.exists():
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_private(file, str(pyrage.x25519.Identity.generate()).encode())
    return pyrage.x25519.Identity.from_str(file.read_text().strip())
