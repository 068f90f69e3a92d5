"""The first level alone: bounds, expiry, cancellation, failure and what it counts."""

import asyncio

import pytest

from namjai.runtime.cache import ENTRY_OVERHEAD_BYTES, Cache
from namjai.runtime.memory_tools import MemoryLevel
from namjai.runtime.metrics import Metrics


class Clock:
    """A clock that moves when told."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def metrics() -> Metrics:
    return Metrics("t")


async def value() -> bytes:
    return b"v"


def count(metrics: Metrics, level: str, result: str) -> float | None:
    return metrics.registry.get_sample_value("namjai_cache_total", {"cache": "t", "level": level, "result": result})


async def test_memory_is_bounded_and_the_least_recently_used_goes_first(metrics: Metrics) -> None:
    cache = Cache("t", metrics, bytes_max=3 * (ENTRY_OVERHEAD_BYTES + 100))
    for key in ("a", "b", "c"):
        await cache.put(key, bytes(100))
    cache.peek("a")
    await cache.put("d", bytes(100))
    assert [cache.peek(key) is not None for key in ("a", "b", "c", "d")] == [True, False, True, True]
    assert metrics.registry.get_sample_value("namjai_cache_local_bytes", {"cache": "t"}) == 3 * 500


async def test_a_value_larger_than_the_cache_is_handed_over_and_not_kept(metrics: Metrics) -> None:
    async def large() -> bytes:
        return bytes(10_000)

    cache = Cache("t", metrics, bytes_max=1_000)
    assert len(await cache.get_or_load("k", large)) == 10_000
    assert len(cache) == 0


async def test_a_value_expires_here_before_it_expires_in_the_shared_level(metrics: Metrics) -> None:
    clock = Clock()
    cache = Cache("t", metrics, shared=MemoryLevel(clock), ttl_s=300, local_ttl_s=30, clock=clock)
    await cache.get_or_load("k", value)
    clock.now += 31
    assert cache.peek("k") is None
    await cache.get_or_load("k", value)
    clock.now += 301
    await cache.get_or_load("k", value)
    assert (count(metrics, "shared", "hit"), count(metrics, "load", "ok")) == (1, 2)


async def test_a_failed_load_reaches_all_who_wait_and_is_not_remembered(metrics: Metrics) -> None:
    async def broken() -> bytes:
        await asyncio.sleep(0)
        raise ConnectionError("source")

    cache = Cache("t", metrics)
    results = await asyncio.gather(*(cache.get_or_load("k", broken) for _ in range(3)), return_exceptions=True)
    assert [type(result) for result in results] == [ConnectionError] * 3
    assert count(metrics, "load", "error") == 1
    assert await cache.get_or_load("k", value) == b"v"


async def test_one_who_gives_up_does_not_stop_the_others(metrics: Metrics) -> None:
    gate = asyncio.Event()

    async def slow() -> bytes:
        await gate.wait()
        return b"v"

    cache = Cache("t", metrics)
    first, second = (asyncio.ensure_future(cache.get_or_load("k", slow)) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    gate.set()
    assert await second == b"v"


async def test_a_load_that_hangs_ends_at_its_deadline(metrics: Metrics) -> None:
    async def hang() -> bytes:
        await asyncio.Event().wait()
        return b""

    cache = Cache("t", metrics, load_deadline_s=0.01)
    with pytest.raises(TimeoutError):
        await cache.get_or_load("k", hang)


async def test_closing_stops_what_is_being_loaded(metrics: Metrics) -> None:
    async def hang() -> bytes:
        await asyncio.Event().wait()
        return b""

    async with Cache("t", metrics) as cache:
        waiting = asyncio.ensure_future(cache.get_or_load("k", hang))
        await asyncio.sleep(0)
    with pytest.raises(asyncio.CancelledError):
        await waiting


async def test_hits_and_misses_are_counted_by_level(metrics: Metrics) -> None:
    cache = Cache("t", metrics, shared=MemoryLevel())
    for _ in range(3):
        await cache.get_or_load("k", value)
    counted = [count(metrics, *each) for each in (("local", "hit"), ("local", "miss"), ("shared", "miss"))]
    assert counted == [2, 1, 1]
