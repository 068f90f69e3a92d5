"""What the commands have in common: a connection to the log, progress on stderr, and an exit code."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import nats.errors
from nats.aio.client import Client

from namjai.analytics.ports import Refused, StoreUnavailable
from namjai.analytics.settings import AnalyticsSettings
from namjai.runtime.bus import Requests, connect
from namjai.runtime.errors import LogUnavailable
from namjai.runtime.log import NatsLog
from namjai.runtime.logs import configure_logs
from namjai.runtime.loop import settle
from namjai.runtime.version import VERSION


@asynccontextmanager
async def open_log(settings: AnalyticsSettings) -> AsyncIterator[tuple[Client, NatsLog]]:
    """The log, with the NATS user of the settings."""
    password = settings.nats_password.get_secret_value() if settings.nats_password else None
    ca_file = str(settings.nats_ca_file) if settings.nats_ca_file else None
    async with asyncio.timeout(settings.nats_connect_wait_s):
        nc = await connect(
            settings.nats_url, name="analytics", user=settings.nats_user, password=password, ca_file=ca_file
        )
    try:
        yield nc, NatsLog(await Requests.open(nc))
    finally:
        await nc.close()


def parse(name: str, description: str | None, *choices: tuple[str, tuple[str, ...], str]) -> dict[str, str]:
    """Read the command line: `--help`, and options that are each one of a few words, the first being the default."""
    parser = argparse.ArgumentParser(
        prog=f"python -m namjai.analytics.{name}",
        description=description,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    for option, words, explained in choices:
        parser.add_argument(option, choices=words, default=words[0], help=explained)
    return vars(parser.parse_args())


def run(work: Coroutine[Any, Any, int]) -> int:
    """Run a command to its exit code; a known trouble is one line, not a traceback."""
    configure_logs("analytics", VERSION, level="error")
    settle()  # events by the hundred thousand are allocated and dropped: the collector took half of the time
    try:
        return asyncio.run(work)
    except Refused as refused:
        print(f"refused: {refused}", file=sys.stderr)
    except StoreUnavailable as away:
        print(f"PostgreSQL cannot be used now: {away}", file=sys.stderr)
    except (LogUnavailable, nats.errors.Error, TimeoutError) as away:
        print(f"the log cannot be used now: {str(away) or type(away).__name__}", file=sys.stderr)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
    return 2
