"""What the commands have in common: a connection to NATS, their outcome on record, and an exit code."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import nats.errors
from nats.aio.client import Client
from pydantic import ValidationError

from namjai.operations.ports import Damaged, Refused, StoreUnavailable
from namjai.operations.settings import OperationsSettings
from namjai.runtime.bus import connect
from namjai.runtime.errors import KeysUnavailable, LogUnavailable
from namjai.runtime.logs import configure_logs
from namjai.runtime.redact import faults
from namjai.runtime.version import VERSION


@asynccontextmanager
async def nats_of(settings: OperationsSettings) -> AsyncIterator[Client]:
    """NATS, with the user of the settings. Raises `LogUnavailable`."""
    password = settings.nats_password.get_secret_value() if settings.nats_password else None
    ca_file = str(settings.nats_ca_file) if settings.nats_ca_file else None
    try:
        async with asyncio.timeout(settings.nats_connect_wait_s):
            nc = await connect(
                settings.nats_url, name="operations", user=settings.nats_user, password=password, ca_file=ca_file
            )
    except TimeoutError:
        raise LogUnavailable(f"no connection within {settings.nats_connect_wait_s:.0f} s") from None
    try:
        yield nc
    finally:
        await nc.close()


def run(chosen: argparse.Namespace) -> int:
    """Run a command to its exit code; a known trouble is one line, not a traceback."""
    try:
        settings = OperationsSettings()
    except ValidationError as error:
        print(f"the settings are not valid: {faults(error)}", file=sys.stderr)
        return 2
    configure_logs("operations", VERSION, level=settings.log_level, log_format=settings.log_format)
    try:
        return int(asyncio.run(chosen.work(settings, chosen)))
    except Refused as refused:
        print(f"refused: {refused}", file=sys.stderr)
    except Damaged as damaged:
        print(f"this backup cannot be used: {damaged}", file=sys.stderr)
    except StoreUnavailable as away:
        print(f"the place of the backups cannot be used now: {away}", file=sys.stderr)
    except (LogUnavailable, KeysUnavailable, nats.errors.Error) as away:
        print(f"NATS cannot be used now: {str(away) or type(away).__name__}", file=sys.stderr)
    except TimeoutError:
        print("it took too long: a server did not answer, or the whole has passed its deadline", file=sys.stderr)
    except (asyncpg.PostgresError, asyncpg.InterfaceError) as away:
        print(f"PostgreSQL cannot be used now: {type(away).__name__}", file=sys.stderr)
    except OSError as away:
        print(f"a server or a file cannot be reached: {away.strerror or type(away).__name__}", file=sys.stderr)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
    return 2
