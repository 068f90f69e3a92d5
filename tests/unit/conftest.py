"""A clock for tests of speed that a slow or busy machine cannot upset, and a slower program cannot fool."""

from __future__ import annotations

import re
import time
from array import array
from collections.abc import Callable, Sequence
from statistics import median

import pytest

CostsMs = Callable[..., list[float]]

ROUNDS = 3
YARDSTICK_MS = 0.5
"""What the yardstick takes on the machine that all limits were written on, when it is quiet (2 cores, 2026)."""
_TEXT = "ฝนตกทั้งวัน the rain fell all day long 下了一整天的雨，" * 48
_WORDS = re.compile(r"(?:rain|long|雨|วัน)|[ก-๙]{4,}|\b[a-z]{2,4}\b")
_PLACES = 1 << 18
_NEXT = array("I", ((place * 1_664_525 + 1_013_904_223) % _PLACES for place in range(_PLACES)))
_STEPS = 4_000
_ELSEWHERE = bytes(4 << 20)


def _yardstick() -> int:
    """A fixed piece of work of the kind we measure: a pattern, small objects, and a walk to and fro in a megabyte."""
    found = [match.span() for match in _WORDS.finditer(_TEXT)]
    letters: dict[str, list[int]] = {}
    for at, letter in enumerate(_TEXT):
        letters.setdefault(letter, []).append(at)
    place = len(found)
    for _ in range(_STEPS):
        place = _NEXT[place]
    return place


def _cpu_ms(work: Callable[[], object]) -> float:
    """CPU time, begun with caches that are full of something else: messages do not come one straight after another."""
    _ELSEWHERE.count(1)
    begin = time.process_time()
    work()
    return (time.process_time() - begin) * 1000


@pytest.fixture(scope="session")
def costs_ms() -> CostsMs:
    """`costs_ms(*works)`: what each costs in CPU time, in milliseconds of the quiet reference machine.

    A neighbour on the same core, or an older processor, slows our work and the yardstick alike: a cost counts for as
    many times as the yardstick, taken before each work of a round, was slower than usual. The best of a few rounds
    counts; a round does all works before any comes again, so that nothing profits from its own last time.
    """

    def measure(*works: Callable[[], object]) -> list[float]:
        return [min(costs) for costs in zip(*(a_round(works) for _ in range(ROUNDS)), strict=True)]

    def a_round(works: Sequence[Callable[[], object]]) -> list[float]:
        measured = [(_cpu_ms(_yardstick), _cpu_ms(work)) for work in works]
        slower = median(yardstick for yardstick, _ in measured) / YARDSTICK_MS
        return [cost / slower for _, cost in measured]

    return measure
