"""Memory that runs short: when caches are pruned, how often, and that nothing but time is lost by it."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise

import pytest
from cachetools import LRUCache, TTLCache
from hypothesis import given, settings
from hypothesis import strategies as st

from namjai.runtime.metrics import Metrics
from namjai.runtime.pressure import (
    PRUNE_EVERY_S,
    PRUNE_EVERY_S_MAX,
    PRUNE_EVERY_S_MIN,
    RELEASE_GAP,
    Course,
    Level,
    Memoised,
    Pressure,
    Pruned,
    Thresholds,
    give_back,
    prune_cache,
)

SHARES = st.floats(0, 1.2)
SECONDS = st.floats(0.1, 60)


def course_of(looks: Sequence[tuple[float, float]]) -> Iterator[tuple[float, float, Course, bool]]:
    """Time, use, course and whether it pruned, of a look after another; `looks` are pauses and shares."""
    course, now_s = Course(), 0.0
    for pause_s, used in looks:
        now_s += pause_s
        course, prune = course.next(used, now_s, Thresholds())
        yield now_s, used, course, prune


@given(SHARES, st.sampled_from(Level))
def test_a_level_begins_at_its_threshold_and_ends_a_gap_below_it(used: float, before: Level) -> None:
    level = Thresholds(0.7, 0.9).level(used, before)
    if used >= 0.9:
        assert level is Level.CRITICAL
    elif used >= 0.7:
        assert level is Level.CRITICAL if before is Level.CRITICAL and used > 0.9 - RELEASE_GAP else Level.HIGH
    elif used > 0.7 - RELEASE_GAP:
        assert level is (Level.LOW if before is Level.LOW else Level.HIGH)
    else:
        assert level is Level.LOW


@settings(deadline=None)
@given(st.lists(st.tuples(SECONDS, SHARES), max_size=60))
def test_it_never_prunes_below_the_threshold_nor_twice_within_the_least_pause(
    looks: list[tuple[float, float]],
) -> None:
    pruned = [(now_s, course.level, used) for now_s, used, course, prune in course_of(looks) if prune]
    assert all(used > 0.7 - RELEASE_GAP and level is not Level.LOW for _, level, used in pruned)
    assert all(later[0] - earlier[0] >= PRUNE_EVERY_S_MIN for earlier, later in pairwise(pruned))


@settings(deadline=None, max_examples=20)
@given(st.floats(0.7, 1.2))
def test_whoever_stays_high_is_pruned_at_once_and_then_less_and_less_often(used: float) -> None:
    pruned = [now_s for now_s, _, _, prune in course_of([(1.0, used)] * 6_000) if prune]
    pauses = [later - earlier for earlier, later in pairwise(pruned)]
    assert pruned[0] == 1.0
    assert pauses[:5] == [PRUNE_EVERY_S * 2**n for n in range(5)]
    assert max(pauses) == PRUNE_EVERY_S_MAX


def test_when_it_gets_worse_it_prunes_again_without_waiting_for_its_turn() -> None:
    looks = [(1.0, 0.75), (1.0, 0.95), (PRUNE_EVERY_S_MIN, 0.95), (1.0, 0.95)]
    assert [(course.level, prune) for _, _, course, prune in course_of(looks)] == [
        (Level.HIGH, True),
        (Level.CRITICAL, False),
        (Level.CRITICAL, True),
        (Level.CRITICAL, False),
    ]


def test_a_level_that_comes_and_goes_prunes_no_more_often() -> None:
    looks = [(0.1, 0.71 if n % 2 else 0.5) for n in range(1_000)]
    assert sum(prune for *_, prune in course_of(looks)) <= 100 / PRUNE_EVERY_S_MIN + 1


class Process:
    """A process whose memory is what its caches hold, 1 MiB an entry, and what it cannot give back."""

    def __init__(self, base: int = 0) -> None:
        self.caches: list[LRUCache[int, int]] = [LRUCache(1_000), LRUCache(1_000)]
        self.base = base
        self.now_s = 0.0
        self.metrics = Metrics("t")
        self.pressure = Pressure(self.metrics, limit_bytes=100 * 2**20, rss_bytes=self._rss, clock=lambda: self.now_s)
        for n, cache in enumerate(self.caches):
            self.pressure.may_prune(f"cache-{n}", Pruned(cache))

    def fill(self, entries: int) -> None:
        for n, cache in enumerate(self.caches):
            cache.update({key: key for key in range(n, entries, 2)})

    def look(self) -> Level:
        self.now_s += 1
        self.pressure.look()
        return self.pressure.course.level

    def shown(self, name: str, **labels: str) -> float:
        return self.metrics.registry.get_sample_value(f"namjai_{name}", labels) or 0.0

    def _rss(self) -> int:
        return (self.base + sum(map(len, self.caches))) * 2**20


def test_at_seventy_percent_every_cache_keeps_half_of_what_was_used_last() -> None:
    process = Process()
    process.fill(69)
    assert process.look() is Level.LOW
    process.fill(80)
    assert process.look() is Level.HIGH
    assert [sorted(cache) for cache in process.caches] == [list(range(40, 80, 2)), list(range(41, 80, 2))]
    assert process.look() is Level.LOW
    assert process.shown("cache_prunes_total", level="high") == 1
    assert process.shown("cache_pruned_entries_total", cache="cache-0") == 20
    assert process.shown("memory_given_back_bytes_total") == 40 * 2**20
    assert process.shown("memory_pressure") == Level.LOW


def test_at_ninety_percent_they_keep_nothing() -> None:
    process = Process()
    process.fill(95)
    assert process.look() is Level.CRITICAL
    assert [len(cache) for cache in process.caches] == [0, 0]
    assert process.shown("cache_prunes_total", level="critical") == 1
    assert process.look() is Level.LOW


def test_memory_that_no_cache_holds_does_not_cost_the_caches_everything_for_ever() -> None:
    process = Process(base=75)
    for _ in range(600):
        process.fill(10)
        process.look()
    assert process.shown("cache_prunes_total", level="high") == 5  # after 1, 31, 91, 211 and 451 s
    assert process.shown("memory_pressure") == Level.HIGH


def test_two_caches_cannot_have_one_name() -> None:
    with pytest.raises(ValueError, match="cache-0"):
        Process().pressure.may_prune("cache-0", Pruned(LRUCache(1)))


@given(st.integers(0, 50), st.floats(0, 1))
def test_a_cache_keeps_the_share_it_is_told_and_the_most_recent_of_it(entries: int, keep: float) -> None:
    cache: LRUCache[int, int] = LRUCache(100)
    cache.update({key: key for key in range(entries)})
    forgotten = prune_cache(cache, keep)
    assert len(cache) == entries - forgotten == int(entries * keep)
    assert sorted(cache) == list(range(forgotten, entries))


def test_entries_that_expire_while_their_cache_is_pruned_are_no_trouble() -> None:
    clock = iter(range(1_000))
    cache: TTLCache[int, int] = TTLCache(100, ttl=12, timer=lambda: next(clock))
    cache.update({key: key for key in range(10)})
    prune_cache(cache, 0.1)
    assert len(cache) <= 1


def test_a_remembered_function_forgets_everything_and_still_knows() -> None:
    square = lru_cache(maxsize=10)(lambda n: n * n)
    assert [square(n) for n in range(3)] == [0, 1, 4]
    remembered = Memoised(square.cache_clear, lambda: square.cache_info().currsize)
    assert (remembered.prune(1.0), remembered.prune(0.5), remembered.prune(0.5)) == (0, 3, 0)
    assert square(2) == 4


def test_memory_goes_back_to_the_system_once_nobody_needs_it() -> None:
    pressure = Pressure(Metrics("t"), limit_bytes=2**40)
    before = pressure.rss_bytes()
    hold = [bytes(1_000) for _ in range(100_000)]
    grown = pressure.rss_bytes()
    assert grown - before > 80_000_000
    del hold
    give_back(collect=True)
    assert grown - pressure.rss_bytes() > 60_000_000
