"""Drops the read models and fills them again from the log: `python -m namjai.analytics.rebuild [--from archive]`.

The service may run meanwhile: the old tables answer until the new ones are complete and change places with them in
one transaction. Events that the archive lacks are added to it on the way. On an empty database it makes the schema.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncGenerator, Awaitable
from contextlib import aclosing
from typing import Final

from namjai.analytics.adapters.archive import Archive
from namjai.analytics.adapters.rebuild import rebuilding
from namjai.analytics.batch import Batch, chunks, prepare
from namjai.analytics.command import open_log, parse, run
from namjai.analytics.migrate import provision
from namjai.analytics.ports import Source
from namjai.analytics.settings import AnalyticsSettings
from namjai.runtime.progress import Progress

CAUGHT_UP_EVENTS: Final = 1_000
"""So few are left for the moment in which the projection has to wait."""
PASSES_MAX: Final = 4
"""Each pass reads what came in during the one before; a log that fills faster than we read is not chased for ever."""


async def rebuild(source: Source, settings: AnalyticsSettings, progress: Progress | None = None) -> int:
    """Fill the twin from the source and let it take the place. Returns how many events there were."""
    zone = settings.zone()
    count = 0

    async def batches(after: int, through: int) -> AsyncGenerator[Batch, None]:
        nonlocal count
        events = source.read(after=after, through=through)
        async with aclosing(chunks(events, settings.rebuild_batch_events_max)) as runs:
            async for each in runs:
                yield prepare(each, zone)
                count += len(each)
                if progress is not None:
                    progress.step(len(each), each[-1].sequence, through)

    async with rebuilding(settings) as twin:
        for _ in range(PASSES_MAX):
            end = await source.last_sequence()
            if end - twin.position <= CAUGHT_UP_EVENTS:
                break
            async with aclosing(batches(twin.position, end)) as found:
                batch = await anext(found, None)
                while batch is not None:
                    batch = await _meanwhile(twin.write(batch), anext(found, None))
        await twin.finish(batches, await source.last_sequence())
    return count


async def _meanwhile(write: Awaitable[None], prepare_next: Awaitable[Batch | None]) -> Batch | None:
    """PostgreSQL stores one batch while we read and decode the next. Both have ended when this returns or raises."""
    written, following = await asyncio.gather(write, prepare_next, return_exceptions=True)
    if isinstance(written, BaseException):
        raise written
    if isinstance(following, BaseException):
        raise following
    return following


async def command(source: str) -> int:
    """Rebuild from the log or from the archive."""
    settings = AnalyticsSettings()
    await provision()
    progress = Progress("rebuild")
    if source == "archive":
        await rebuild(Archive(settings), settings, progress)
    else:
        async with open_log(settings) as (_, log):
            await rebuild(log, settings, progress)
    progress.done()
    return 0


def main() -> None:
    """The command line."""
    chosen = parse("rebuild", __doc__, ("--from", ("log", "archive"), "where events are read (default: log)"))
    sys.exit(run(command(chosen["from"])))


if __name__ == "__main__":
    main()
