"""What a process does before its memory runs out: forget what can be had again, and give the memory back.

Readiness has no part in it. Memory runs short under load, which all replicas share: one that stepped aside would hand
its load to the others, and they would follow. So a process gets slower instead, and what the kernel ends is started
again, with nothing lost (G1).
"""

from __future__ import annotations

import asyncio
import ctypes
import gc
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum
from time import monotonic
from typing import Any, Final, Protocol

import psutil  # type: ignore[import-untyped]  # it brings no types along
from cachetools import Cache

from namjai.runtime.logs import get_logger
from namjai.runtime.metrics import Metrics

LOOK_EVERY_S: Final = 1.0
RELEASE_GAP: Final = 0.05
"""So far below a threshold a level ends: else it would come and go with every request."""
PRUNE_EVERY_S_MIN: Final = 5.0
"""Also when the level comes and goes."""
PRUNE_EVERY_S: Final = 30.0
PRUNE_EVERY_S_MAX: Final = 900.0
"""Pruning that does not bring the level down is done less and less often: it costs, and does not help."""

_log = get_logger(__name__)


class Level(IntEnum):
    """The values are those of the metric `namjai_memory_pressure`."""

    LOW = 0
    HIGH = 1
    CRITICAL = 2


KEPT: Final = {Level.LOW: 1.0, Level.HIGH: 0.5, Level.CRITICAL: 0.0}
"""The share of their entries that caches keep."""


class Prunable(Protocol):
    """Something that holds what can be had again. Forgetting any of it may cost time, and changes nothing else."""

    def prune(self, keep: float) -> int:
        """Keep this share of the entries, 0 to 1, the most recently used; returns how many were forgotten."""
        ...


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Shares of the limit at which a level begins."""

    high: float = 0.7
    critical: float = 0.9

    def level(self, used: float, before: Level) -> Level:
        """The level now. It rises at once, and falls only when it is below its threshold by the gap."""
        if used >= self.critical or (before is Level.CRITICAL and used > self.critical - RELEASE_GAP):
            return Level.CRITICAL
        if used >= self.high or (before is not Level.LOW and used > self.high - RELEASE_GAP):
            return Level.HIGH
        return Level.LOW


@dataclass(frozen=True, slots=True)
class Course:
    """How it has gone so far: the level, and when caches were, and are next, pruned for it."""

    level: Level = Level.LOW
    due_at_s: float = 0.0
    pause_s: float = PRUNE_EVERY_S
    pruned_at_s: float = float("-inf")

    def next(self, used: float, now_s: float, thresholds: Thresholds) -> tuple[Course, bool]:
        """The course after a look, and whether to prune now: soon when the level has risen, then with longer pauses."""
        level = thresholds.level(used, self.level)
        if level is Level.LOW:
            return Course(pruned_at_s=self.pruned_at_s), False
        due_at_s, pause_s = self.due_at_s, self.pause_s
        if level > self.level:
            due_at_s, pause_s = max(now_s, self.pruned_at_s + PRUNE_EVERY_S_MIN), PRUNE_EVERY_S
        if now_s < due_at_s:
            return Course(level, due_at_s, pause_s, self.pruned_at_s), False
        return Course(level, now_s + pause_s, min(PRUNE_EVERY_S_MAX, pause_s * 2), now_s), True


@dataclass(slots=True)
class Pressure:
    """Looks at the process's memory, and prunes what was registered by whoever wired it."""

    metrics: Metrics
    limit_bytes: int
    thresholds: Thresholds = field(default_factory=Thresholds)
    rss_bytes: Callable[[], int] = field(default_factory=lambda: _resident(psutil.Process()))
    clock: Callable[[], float] = monotonic
    course: Course = field(default_factory=Course)
    _prunable: dict[str, Prunable] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.metrics.memory_limit_bytes.set(self.limit_bytes)
        self.metrics.memory_pressure.set(Level.LOW)

    def may_prune(self, name: str, prunable: Prunable) -> None:
        """Register a cache. Its name is a label of metrics."""
        if name in self._prunable:
            raise ValueError(f"there is already a cache named {name}")
        self._prunable[name] = prunable
        self.metrics.pruned.labels(name)

    @property
    def used(self) -> float:
        """The share of its limit that the process takes."""
        return self.rss_bytes() / self.limit_bytes

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            self.look()
            await asyncio.sleep(LOOK_EVERY_S)

    def look(self) -> None:
        """Look once, and prune if it is time to."""
        before = self.course.level
        self.course, prune = self.course.next(self.used, self.clock(), self.thresholds)
        self.metrics.memory_pressure.set(self.course.level)
        if self.course.level is not before:
            _log.warning("memory_pressure", pressure=self.course.level.name.lower(), used=round(self.used, 3))
        if prune:
            self._prune(self.course.level)

    def _prune(self, level: Level) -> None:
        """Caches first, then the allocator. This holds the loop up for some ten milliseconds; a kill is worse."""
        before = self.rss_bytes()
        entries = 0
        for name, prunable in self._prunable.items():
            forgotten = prunable.prune(KEPT[level])
            self.metrics.pruned.labels(name).inc(forgotten)
            entries += forgotten
        give_back(collect=level is Level.CRITICAL)
        freed = max(0, before - self.rss_bytes())
        self.metrics.prunes.labels(level.name.lower()).inc()
        self.metrics.pruned_bytes.inc(freed)
        _log.warning("caches_pruned", pressure=level.name.lower(), entries=entries, freed_mib=round(freed / 2**20, 1))


def _resident(process: psutil.Process) -> Callable[[], int]:
    return lambda: int(process.memory_info().rss)


def prune_cache(cache: Cache[Any, Any], keep: float) -> int:
    """`prune` for a cache of cachetools: the least recently used goes first. Returns how many entries went."""
    before = len(cache)
    if keep <= 0:
        cache.clear()
        return before
    wanted = int(before * keep)
    while len(cache) > wanted:
        try:
            cache.popitem()
        except KeyError:  # the last of them had just expired
            break
    return before - len(cache)


@dataclass(frozen=True, slots=True)
class Pruned:
    """A cache of cachetools as something to prune."""

    cache: Cache[Any, Any]

    def prune(self, keep: float) -> int:
        """Forget what was not used for longest."""
        return prune_cache(self.cache, keep)


@dataclass(frozen=True, slots=True)
class Memoised:
    """A function under `functools.lru_cache` as something to prune: it can only be emptied, so half is all."""

    clear: Callable[[], None]
    size: Callable[[], int]

    def prune(self, keep: float) -> int:
        """Forget everything, unless everything may be kept."""
        if keep >= 1:
            return 0
        before = self.size()
        self.clear()
        return before


def give_back(*, collect: bool) -> None:
    """Hand freed memory back to the system; with `collect`, look for unreachable cycles before."""
    if collect:
        gc.collect()
    if (trim := _malloc_trim()) is not None:
        trim(0)


def _malloc_trim() -> Callable[[int], int] | None:
    """glibc's; other allocators do it by themselves or not at all."""
    try:
        found: Callable[[int], int] = ctypes.CDLL(None).malloc_trim
    except (OSError, AttributeError):
        return None
    return found
