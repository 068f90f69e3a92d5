"""Compares the log with its archive (G8): gaps, checksums, removed messages. `python -m namjai.analytics.verify`.

Exit code 0: the archive is a true copy. 1: they differ, and the report says how. 2: they could not be compared.
What is not archived yet (the projection lags) and what an unsent message explains is no difference.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Protocol

from namjai.analytics.adapters.archive import Archive
from namjai.analytics.command import open_log, parse, run
from namjai.analytics.domain.compare import Comparison, Copy, Difference, report
from namjai.analytics.domain.ranges import Ranges
from namjai.analytics.ports import Source
from namjai.analytics.settings import AnalyticsSettings
from namjai.events import codec
from namjai.events.message import MessageRemoved
from namjai.runtime.progress import Progress

REMOVED_SUBJECTS = "evt.message.removed."


class SecondCopy(Protocol):
    """What is compared with the log."""

    def copies(self, through: int | None = None) -> AsyncGenerator[Copy, None]: ...

    async def last_sequence(self) -> int: ...

    async def removed(self) -> set[int]: ...


@dataclass(frozen=True)
class Verdict:
    """How the two compare."""

    same: int
    removed: int
    waiting: int
    differences: dict[Difference, Ranges]


class LogCopies:
    """The log as copies; on the way it notes which events were taken out, also when that is not archived yet."""

    def __init__(self, log: Source, ignore: str | None = None) -> None:
        self._log = log
        self._ignore = ignore
        self.removed: set[int] = set()

    async def read(self, through: int) -> AsyncGenerator[Copy, None]:
        """All events up to a sequence, but for those on the subject to be ignored."""
        async for raw in self._log.read(through=through):
            if raw.subject == self._ignore:
                continue
            if raw.subject.startswith(REMOVED_SUBJECTS):
                fact = codec.decode(raw.data).data
                if isinstance(fact, MessageRemoved):
                    self.removed.add(fact.sequence)
            yield Copy(raw.sequence, raw.subject, hashlib.sha256(raw.data).digest())


async def verify(log: Source, archive: SecondCopy, progress: Progress | None = None) -> Verdict:
    """Compare all of it. The archive's end is read first, so that what comes in meanwhile is waiting, not missing."""
    archived = await archive.last_sequence()
    last = await log.last_sequence()
    copies = LogCopies(log)
    comparison = Comparison(archived)
    await compare(comparison, copies.read(last), archive.copies(archived), max(last, archived), progress)
    differences = comparison.differences(copies.removed | await archive.removed())
    return Verdict(comparison.same, comparison.removed, comparison.waiting, differences)


async def compare(
    comparison: Comparison,
    in_log: AsyncGenerator[Copy, None],
    in_archive: AsyncGenerator[Copy, None],
    end: int,
    progress: Progress | None = None,
) -> None:
    """Walk both in step."""
    async with aclosing(in_log), aclosing(in_archive):
        left, right = await anext(in_log, None), await anext(in_archive, None)
        while left is not None or right is not None:
            sequence = min(each.sequence for each in (left, right) if each is not None)
            here = left if left is not None and left.sequence == sequence else None
            there = right if right is not None and right.sequence == sequence else None
            comparison.see(sequence, here, there)
            if here is not None:
                left = await anext(in_log, None)
            if there is not None:
                right = await anext(in_archive, None)
            if progress is not None:
                progress.step(1, sequence, end)
    comparison.end(end)


async def command() -> int:
    """Compare, and say what was found."""
    settings = AnalyticsSettings()
    progress = Progress("verify")
    async with open_log(settings) as (_, log):
        found = await verify(log, Archive(settings), progress)
    progress.done()
    print(f"{found.same:,} events are the same in log and archive, {found.removed:,} were removed from both or one")
    if found.waiting:
        print(f"{found.waiting:,} events are not archived yet")
    for line in report(found.differences):
        print(f"DIFFERENT {line}")
    return 1 if found.differences else 0


def main() -> None:
    """The command line."""
    parse("verify", __doc__)
    sys.exit(run(command()))


if __name__ == "__main__":
    main()
