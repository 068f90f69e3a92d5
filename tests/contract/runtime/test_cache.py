"""The cache keeps its promises with the shared level in memory, in a real Valkey, in one that died, and with none."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from namjai.devkit.testing import valkey_server
from namjai.runtime.cache import Cache, RedisLevel, SharedLevel
from namjai.runtime.memory_tools import MemoryLevel
from namjai.runtime.metrics import Metrics
from namjai.runtime.redis_link import RedisLink

Until = Callable[[Callable[[], Awaitable[bool]]], Awaitable[None]]


@pytest.fixture(params=["memory", "valkey"])
def level(request: pytest.FixtureRequest, redis_link: RedisLink) -> SharedLevel:
    return MemoryLevel() if request.param == "memory" else RedisLevel(redis_link)


@pytest.fixture(params=["memory", "valkey", "dead", "unset", "none"])
async def any_level(request: pytest.FixtureRequest, redis_link: RedisLink) -> AsyncIterator[SharedLevel | None]:
    nowhere = RedisLink("redis://127.0.0.1:1/0", Metrics("t"))
    levels: dict[str, SharedLevel | None] = {
        "memory": MemoryLevel(),
        "valkey": RedisLevel(redis_link),
        "dead": RedisLevel(nowhere),
        "unset": RedisLevel(RedisLink(None, Metrics("t"))),
        "none": None,
    }
    yield levels[request.param]
    await nowhere.close()


class Source:
    """Where values come from in truth; counts how often it was asked."""

    def __init__(self, value: bytes = b"v1") -> None:
        self.value = value
        self.asked = 0
        self.entered = asyncio.Event()
        self.gate = asyncio.Event()
        self.gate.set()

    async def load(self) -> bytes:
        self.asked += 1
        self.entered.set()
        value = self.value
        await self.gate.wait()
        return value


async def test_what_was_set_is_found_until_it_is_deleted(level: SharedLevel, key: str) -> None:
    assert await level.get(key) is None
    await level.set(key, b"\x00\xff", 60)
    assert await level.get(key) == b"\x00\xff"
    assert await level.delete(key, "absent")
    assert await level.get(key) is None


async def test_what_was_set_is_gone_after_its_time(level: SharedLevel, key: str, until: Until) -> None:
    async def gone() -> bool:
        return await level.get(key) is None

    await level.set(key, b"v", 0.02)
    await until(gone)


async def test_a_value_is_loaded_once_and_then_found(any_level: SharedLevel | None, metrics: Metrics, key: str) -> None:
    source = Source()
    async with Cache("t", metrics, shared=any_level) as cache:
        assert [await cache.get_or_load(key, source.load) for _ in range(2)] == [b"v1", b"v1"]
    assert source.asked == 1


async def test_those_who_ask_at_the_same_time_share_one_load(
    any_level: SharedLevel | None, metrics: Metrics, key: str
) -> None:
    source = Source()
    async with Cache("t", metrics, shared=any_level) as cache:
        got = await asyncio.gather(*(cache.get_or_load(key, source.load) for _ in range(50)))
    assert set(got) == {b"v1"}
    assert source.asked == 1


async def test_invalidating_brings_the_new_value(any_level: SharedLevel | None, metrics: Metrics, key: str) -> None:
    source = Source()
    async with Cache("t", metrics, shared=any_level) as cache:
        await cache.get_or_load(key, source.load)
        source.value = b"v2"
        await cache.invalidate(key)
        assert await cache.get_or_load(key, source.load) == b"v2"


async def test_a_load_that_was_overtaken_by_a_change_is_not_kept(
    any_level: SharedLevel | None, metrics: Metrics, key: str
) -> None:
    source = Source(b"old")
    source.gate.clear()
    async with Cache("t", metrics, shared=any_level) as cache:
        waiting = asyncio.ensure_future(cache.get_or_load(key, source.load))
        await source.entered.wait()
        source.value = b"new"
        await cache.invalidate(key)
        source.gate.set()
        assert await waiting == b"old"
        assert await cache.get_or_load(key, source.load) == b"new"


async def test_what_is_put_is_what_is_found(any_level: SharedLevel | None, metrics: Metrics, key: str) -> None:
    source = Source(b"from the source")
    async with Cache("t", metrics, shared=any_level) as cache:
        await cache.put(key, b"put")
        assert await cache.get_or_load(key, source.load) == b"put"
    assert source.asked == 0


async def test_a_second_replica_finds_what_the_first_one_loaded(level: SharedLevel, metrics: Metrics, key: str) -> None:
    source = Source()
    async with Cache("t", metrics, shared=level) as one, Cache("t", metrics, shared=level) as two:
        assert [await cache.get_or_load(key, source.load) for cache in (one, two)] == [b"v1", b"v1"]
    assert source.asked == 1


async def test_namespaces_do_not_see_each_other(level: SharedLevel, metrics: Metrics, key: str) -> None:
    async with Cache("a", metrics, shared=level) as a, Cache("b", metrics, shared=level) as b:
        await a.put(key, b"a")
        assert await b.get_or_load(key, Source(b"b").load) == b"b"


async def test_a_valkey_that_dies_and_comes_back_costs_loads_and_nothing_else(
    tmp_path: Path, metrics: Metrics, key: str, until: Until
) -> None:
    source = Source()
    async with valkey_server(tmp_path) as valkey:
        link = RedisLink(valkey.url, metrics, deadline_ms=500)
        async with Cache("t", metrics, shared=RedisLevel(link)) as one:
            assert await one.get_or_load(key, source.load) == b"v1"
        await valkey.kill()
        async with Cache("t", metrics, shared=RedisLevel(link)) as two:
            assert await two.get_or_load(key, source.load) == b"v1"
            assert not await two.invalidate(key)
        await valkey.start()

        async def kept_again() -> bool:
            async with Cache("t", metrics, shared=RedisLevel(link)) as three:
                assert await three.get_or_load(key, source.load) == b"v1"
            return await RedisLevel(link).get(f"t:{key}") is not None

        await until(kept_again)
        await link.close()


async def test_a_pruned_cache_has_everything_again_and_what_was_being_loaded_still_comes(
    any_level: SharedLevel | None, metrics: Metrics, key: str
) -> None:
    source = Source()
    async with Cache("t", metrics, shared=any_level) as cache:
        assert await cache.get_or_load(key, source.load) == b"v1"
        source.gate.clear()
        source.entered.clear()
        waiting = asyncio.ensure_future(cache.get_or_load(f"{key}-late", source.load))
        await source.entered.wait()
        assert (cache.prune(0), len(cache)) == (1, 0)
        source.gate.set()
        assert await waiting == b"v1"
        assert await cache.get_or_load(key, source.load) == b"v1"
    assert metrics.registry.get_sample_value("namjai_cache_local_bytes", {"cache": "t"}) == 2 * (400 + 2)
