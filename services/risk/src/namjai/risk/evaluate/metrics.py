"""Figures from counts: precision, recall, F1, false alarms, weighted kappa, bootstrap intervals. Pure."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Final, NamedTuple, TypeVar

CONFIDENCE: Final = 0.95
DEFINED_SHARE_MIN: Final = 0.5
"""An interval is given when at least this share of the resamples has a value at all."""

K = TypeVar("K", bound=Hashable)
Statistic = Callable[[Mapping[K, int]], float | None]


class Interval(NamedTuple):
    """Where a figure would lie, in 95 of 100 samples like this one."""

    low: float
    high: float


class Binary(NamedTuple):
    """A two by two table. A figure whose denominator is empty is None, never 0 and never 1."""

    tp: int = 0
    fp: int = 0
    fn: int = 0
    tn: int = 0

    @classmethod
    def of(cls, counts: Mapping[tuple[bool, bool], int]) -> Binary:
        """From counts of (is so, was said)."""
        return cls(
            tp=counts.get((True, True), 0),
            fp=counts.get((False, True), 0),
            fn=counts.get((True, False), 0),
            tn=counts.get((False, False), 0),
        )

    @property
    def precision(self) -> float | None:
        """Of what was said, the share that is so."""
        return _ratio(self.tp, self.tp + self.fp)

    @property
    def recall(self) -> float | None:
        """Of what is so, the share that was said."""
        return _ratio(self.tp, self.tp + self.fn)

    @property
    def f1(self) -> float | None:
        """The harmonic mean of precision and recall; None where nothing is so, since then there is nothing to find."""
        return _ratio(2 * self.tp, 2 * self.tp + self.fp + self.fn) if self.tp + self.fn else None

    @property
    def false_alarm_rate(self) -> float | None:
        """Of what is not so, the share of which it was said all the same."""
        return _ratio(self.fp, self.fp + self.tn)


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def quadratic_kappa(table: Mapping[tuple[int, int], int]) -> float | None:
    """Cohen's kappa with quadratic weights, of counts by (true rank, given rank).

    1 is full agreement, 0 what chance alone gives; None when both sides hold one and the same rank throughout.
    (J. Cohen, "Weighted kappa", Psychological Bulletin 70, 1968.)
    """
    total = sum(table.values())
    given: Counter[int] = Counter()
    true: Counter[int] = Counter()
    for (row, column), count in table.items():
        true[row] += count
        given[column] += count
    apart = sum(count * (row - column) ** 2 for (row, column), count in table.items())
    by_chance = sum(true[row] * given[column] * (row - column) ** 2 for row in true for column in given)
    return 1 - total * apart / by_chance if by_chance else None


def percentile(ordered: Sequence[float], share: float) -> float:
    """The value below which `share` of an ordered, non-empty sequence lies, between neighbours in proportion."""
    at = share * (len(ordered) - 1)
    low = int(at)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (at - low)


def bootstrap(
    cells: Mapping[K, int], statistics: Mapping[str, Statistic[K]], *, resamples: int, seed: int
) -> dict[str, Interval | None]:
    """The 95 % percentile interval of each statistic, over samples of the same size drawn with replacement.

    `cells` counts alike texts: drawing from the counts is drawing from the texts, at the price of a few cells.
    (B. Efron, R. Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 13.)
    """
    chance = random.Random(seed)  # noqa: S311 (a sample, not a secret)
    kinds, weights = list(cells), list(cells.values())
    size = sum(weights)
    values: dict[str, list[float]] = {name: [] for name in statistics}
    for _ in range(resamples if size else 0):
        drawn = Counter(chance.choices(kinds, weights, k=size))
        for name, statistic in statistics.items():
            if (value := statistic(drawn)) is not None:
                values[name].append(value)
    return {name: _interval(sorted(found), resamples) for name, found in values.items()}


def _interval(ordered: Sequence[float], resamples: int) -> Interval | None:
    if not ordered or len(ordered) < DEFINED_SHARE_MIN * resamples:
        return None
    tail = (1 - CONFIDENCE) / 2
    return Interval(percentile(ordered, tail), percentile(ordered, 1 - tail))
