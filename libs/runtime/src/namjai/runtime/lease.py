"""A lease per member, so that two replicas do not prepare the same answer: saves work, is not what keeps order."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol
from uuid import uuid4

from namjai.runtime.metrics import Metrics
from namjai.runtime.redis_link import RedisLink, RedisUnavailable, Script

# Only the holder's token may end or prolong a lease: after its time is over it may be somebody else's.
_RELEASE = Script("if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0")
_EXTEND = Script(
    "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end return 0"
)


class LeaseStore(Protocol):
    """Where tokens are kept. Raises `RedisUnavailable` when it cannot say."""

    async def take(self, key: str, token: str, ttl_s: float) -> bool:
        """Put the token there if there is none."""

    async def extend(self, key: str, token: str, ttl_s: float) -> bool:
        """Start its time again, if it is still this token's."""

    async def release(self, key: str, token: str) -> bool:
        """Take the token away, if it is still this one."""


class RedisLeaseStore:
    """Tokens in Redis: `SET NX PX`, compared and changed in one script."""

    def __init__(self, redis: RedisLink, prefix: str = "namjai:lease:") -> None:
        self._redis = redis
        self._prefix = prefix

    async def take(self, key: str, token: str, ttl_s: float) -> bool:
        """Put the token there if there is none."""
        return bool(await self._redis.run("SET", self._prefix + key, token, "NX", "PX", _ms(ttl_s)))

    async def extend(self, key: str, token: str, ttl_s: float) -> bool:
        """Start its time again, if it is still this token's."""
        return bool(await self._redis.eval(_EXTEND, self._prefix + key, token, _ms(ttl_s)))

    async def release(self, key: str, token: str) -> bool:
        """Take the token away, if it is still this one."""
        return bool(await self._redis.eval(_RELEASE, self._prefix + key, token))


class Lease:
    """A lease that was granted; `guarded` is False when there was no Redis and nobody else was kept out."""

    def __init__(self, store: LeaseStore, key: str, token: str, ttl_s: float, *, guarded: bool) -> None:
        self.guarded = guarded
        self._store = store
        self._key = key
        self._token = token
        self._ttl_s = ttl_s

    async def extend(self) -> bool:
        """For work longer than its time. False: it ran out and is another's now; what follows may be done twice."""
        if not self.guarded:
            return True
        try:
            return await self._store.extend(self._key, self._token, self._ttl_s)
        except RedisUnavailable:
            return True

    async def release(self) -> None:
        """Let the next one in; a lease that cannot be released ends by itself."""
        if self.guarded:
            try:
                await self._store.release(self._key, self._token)
            except RedisUnavailable:
                return


class Leases:
    """Grants leases. Without Redis everyone is granted at once: the append's expected sequence still protects (G4)."""

    def __init__(self, store: LeaseStore, metrics: Metrics, *, ttl_s: float = 30.0) -> None:
        self._store = store
        self._ttl_s = ttl_s
        self._count = {result: metrics.leases.labels(result) for result in ("granted", "busy", "unguarded")}

    @asynccontextmanager
    async def hold(self, key: str) -> AsyncIterator[Lease | None]:
        """Yield the lease, or None when another holds it; does not wait.

        >>> async with leases.hold(member) as lease:
        ...     if lease is None:
        ...         raise Retry("another replica is answering", after_s=0.5)
        """
        lease = await self._take(key)
        if lease is None:
            yield None
            return
        try:
            yield lease
        finally:
            await lease.release()

    async def _take(self, key: str) -> Lease | None:
        token = uuid4().hex
        try:
            granted = await self._store.take(key, token, self._ttl_s)
        except RedisUnavailable:
            self._count["unguarded"].inc()
            return Lease(self._store, key, token, self._ttl_s, guarded=False)
        self._count["granted" if granted else "busy"].inc()
        return Lease(self._store, key, token, self._ttl_s, guarded=True) if granted else None


def _ms(seconds: float) -> int:
    return max(1, round(seconds * 1_000))
