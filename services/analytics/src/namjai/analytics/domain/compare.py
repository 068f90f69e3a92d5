"""Compares two copies of the log, event by event, and says how they differ."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from enum import Enum
from typing import Final, NamedTuple

from namjai.analytics.domain.ranges import Ranges

RANGES_SHOWN_MAX: Final = 20


class Copy(NamedTuple):
    """One copy of one event. No checksum: the event was removed. Not `intact`: its bytes are not the checksum's."""

    sequence: int
    subject: str
    checksum: bytes | None
    intact: bool = True


class Difference(Enum):
    """Everything that must not be."""

    NOT_ARCHIVED = "in the log, missing in the archive"
    LOST = "in the archive, missing in the log"
    UNEXPLAINED = "in neither, and no unsent message explains it"
    CHANGED = "not the same in the log as in the archive"
    DAMAGED = "damaged in the archive: the bytes do not have their checksum"
    NOT_FORGOTTEN = "removed from the archive, still in the log"


class Comparison:
    """Takes events in ascending order, and remembers ranges only, however long the log is."""

    def __init__(self, archived_through: int) -> None:
        self._archived_through = archived_through
        self._seen = 0
        self._found = {difference: Ranges() for difference in Difference}
        self.same = 0
        self.removed = 0
        self.waiting = 0

    def see(self, sequence: int, in_log: Copy | None, in_archive: Copy | None) -> None:
        """The next event, of which there is at least one copy."""
        self._gap(sequence - 1)
        self._seen = sequence
        if in_archive is None:
            if sequence > self._archived_through:
                self.waiting += 1
            else:
                self._found[Difference.NOT_ARCHIVED].add(sequence)
            return
        if not in_archive.intact:
            self._found[Difference.DAMAGED].add(sequence)
        elif in_archive.checksum is None:
            self._removed(sequence, in_log)
        elif in_log is None:
            self._found[Difference.LOST].add(sequence)
        elif (in_log.subject, in_log.checksum) != (in_archive.subject, in_archive.checksum):
            self._found[Difference.CHANGED].add(sequence)
        else:
            self.same += 1

    def end(self, last: int) -> None:
        """There are no more, and `last` is the highest sequence that either copy ever had."""
        self._gap(last)

    def differences(self, removed: AbstractSet[int]) -> dict[Difference, Ranges]:
        """What is not explained by the events that were removed."""
        explained = {Difference.UNEXPLAINED, Difference.LOST}
        left = {
            difference: ranges.without(removed) if difference in explained else ranges
            for difference, ranges in self._found.items()
        }
        return {difference: ranges for difference, ranges in left.items() if len(ranges)}

    def _gap(self, through: int) -> None:
        if through > self._seen:
            self._found[Difference.UNEXPLAINED].add(self._seen + 1, through)
            self._seen = through

    def _removed(self, sequence: int, in_log: Copy | None) -> None:
        self.removed += 1
        if in_log is not None:
            self._found[Difference.NOT_FORGOTTEN].add(sequence)


def report(differences: dict[Difference, Ranges]) -> list[str]:
    """A line for each kind of difference."""
    return [
        f"{difference.value}: {len(ranges):,} (sequence {ranges.text(RANGES_SHOWN_MAX)})"
        for difference, ranges in differences.items()
    ]
