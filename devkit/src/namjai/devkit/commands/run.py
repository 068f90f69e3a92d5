"""`namjai up`, `down`, `hold` and `release`: the life of one run."""

import asyncio
import os
import signal
import sys
import time
from contextlib import nullcontext, suppress
from typing import Annotated

import typer
from rich.status import Status

from namjai.devkit.child import ChildFailed
from namjai.devkit.commands.common import DEFAULT_HOME, HomeOption, fail, home_of, out, readable_errors
from namjai.devkit.commands.scale import replicas as wanted
from namjai.devkit.commands.status import addresses
from namjai.devkit.control import serve
from namjai.devkit.embedded.ports import is_free
from namjai.devkit.home import Home
from namjai.devkit.rollout import Rollout
from namjai.devkit.stack import NATS_NODES, Options, Stack
from namjai.devkit.supervisor import Supervisor
from namjai.runtime.logs import configure_logs
from namjai.runtime.version import VERSION

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def up(
    home: HomeOption = DEFAULT_HOME,
    headless: Annotated[bool, typer.Option("--headless", help="No terminal: plain lines, JSON logs.")] = False,
    port: Annotated[int | None, typer.Option(help="Port of the gateway; a free one when not given.")] = None,
    replicas: Annotated[
        list[str] | None, typer.Option(metavar="SERVICE=N", help="Run several of a service; N alone: of each.")
    ] = None,
    nats_nodes: Annotated[
        int | None, typer.Option(help="NATS servers, 1, 3 or 5; each stream is then on three of them.")
    ] = None,
) -> None:
    """Start everything, stay, and stop everything on Ctrl-C. Exits 1 when it already runs in this home."""
    if port is not None and not is_free(port):
        raise fail(f"port {port} is taken")
    if nats_nodes is not None and nats_nodes not in NATS_NODES:
        raise fail(f"--nats-nodes wants one of {', '.join(map(str, NATS_NODES))}")
    options = Options(port=port, replicas=wanted(replicas or []), nats_nodes=nats_nodes)
    place = home_of(home)
    place.make()
    configure_logs("devkit", VERSION, log_format="json" if headless else "console")
    with readable_errors(), place.locked():
        try:
            asyncio.run(_up(place, options, headless=headless))
        except ChildFailed as error:
            raise fail(f"{error}\n  All logs are in {place.logs}") from None
        finally:
            place.forget()


def down(home: HomeOption = DEFAULT_HOME) -> None:
    """Stop the run in this home, and wait until nothing of it is left."""
    place = home_of(home)
    with readable_errors():
        os.kill(place.owner(), signal.SIGTERM)
        if not place.wait_until_free():
            raise fail(f"process {place.owner()} did not stop; its log is {place.logs}")
    out.print("[green]✓[/] stopped")


def hold(name: str, home: HomeOption = DEFAULT_HOME) -> None:
    """Stop one process and keep it stopped, to see what happens without it: `namjai hold postgres`."""
    with readable_errors():
        put_on_hold(home_of(home), name)


def release(name: str, home: HomeOption = DEFAULT_HOME) -> None:
    """Let a process that is on hold start again."""
    if not let_go(home_of(home), name):
        raise fail(f"{name} is not on hold")


def put_on_hold(home: Home, name: str) -> None:
    """Ask one process of the run to end, and its supervisor not to start it again for now."""
    home.owner()
    processes = home.processes()
    if name not in processes:
        raise fail(f"there is no {name}; there are {', '.join(processes)}")
    home.held(name).touch()
    with suppress(ProcessLookupError):
        os.kill(processes[name]["pid"], signal.SIGINT if name == "postgres" else signal.SIGTERM)


def let_go(home: Home, name: str) -> bool:
    """Let the supervisor start a process again. False when it was not on hold."""
    held = home.held(name).exists()
    home.held(name).unlink(missing_ok=True)
    return held


async def _up(home: Home, options: Options, *, headless: bool) -> None:
    stop = asyncio.Event()
    for number in STOP_SIGNALS:
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    began = time.monotonic()
    stack = Stack(home, options)
    for file in home.held("").iterdir():
        file.unlink()
    spinner = nullcontext() if headless or not out.is_terminal else out.status("starting …")

    with spinner as progress:
        supervisor = Supervisor(
            stack.stages,
            changed=lambda: _publish(home, stack, supervisor),
            held=home.held,
            started=lambda name: _say_started(name, progress, began),
            alongside=lambda: serve(home.control, Rollout(stack, supervisor)),
        )

        async def ready() -> None:
            if progress is not None:
                progress.stop()
            out.print(f"[green]✓[/] ready in {time.monotonic() - began:.1f} s", addresses(stack.run()))
            out.print("Ctrl-C stops everything." if not headless else f"Stop with: namjai down --home {home.path}")
            sys.stdout.flush()

        await supervisor.run(stop, ready)
    out.print("[green]✓[/] everything is stopped")


def _say_started(name: str, progress: Status | None, began: float) -> None:
    out.print(f"  [green]✓[/] {name} [dim]{time.monotonic() - began:.1f} s[/]")
    if progress is not None:
        progress.update(f"starting … ({name} is up)")


def _publish(home: Home, stack: Stack, supervisor: Supervisor) -> None:
    home.write_processes(
        {
            child.name: {"pid": child.last_pid, "restarts": supervisor.restarts.get(child.name, 0)}
            for child in supervisor.children
        }
    )
    home.write_run(stack.run())
