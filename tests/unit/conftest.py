"""A clock for tests of speed that a slow or busy machine cannot upset, and a slower program cannot fool."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import pytest

CostsMs = Callable[..., list[float]]

ROUNDS = 3
YARDSTICK_MS = 0.22
"""What the yardstick takes on the machine that all limits were written on, when that is quiet (2 cores, 2026)."""
_TEXT = "ฝนตกทั้งวัน the rain fell all day long 下了一整天的雨，" * 48
_WORDS = re.compile(r"(?:rain|long|雨|วัน)|[ก-๙]{4,}|\b[a-z]{2,4}\b")


def _yardstick() -> int:
    """A fixed piece of work of the kind we measure: a pattern over a text, then small objects made from its letters."""
    found = [match.span() for match in _WORDS.finditer(_TEXT)]
    places: dict[str, list[int]] = {}
    for at, letter in enumerate(_TEXT):
        places.setdefault(letter, []).append(at)
    return len(found) + sum(len(each) for each in places.values())


def _cpu_ms(work: Callable[[], object]) -> float:
    begin = time.process_time()
    work()
    return (time.process_time() - begin) * 1000


@pytest.fixture(scope="session")
def costs_ms() -> CostsMs:
    """`costs_ms(*works)`: what each costs in CPU time, in milliseconds of the reference machine.

    A neighbour on the same core, or an older processor, slows our work and the yardstick alike; so each work is
    measured between two yardsticks, and counts for as many times as the yardstick took its usual time. The best of a
    few rounds counts, for the work and for the yardstick, and a round does all works before any comes again, so that
    none finds its own traces still in a cache.
    """

    def measure(*works: Callable[[], object]) -> list[float]:
        best = [(float("inf"), float("inf"))] * len(works)
        for _ in range(ROUNDS):
            before = _cpu_ms(_yardstick)
            for n, work in enumerate(works):
                cost, after = _cpu_ms(work), _cpu_ms(_yardstick)
                best[n] = min(best[n][0], cost), min(best[n][1], before, after)
                before = after
        return [cost / yardstick * YARDSTICK_MS for cost, yardstick in best]

    return measure
