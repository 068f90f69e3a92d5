"""How a process runs: on uvloop where there is one, until a signal comes or its loop is stuck."""

import argparse
import asyncio
import gc
import signal
import sys
from collections.abc import Callable, Coroutine
from typing import Any, Final, TypeVar

import structlog

from namjai.runtime.lag import STUCK_S, end_when_stuck
from namjai.runtime.logs import configure_logs, exception_handler, get_logger
from namjai.runtime.redact import describe

T = TypeVar("T")
Main = Callable[[asyncio.Event], Coroutine[Any, Any, None]]
"""A service: runs until the event is set, then finishes what it has and returns."""

GC_THRESHOLD = (50_000, 20, 50)  # objects before a young collection; the default is 700

SETTINGS: Final = "Every setting is a variable NAMJAI_…; docs/configuration.md lists them all."

log = get_logger(__name__)


class Stopped(Exception):
    """The sign to stop came before there was anything to finish."""


def run(main: Main, *, about: str | None = None, stuck_s: float = STUCK_S) -> None:
    """Run `main(stop)` to its end. The first SIGTERM or SIGINT sets `stop`, the second cancels it and exits with 1.
    So does a loop that has not come round for `stuck_s`. A program that says what it is `about` has a `--help`.

    An exception of `main` is logged as everything else is, without anybody's words, and exits with 1.
    """
    if about is not None:
        program = f"python -m {main.__module__.rpartition('.')[0]}"
        argparse.ArgumentParser(prog=program, description=about, epilog=SETTINGS).parse_args()
    try:
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            finished = runner.run(_until_stopped(main, stuck_s))
    except Exception as error:
        # Python would print the exception's words, and a log that is not configured yet the values of all variables.
        if not structlog.is_configured():  # it failed before its settings could say how to log
            configure_logs("namjai", "0")
        log.critical("service_failed", exception=describe(error))
        sys.exit(1)
    if not finished:
        sys.exit(1)


def settle() -> None:
    """Call once when started: what lives now lives for ever, so the collector need not look at it again.

    Freezing the start-up objects and collecting less often took the gateway's p99 at half load from 8 to 3 ms.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLD)


async def unless_stopped(stop: asyncio.Event, work: Coroutine[Any, Any, T]) -> T:
    """What `work` gives, such as a connection that is long in coming. Raises `Stopped` when the sign comes first."""
    working, stopping = asyncio.ensure_future(work), asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait((working, stopping), return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise Stopped
        return working.result()
    finally:
        stopping.cancel()
        working.cancel()


async def _until_stopped(main: Main, stuck_s: float) -> bool:
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(exception_handler(log))
    stop = asyncio.Event()
    work = loop.create_task(main(stop), name="main")
    watch = loop.create_task(end_when_stuck(stuck_s), name="watch")  # after what `main` does before its first wait

    def on_signal(number: signal.Signals) -> None:
        log.info("stopping", signal=number.name, again=stop.is_set())
        if stop.is_set():
            work.cancel()
        stop.set()

    signals = (signal.SIGTERM, signal.SIGINT)
    for each in signals:
        loop.add_signal_handler(each, on_signal, each)
    try:
        await work
        return True
    except Stopped:
        return True
    except asyncio.CancelledError:
        if not stop.is_set():
            raise
        log.warning("stopped_early")
        return False
    finally:
        watch.cancel()
        for each in signals:
            loop.remove_signal_handler(each)


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:  # where it is not built: slower by a fifth, otherwise the same
        return None
    return uvloop.new_event_loop
