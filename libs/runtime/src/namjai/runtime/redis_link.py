"""The way to Redis for what can do without it: made on first use, a deadline and a breaker on every call."""

import asyncio
from hashlib import sha1
from typing import Any, Self

from redis.exceptions import NoScriptError, RedisError

from namjai.runtime.breaker import Breaker, BreakerOpen
from namjai.runtime.metrics import Metrics
from namjai.runtime.outside import Outside
from namjai.runtime.redis_urls import Client, client, close
from namjai.runtime.settings import ServiceSettings


class RedisUnavailable(Exception):
    """Redis is not configured, did not answer in time, or has not for a while: do without it."""


class Script:
    """A Lua script and the digest that Redis knows it by."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.digest = sha1(source.encode(), usedforsecurity=False).hexdigest()


class RedisLink:
    """One process's connections to Redis or Valkey. Callers catch `RedisUnavailable` and take their own way.

    Keys and values must not be personal in the clear: sealed bytes, counters, tokens and member ids (random) only.
    """

    def __init__(
        self,
        url: str | None,
        metrics: Metrics,
        *,
        deadline_ms: int = 50,
        connections: int = 16,
        breaker: Breaker | None = None,
    ) -> None:
        self._url = url
        self._deadline_s = deadline_ms / 1_000
        self._connections = connections
        self._breaker = breaker or Breaker("redis", metrics, failures_max=5, open_s=5.0)
        self._failed = metrics.redis_failed
        self._outside = Outside(metrics)
        self._redis: Client | None = None

    @classmethod
    def from_settings(cls, settings: ServiceSettings, metrics: Metrics) -> Self:
        """The link that settings describe; without a URL it is one that is always unavailable."""
        url = settings.redis_url.get_secret_value() if settings.redis_url else None
        return cls(url, metrics, deadline_ms=settings.redis_deadline_ms, connections=settings.redis_connections)

    @property
    def configured(self) -> bool:
        """Whether there is a Redis to speak to at all."""
        return self._url is not None

    async def run(self, *command: bytes | str | int | float) -> Any:
        """Execute one command, such as `run("GET", key)`; raises `RedisUnavailable` for every kind of failure."""
        if self._url is None:
            raise RedisUnavailable("not configured")
        try:
            with self._breaker.guard(), self._outside.call("redis", fine=(NoScriptError,)):
                async with asyncio.timeout(self._deadline_s):
                    redis = self._client(self._url)
                    return await redis.execute_command(*command)
        except NoScriptError:
            raise
        except BreakerOpen:
            self._failed.labels("open").inc()
            raise RedisUnavailable("breaker open") from None
        except (RedisError, OSError, TimeoutError) as error:
            self._failed.labels(type(error).__name__).inc()
            raise RedisUnavailable(type(error).__name__) from None

    async def eval(self, script: Script, key: str, *args: bytes | str | int | float) -> Any:
        """Run a script on one key, by digest, and send its source only when Redis does not know it."""
        try:
            return await self.run("EVALSHA", script.digest, 1, key, *args)
        except NoScriptError:
            return await self.run("EVAL", script.source, 1, key, *args)

    async def ping(self) -> None:
        """For a readiness report. A link without a URL is fine: nothing is missing."""
        if self._url is not None:
            await self.run("PING")

    async def close(self) -> None:
        """Give back all connections; a later call would open new ones."""
        if self._redis is not None:
            await close(self._redis)
            self._redis = None

    def _client(self, url: str) -> Client:
        if self._redis is None:
            self._redis = client(url, connections=self._connections, deadline_s=self._deadline_s)
        return self._redis
