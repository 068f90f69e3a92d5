"""`namjai rebuild`, `verify` and `restore-log`: the two copies of the log and what is projected from them.

The work is the analytics service's; here it is only called with the addresses and secrets of the run.
"""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Coroutine, Mapping
from contextlib import asynccontextmanager

import typer

from namjai.devkit.commands.common import DEFAULT_HOME, HomeOption, home_of, out, readable_errors
from namjai.devkit.commands.run import let_go, put_on_hold
from namjai.devkit.home import Home
from namjai.runtime.provision import SERVICES


def rebuild(home: HomeOption = DEFAULT_HOME) -> None:
    """Drop the read models and fill them from the log again; replies and alerts go on meanwhile."""
    _exit_with(_analytics(home_of(home), "rebuild"))


def verify(home: HomeOption = DEFAULT_HOME) -> None:
    """Compare the log with its archive: gaps and checksums. Exits 1 when they differ."""
    _exit_with(_analytics(home_of(home), "verify"))


def restore_log(home: HomeOption = DEFAULT_HOME) -> None:
    """Fill an empty log from the archive, every event at its old place. All services wait meanwhile."""
    _exit_with(_restore(home_of(home)))


def _exit_with(work: Coroutine[None, None, int]) -> None:
    with readable_errors():
        raise typer.Exit(asyncio.run(work))


async def _analytics(home: Home, command: str) -> int:
    return await _module(home, "namjai.analytics", command)


async def _restore(home: Home) -> int:
    async with _quiet(home):
        # A log that was lost took its streams along; making them again is part of bringing it back.
        return await _module(home, "namjai.runtime.provision") or await _analytics(home, "restore-log")


@asynccontextmanager
async def _quiet(home: Home) -> AsyncIterator[None]:
    """Nobody may append while the log is restored, or the old events would find their places taken."""
    names = [name for name in home.processes() if name.partition("-")[0] in SERVICES]
    for name in names:
        put_on_hold(home, name)
    out.print(f"on hold: {', '.join(names)}")
    try:
        yield
    finally:
        for name in names:
            let_go(home, name)


async def _module(home: Home, module: str, *arguments: str) -> int:
    """Run a module as the administrator of this run. Returns its exit code; it talks to the terminal itself."""
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", module, *arguments, env=_settings(home))
    return await process.wait()


def _settings(home: Home) -> Mapping[str, str]:
    run, secrets = home.run(), home.secrets(())
    return {
        **os.environ,
        "NAMJAI_NATS_URL": run.nats_url,
        "NAMJAI_POSTGRES_DSN": run.postgres_dsn,
        "NAMJAI_MASTER_KEYS": secrets.master_keys,
    }
