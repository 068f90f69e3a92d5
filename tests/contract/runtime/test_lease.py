"""One holder at a time, in memory and in a real Valkey; everyone at once where there is none."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from namjai.runtime.lease import Leases, LeaseStore, RedisLeaseStore
from namjai.runtime.memory_tools import MemoryLeaseStore
from namjai.runtime.metrics import Metrics
from namjai.runtime.redis_link import RedisLink

Until = Callable[[Callable[[], Awaitable[bool]]], Awaitable[None]]


@pytest.fixture(params=["memory", "valkey"])
def store(request: pytest.FixtureRequest, redis_link: RedisLink) -> LeaseStore:
    return MemoryLeaseStore() if request.param == "memory" else RedisLeaseStore(redis_link)


async def test_a_lease_is_held_by_one_and_free_again_after(store: LeaseStore, metrics: Metrics, key: str) -> None:
    leases = Leases(store, metrics)
    async with leases.hold(key) as first, leases.hold(key) as second:
        assert first is not None
        assert first.guarded
        assert second is None
    async with leases.hold(key) as third:
        assert third is not None


async def test_of_many_who_ask_at_once_one_gets_it(store: LeaseStore, metrics: Metrics, key: str) -> None:
    taken = await asyncio.gather(*(store.take(key, f"token-{n}", 30) for n in range(20)))
    assert sum(taken) == 1


async def test_a_lease_is_given_back_when_the_work_fails(store: LeaseStore, metrics: Metrics, key: str) -> None:
    leases = Leases(store, metrics)
    with pytest.raises(ValueError, match="work"):
        async with leases.hold(key):
            raise ValueError("work")
    async with leases.hold(key) as lease:
        assert lease is not None


async def test_a_lease_that_ran_out_is_anothers_and_the_old_holder_cannot_end_it(
    store: LeaseStore, key: str, until: Until
) -> None:
    assert await store.take(key, "old", 0.02)
    await until(lambda: store.take(key, "new", 30))
    assert not await store.release(key, "old")
    assert not await store.extend(key, "old", 30)
    assert not await store.take(key, "third", 30)
    assert await store.extend(key, "new", 30)
    assert await store.release(key, "new")


async def test_extending_keeps_it_longer(store: LeaseStore, metrics: Metrics, key: str) -> None:
    leases = Leases(store, metrics, ttl_s=0.2)
    async with leases.hold(key) as lease:
        assert lease is not None
        for _ in range(4):
            await asyncio.sleep(0.1)
            assert await lease.extend()
        async with leases.hold(key) as other:
            assert other is None


@pytest.mark.parametrize("url", [None, "redis://127.0.0.1:1/0"])
async def test_without_redis_everyone_is_let_in_and_knows_it(url: str | None, metrics: Metrics, key: str) -> None:
    link = RedisLink(url, metrics)
    leases = Leases(RedisLeaseStore(link), metrics)
    async with leases.hold(key) as one, leases.hold(key) as two:
        assert one is not None
        assert two is not None
        assert (one.guarded, two.guarded) == (False, False)
        assert await one.extend()
    assert metrics.registry.get_sample_value("namjai_leases_total", {"result": "unguarded"}) == 2
    await link.close()
