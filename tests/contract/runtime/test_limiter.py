"""One rate, the same answers: counted in this process, and in a real Valkey for all replicas."""

import asyncio

import pytest

from namjai.runtime.limiter import Limiter, LocalLimiter, Rate, SharedLimiter
from namjai.runtime.metrics import Metrics
from namjai.runtime.redis_link import RedisLink

SLOW = Rate(limit=3, period_s=60)
FAST = Rate(limit=2, period_s=0.1)


@pytest.fixture(params=["local", "shared", "fallen back"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def limiter(kind: str, rate: Rate, link: RedisLink, metrics: Metrics) -> Limiter:
    if kind == "local":
        return LocalLimiter("t", rate, metrics)
    return SharedLimiter("t", rate, link if kind == "shared" else RedisLink(None, metrics), metrics)


async def test_the_burst_is_allowed_and_the_next_is_told_when_to_come_back(
    kind: str, redis_link: RedisLink, metrics: Metrics, key: str
) -> None:
    limit = limiter(kind, SLOW, redis_link, metrics)
    decisions = [await limit.allow(key) for _ in range(4)]
    assert [decision.allowed for decision in decisions] == [True, True, True, False]
    assert [decision.remaining for decision in decisions] == [2, 1, 0, 0]
    assert decisions[0].retry_after_s == 0
    assert 18 < decisions[3].retry_after_s <= 20


async def test_a_refused_event_does_not_count(kind: str, redis_link: RedisLink, metrics: Metrics, key: str) -> None:
    limit = limiter(kind, SLOW, redis_link, metrics)
    waits = [(await limit.allow(key)).retry_after_s for _ in range(20)]
    assert max(waits) <= 20


async def test_keys_do_not_share_an_allowance(kind: str, redis_link: RedisLink, metrics: Metrics, key: str) -> None:
    limit = limiter(kind, Rate(1, 60), redis_link, metrics)
    assert (await limit.allow(key)).allowed
    assert (await limit.allow(key + "x")).allowed
    assert not (await limit.allow(key)).allowed


async def test_after_the_time_that_was_told_one_more_is_allowed(
    kind: str, redis_link: RedisLink, metrics: Metrics, key: str
) -> None:
    limit = limiter(kind, FAST, redis_link, metrics)
    while (decision := await limit.allow(key)).allowed:
        continue
    await asyncio.sleep(decision.retry_after_s + 0.002)
    assert (await limit.allow(key)).allowed


async def test_replicas_share_one_allowance(redis_link: RedisLink, metrics: Metrics, key: str) -> None:
    replicas = [SharedLimiter("t", SLOW, redis_link, metrics) for _ in range(4)]
    decisions = await asyncio.gather(*(replica.allow(key) for replica in replicas * 5))
    assert sum(decision.allowed for decision in decisions) == 3


async def test_a_key_is_forgotten_by_valkey_once_it_is_irrelevant(
    redis_link: RedisLink, metrics: Metrics, key: str
) -> None:
    await SharedLimiter("t", SLOW, redis_link, metrics).allow(key)
    lives_ms = await redis_link.run("PTTL", f"namjai:limit:t:{key}")
    assert 0 < lives_ms <= 20_000
