"""`namjai rebuild`, `verify` and `restore-log`: the two copies of the log and what is projected from them.

The work is the analytics service's; here it is only called with the addresses and secrets of the run.
"""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from enum import StrEnum
from typing import Annotated

import typer

from namjai.devkit.child import is_alive
from namjai.devkit.commands.common import DEFAULT_HOME, HomeOption, home_of, out, readable_errors
from namjai.devkit.commands.run import let_go, put_on_hold
from namjai.devkit.home import Home, NotRunning
from namjai.devkit.stack import Options, Stack
from namjai.devkit.supervisor import Supervisor
from namjai.runtime.provision import SERVICES

POLL_S = 0.05
GONE_DEADLINE_S = 10.0
RESTORE = "namjai.analytics.restore_log"


class Source(StrEnum):
    """The two copies of the log."""

    LOG = "log"
    ARCHIVE = "archive"


def rebuild(
    home: HomeOption = DEFAULT_HOME,
    source: Annotated[Source, typer.Option("--from", help="Which copy of the log to read.")] = Source.LOG,
) -> None:
    """Drop the read models and fill them again; replies and alerts go on meanwhile."""
    exit_with(module(home_of(home), "namjai.analytics.rebuild", "--from", source.value))


def verify(home: HomeOption = DEFAULT_HOME) -> None:
    """Compare the log with its archive: gaps and checksums. Exits 1 when they differ."""
    exit_with(module(home_of(home), "namjai.analytics.verify"))


def restore_log(home: HomeOption = DEFAULT_HOME) -> None:
    """Fill a log that was lost from the archive, every event at its old place. Services wait, or are not running."""
    place = home_of(home)
    try:
        place.owner()
    except NotRunning:
        with readable_errors():
            asyncio.run(_restore_at_rest(place))
    else:
        exit_with(_restore_running(place))


def exit_with(work: Coroutine[None, None, int]) -> None:
    """Do it, and end the command with its exit code."""
    with readable_errors():
        raise typer.Exit(asyncio.run(work))


async def _restore_running(home: Home) -> int:
    async with _quiet(home):
        # A log that was lost took its streams along; making them again is part of bringing it back.
        return await module(home, "namjai.runtime.provision") or await module(home, RESTORE)


async def _restore_at_rest(home: Home) -> None:
    """Start only the servers, restore, and stop them: no service may append to a log that is still empty."""
    home.make()
    stop = asyncio.Event()

    async def done() -> None:
        stop.set()

    with home.locked():
        stages = Stack(home, Options()).repair("restore-log", RESTORE)
        await Supervisor(stages, changed=lambda: None, held=home.held).run(stop, done)
        out.print((home.logs / "restore-log.log").read_text().rstrip().splitlines()[-1])


@asynccontextmanager
async def _quiet(home: Home) -> AsyncIterator[None]:
    """Nobody may append while the log is restored, or the old events would find their places taken."""
    names = [name for name in home.processes() if name.partition("-")[0] in SERVICES]
    try:
        for name in names:
            put_on_hold(home, name)
        await _until_gone([home.processes()[name]["pid"] for name in names])
        out.print(f"on hold: {', '.join(names)}")
        yield
    finally:
        for name in names:
            let_go(home, name)


async def _until_gone(pids: Sequence[int]) -> None:
    async with asyncio.timeout(GONE_DEADLINE_S):
        while True:
            if not any(is_alive(pid) for pid in pids):
                return
            await asyncio.sleep(POLL_S)


async def module(home: Home, name: str, *arguments: str, **more: str) -> int:
    """Run a module as the administrator of this run. Returns its exit code; it talks to the terminal itself.

    `more` are settings of that module, by the names of their fields.
    """
    environment = {**_settings(home), **{f"NAMJAI_{field.upper()}": value for field, value in more.items()}}
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", name, *arguments, env=environment)
    return await process.wait()


def _settings(home: Home) -> Mapping[str, str]:
    run, secrets = home.run(), home.secrets(())
    return {
        **os.environ,
        "NAMJAI_NATS_URL": run.nats_url,
        "NAMJAI_POSTGRES_DSN": run.postgres_dsn,
        "NAMJAI_MASTER_KEYS": secrets.master_keys,
    }
