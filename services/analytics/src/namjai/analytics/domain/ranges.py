"""Sets of sequences as ranges, so that a million lost events are one line of a report."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Range(NamedTuple):
    """Both ends belong to it."""

    first: int
    last: int

    def __str__(self) -> str:
        return str(self.first) if self.first == self.last else f"{self.first}–{self.last}"


class Ranges:
    """Grows at its end: what is added lies above everything that is in it."""

    def __init__(self, ranges: Iterable[Range] = ()) -> None:
        self._ranges = list(ranges)

    def add(self, first: int, last: int | None = None) -> None:
        """Add a sequence, or all from `first` to `last`."""
        last = first if last is None else last
        if self._ranges and self._ranges[-1].last >= first - 1:
            first = self._ranges.pop().first
        self._ranges.append(Range(first, last))

    def without(self, points: Iterable[int]) -> Ranges:
        """Everything but these sequences."""
        left: list[Range] = []
        rest = iter(sorted(set(points)))
        point = next(rest, None)
        for first, last in self._ranges:
            start = first
            while point is not None and point <= last:
                if point >= start:
                    if point > start:
                        left.append(Range(start, point - 1))
                    start = point + 1
                point = next(rest, None)
            if start <= last:
                left.append(Range(start, last))
        return Ranges(left)

    def __len__(self) -> int:
        return sum(last - first + 1 for first, last in self._ranges)

    def text(self, most: int) -> str:
        """The first `most` of them, and how many more there are."""
        shown = ", ".join(map(str, self._ranges[:most]))
        more = len(self._ranges) - most
        return f"{shown} and {more} more ranges" if more > 0 else shown
