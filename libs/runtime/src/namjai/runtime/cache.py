"""A two-level cache of bytes: this process first, then Redis, then the source, asked once for all who wait."""

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic
from types import TracebackType
from typing import Protocol, Self

from cachetools import TTLCache

from namjai.runtime.metrics import Metrics
from namjai.runtime.pressure import prune_cache
from namjai.runtime.redis_link import RedisLink, RedisUnavailable

ENTRY_OVERHEAD_BYTES = 400  # what an entry costs in memory beside its value, key included


def _size_bytes(value: bytes) -> int:
    return len(value) + ENTRY_OVERHEAD_BYTES


class SharedLevel(Protocol):
    """The second level. An implementation never raises because it is down: it then has nothing and keeps nothing."""

    async def get(self, key: str) -> bytes | None:
        """The value, or None."""

    async def set(self, key: str, value: bytes, ttl_s: float) -> None:
        """Keep the value for at most `ttl_s`."""

    async def delete(self, *keys: str) -> bool:
        """Forget them; False when that could not be done and they live on until their time is over."""


class RedisLevel:
    """The second level in Redis or Valkey."""

    def __init__(self, redis: RedisLink, prefix: str = "namjai:cache:") -> None:
        self._redis = redis
        self._prefix = prefix

    async def get(self, key: str) -> bytes | None:
        """The value, or None when there is none or no Redis."""
        try:
            value: bytes | None = await self._redis.run("GET", self._prefix + key)
        except RedisUnavailable:
            return None
        return value

    async def set(self, key: str, value: bytes, ttl_s: float) -> None:
        """Keep the value, if there is a Redis."""
        try:
            await self._redis.run("SET", self._prefix + key, value, "PX", max(1, round(ttl_s * 1_000)))
        except RedisUnavailable:
            return

    async def delete(self, *keys: str) -> bool:
        """Forget the keys one by one (in a cluster they live on different nodes)."""
        try:
            for key in keys:
                await self._redis.run("UNLINK", self._prefix + key)
        except RedisUnavailable:
            return not self._redis.configured
        return True


class Cache:
    """A namespace of values that can be had again from their source.

    - A value is at most `ttl_s + local_ttl_s` old, with Redis or without, whatever fails. `invalidate` shortens that:
      at once here and in Redis, after `local_ttl_s` in other processes. What cannot bear it does not belong here.
    - Values are not encrypted here: **put in only what is sealed already, or not personal.** The same goes for keys.
    - The first level holds at most `bytes_max` (an entry costs its value and 400 bytes), least recently used out first.
    """

    def __init__(
        self,
        name: str,
        metrics: Metrics,
        *,
        shared: SharedLevel | None = None,
        ttl_s: float = 300.0,
        local_ttl_s: float = 30.0,
        bytes_max: int = 16_000_000,
        load_deadline_s: float = 10.0,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._name = name
        self._shared = shared
        self._ttl_s = ttl_s
        self._load_deadline_s = load_deadline_s
        self._bytes_max = bytes_max
        self._local: TTLCache[str, bytes] = TTLCache(
            bytes_max, min(ttl_s, local_ttl_s), timer=clock, getsizeof=_size_bytes
        )
        self._loading: dict[str, asyncio.Task[bytes]] = {}  # whose result the next caller may share
        self._tasks: set[asyncio.Task[bytes]] = set()  # all that run, also those whose result is outdated
        self._bytes = metrics.cache_bytes.labels(name)
        self._count = {
            (level, result): metrics.cache.labels(name, level, result)
            for level in ("local", "shared")
            for result in ("hit", "miss")
        } | {("load", result): metrics.cache.labels(name, "load", result) for result in ("ok", "error")}

    def peek(self, key: str) -> bytes | None:
        """What this process holds, without waiting for anything."""
        value = self._local.get(key)
        self._count["local", "miss" if value is None else "hit"].inc()
        return value

    async def get_or_load(self, key: str, load: Callable[[], Awaitable[bytes]]) -> bytes:
        """The value of `key`, from the nearest place that has it; `load` runs once for everyone who asks meanwhile.

        A failed load is raised to all of them and not remembered. One caller's cancellation does not stop the others.
        """
        value = self.peek(key)
        if value is not None:
            return value
        task = self._loading.get(key)
        if task is None:
            task = asyncio.create_task(self._fetch(key, load), name=f"cache-{self._name}")
            self._loading[key] = task
            self._tasks.add(task)
            task.add_done_callback(lambda done: self._finished(key, done))
        return await asyncio.shield(task)

    async def put(self, key: str, value: bytes) -> None:
        """Write through: the next reader here and elsewhere finds this value. What is being loaded now is outdated."""
        self._loading.pop(key, None)
        self._keep(key, value)
        if self._shared is not None:
            await self._shared.set(self._shared_key(key), value, self._ttl_s)

    async def invalidate(self, *keys: str) -> bool:
        """Forget; False when Redis could not be told, so that others may see the old value until it expires."""
        for key in keys:
            self._loading.pop(
                key, None
            )  # its result may be from before the change: not kept, and later callers load anew
            self._local.pop(key, None)
        self._bytes.set(self._local.currsize)
        return await self._shared.delete(*map(self._shared_key, keys)) if self._shared is not None else True

    def prune(self, keep: float) -> int:
        """Forget here what was not used for longest; what is shared stays shared, what is being loaded goes on."""
        forgotten = prune_cache(self._local, keep)
        self._bytes.set(self._local.currsize)
        return forgotten

    async def close(self) -> None:
        """Stop what is being loaded."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        await self.close()

    def __len__(self) -> int:
        return len(self._local)

    def _shared_key(self, key: str) -> str:
        return f"{self._name}:{key}"

    async def _fetch(self, key: str, load: Callable[[], Awaitable[bytes]]) -> bytes:
        me = asyncio.current_task()
        if self._shared is not None:
            value = await self._shared.get(self._shared_key(key))
            self._count["shared", "miss" if value is None else "hit"].inc()
            if value is not None:
                if self._loading.get(key) is me:
                    self._keep(key, value)
                return value
        try:
            async with asyncio.timeout(self._load_deadline_s):
                value = await load()
        except Exception:
            self._count["load", "error"].inc()
            raise
        self._count["load", "ok"].inc()
        if self._loading.get(key) is me:  # else it was invalidated meanwhile, and this value may be the old one
            self._keep(key, value)
            if self._shared is not None:
                await self._shared.set(self._shared_key(key), value, self._ttl_s)
        return value

    def _keep(self, key: str, value: bytes) -> None:
        if _size_bytes(value) <= self._bytes_max:
            self._local[key] = value
        self._bytes.set(self._local.currsize)

    def _finished(self, key: str, task: asyncio.Task[bytes]) -> None:
        self._tasks.discard(task)
        if self._loading.get(key) is task:
            del self._loading[key]
        if not task.cancelled():
            task.exception()  # taken note of even when every caller has gone
