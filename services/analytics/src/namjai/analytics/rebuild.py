"""Drops the read models and fills them again from the log: `python -m namjai.analytics.rebuild [--from archive]`.

The service may run meanwhile: the old tables answer until the new ones are complete and change places with them in
one transaction. Events that the archive lacks are added to it on the way. On an empty database it makes the schema.
"""

from __future__ import annotations

import sys
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Final

from namjai.analytics.adapters.archive import Archive
from namjai.analytics.adapters.rebuild import rebuilding
from namjai.analytics.batch import Batch, chunks, prepare
from namjai.analytics.command import Progress, open_log, parse, run
from namjai.analytics.migrate import provision
from namjai.analytics.ports import Source
from namjai.analytics.settings import AnalyticsSettings

CAUGHT_UP_EVENTS: Final = 1_000
"""So few may be left for the moment in which the projection has to wait."""


async def rebuild(source: Source, settings: AnalyticsSettings, progress: Progress | None = None) -> int:
    """Fill the twin from the source and let it take the place. Returns how many events there were."""
    zone = settings.zone()
    count = 0

    async def batches(after: int, through: int) -> AsyncGenerator[Batch, None]:
        events = source.read(after=after, through=through)
        async with aclosing(chunks(events, settings.rebuild_batch_events_max)) as runs:
            async for each in runs:
                yield prepare(each, zone)

    async with rebuilding(settings) as twin:
        end, before = await source.last_sequence(), -1
        while before < twin.position < end - CAUGHT_UP_EVENTS or before < 0:
            before = twin.position
            async with aclosing(batches(before, end)) as found:
                async for batch in found:
                    await twin.write(batch)
                    count += len(batch.archived)
                    if progress is not None:
                        progress.step(len(batch.archived), batch.through, end)
            end = await source.last_sequence()
        await twin.finish(batches)
    return count


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
