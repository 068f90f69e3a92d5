"""What the commands have in common: the journal, progress on stderr, spans of time, and an exit code."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import nats.errors

from namjai.risk.adapters.policies import NoSuchPolicy
from namjai.risk.domain.document import Refusal
from namjai.risk.settings import RiskSettings
from namjai.runtime.errors import Conflict, KeysUnavailable, LogUnavailable
from namjai.runtime.loop import settle
from namjai.runtime.serve import Runtime, runtime

_SPAN: Final = re.compile(r"(\d{1,5})([dh])")


class Stopped(Exception):
    """The command cannot go on; the message says why, for the one who called it."""


def since(text: str) -> datetime:
    """`30d`, `12h`, or a date or time in ISO 8601 (UTC unless it says otherwise). Raises `ValueError`."""
    if (span := _SPAN.fullmatch(text)) is not None:
        hours = int(span[1]) * (24 if span[2] == "d" else 1)
        return datetime.now(UTC) - timedelta(hours=hours)
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


@asynccontextmanager
async def opened(settings: RiskSettings) -> AsyncIterator[Runtime]:
    """The log and the keys, with the NATS user of the settings; only errors are logged."""
    quiet = settings.model_copy(update={"log_level": "error"})
    async with AsyncExitStack() as stack:
        async with asyncio.timeout(settings.nats_connect_wait_s):
            service = await stack.enter_async_context(runtime(quiet, "risk", asyncio.Event()))
        yield service


def run(work: Coroutine[Any, Any, int]) -> int:
    """Run a command to its exit code; a known trouble is one line, not a traceback."""
    settle()
    try:
        return asyncio.run(work)
    except (Refusal, NoSuchPolicy, Stopped) as refused:
        print(f"refused: {refused}", file=sys.stderr)
    except (LogUnavailable, KeysUnavailable, Conflict, nats.errors.Error, TimeoutError) as away:
        print(f"the log cannot be used now: {str(away) or type(away).__name__}", file=sys.stderr)
    except LookupError as missing:
        print(f"cannot begin: {missing}", file=sys.stderr)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
    return 2
