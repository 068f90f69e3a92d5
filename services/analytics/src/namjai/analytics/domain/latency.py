"""Durations as a histogram: fixed bounds that grow by a quarter, and percentiles read from the counts."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from typing import Final

GROWTH: Final = 1.25
LONGEST_MS: Final = 7 * 24 * 3_600_000


def _bounds() -> tuple[int, ...]:
    bounds = [1]
    while bounds[-1] < LONGEST_MS:
        bounds.append(max(bounds[-1] + 1, round(bounds[-1] * GROWTH)))
    return tuple(bounds)


BOUNDS_MS: Final = _bounds()
"""About ninety of them; a percentile read from these is at most a quarter too high."""


def bound_ms(duration_ms: float) -> int:
    """The smallest bound that the duration does not exceed; what is longer than a week counts as a week."""
    return BOUNDS_MS[min(bisect_left(BOUNDS_MS, duration_ms), len(BOUNDS_MS) - 1)]


def percentile_ms(counts: Mapping[int, int], share: float) -> int | None:
    """The bound below which `share` (0 to 1) of all durations lie; None when there are none."""
    wanted = share * sum(counts.values())
    reached = 0
    for bound in sorted(counts):
        reached += counts[bound]
        if reached >= wanted and reached > 0:
            return bound
    return None
