"""Puts the archive back into an empty log (G8): `python -m namjai.analytics.restore_log`.

Stop all services, provision, then run this with a NATS user who may do everything. Events come back with the same
sequences, subjects, bytes and ids. A stream that is not empty is continued when it is the beginning of the archive (an
interrupted restore) and refused otherwise. Consumers begin anew, so services see the old events once more: derived ids
and the stored positions keep that without effect.

Not in the archive, and so not restored: the buckets `keys` (without them personal fields stay unreadable: they have a
backup of their own) and `identities`, timers, dead letters, audit, media; and the time at which the log stored an
event, which becomes the time of the restore (the archive keeps the first one).
"""

from __future__ import annotations

import sys
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Final

from namjai.analytics.adapters.archive import Archive, Saved
from namjai.analytics.adapters.stream import PLACEHOLDER, EventStream, placeholder
from namjai.analytics.command import open_log, parse, run
from namjai.analytics.domain.compare import Comparison, Difference, report
from namjai.analytics.ports import Refused, Source
from namjai.analytics.settings import AnalyticsSettings
from namjai.analytics.verify import LogCopies, compare
from namjai.runtime.progress import Progress

WINDOW_EVENTS: Final = 500


async def restore(archive: Archive, log: Source, stream: EventStream, progress: Progress | None = None) -> int:
    """Fill the stream up to the archive's end. Returns the last sequence. Raises `Refused`."""
    there = await stream.last_sequence()
    end = await archive.last_sequence()
    if there > 0:
        await _must_be_a_beginning(archive, log, there, end)
    window: list[Saved] = []
    async with aclosing(_with_gaps(archive, stream, there, end)) as events:
        async for event in events:
            window.append(event)
            if len(window) >= WINDOW_EVENTS:
                await stream.put(window)
                if progress is not None:
                    progress.step(len(window), event.sequence, end)
                window = []
    await stream.put(window)
    await stream.open_gaps()
    if progress is not None:
        progress.step(len(window), end, end)
    return end


async def _must_be_a_beginning(archive: Archive, log: Source, there: int, end: int) -> None:
    """Refuse unless what is there is the same as the archive so far."""
    if there > end:
        raise Refused("the log goes on after the archive's end: there is nothing to restore")
    comparison = Comparison(there)
    copies = LogCopies(log, ignore=PLACEHOLDER)
    await compare(comparison, copies.read(there), archive.copies(there), there)
    differences = comparison.differences(copies.removed | await archive.removed())
    differences.pop(Difference.UNEXPLAINED, None)  # a gap that both have is the same gap
    if differences:
        raise Refused("the log holds events that are not the archive's; " + "; ".join(report(differences)))


async def _with_gaps(archive: Archive, stream: EventStream, there: int, end: int) -> AsyncGenerator[Saved, None]:
    """The archived events after `there`, and a placeholder for each sequence that has none."""
    at = there
    async with aclosing(archive.saved(there)) as events:
        async for event in events:
            if at == 0 and event.sequence > 1:
                await stream.begin_at(event.sequence)
                at = event.sequence - 1
            for gap in range(at + 1, event.sequence):
                yield placeholder(gap)
            yield event
            at = event.sequence
    for gap in range(at + 1, end + 1):
        yield placeholder(gap)


async def command() -> int:
    """Restore, and say how far it is."""
    settings = AnalyticsSettings()
    progress = Progress("restore-log")
    async with open_log(settings) as (nc, log):
        await restore(Archive(settings), log, EventStream(nc), progress)
    progress.done()
    return 0


def main() -> None:
    """The command line."""
    parse("restore_log", __doc__)
    sys.exit(run(command()))


if __name__ == "__main__":
    main()
