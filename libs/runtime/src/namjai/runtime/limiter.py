"""How much is too much: GCRA, in this process (no await) or shared through Redis, behind one port (ADR-3)."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import Protocol

import msgspec

from namjai.runtime.metrics import Metrics
from namjai.runtime.redis_link import RedisLink, RedisUnavailable, Script


@dataclass(frozen=True, slots=True)
class Rate:
    """`limit` events per `period_s`, of which `burst` may come at once (default: all of them).

    Over any longer time the average is limit/period; a window that begins with a full burst can hold burst + limit.
    """

    limit: int
    period_s: float
    burst: int | None = None

    @property
    def interval_s(self) -> float:
        """The time one event costs."""
        return self.period_s / self.limit

    @property
    def tolerance_s(self) -> float:
        """How far ahead of the steady pace a key may be."""
        return self.interval_s * (self.burst or self.limit)


class Decision(msgspec.Struct, frozen=True, gc=False):
    """`retry_after_s` is 0 when allowed; `remaining` is how many more would be allowed at this moment."""

    allowed: bool
    retry_after_s: float
    remaining: int


class Limiter(Protocol):
    """Counts an event of `key` and says whether it is within the rate; a refused event does not count."""

    async def allow(self, key: str) -> Decision:
        """Never raises because something is down."""


class LocalLimiter:
    """GCRA in memory: one float a key, at most `keys_max` keys, the longest untouched forgotten first."""

    def __init__(
        self,
        name: str,
        rate: Rate,
        metrics: Metrics,
        *,
        keys_max: int = 100_000,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._interval_s = rate.interval_s
        self._tolerance_s = rate.tolerance_s
        self._keys_max = keys_max
        self._clock = clock
        self._due: OrderedDict[str, float] = (
            OrderedDict()
        )  # key → when its debt is paid (the "theoretical arrival time")
        self._refused = metrics.limited.labels(name, "refused")
        self._allowed = metrics.limited.labels(name, "allowed")

    def hit(self, key: str) -> Decision:
        """Count an event now. For the gateway's hot path: no await, about a microsecond."""
        now = self._clock()
        due = self._due.get(key, now)
        paid_at = (due if due > now else now) + self._interval_s
        ahead_s = paid_at - now
        if ahead_s > self._tolerance_s:
            self._refused.inc()
            return Decision(False, ahead_s - self._tolerance_s, 0)
        self._due[key] = paid_at
        self._due.move_to_end(key)
        if len(self._due) > self._keys_max:
            self._due.popitem(last=False)
        self._allowed.inc()
        return Decision(True, 0.0, int((self._tolerance_s - ahead_s) / self._interval_s))

    async def allow(self, key: str) -> Decision:
        """`hit` behind the port."""
        return self.hit(key)


# Redis's clock is the only one, so replicas with different clocks agree. Whole microseconds: Lua numbers are doubles.
_GCRA = Script("""
local now = redis.call('TIME')
now = now[1] * 1000000 + now[2]
local interval, tolerance = tonumber(ARGV[1]), tonumber(ARGV[2])
local due = tonumber(redis.call('GET', KEYS[1]) or now)
local paid_at = math.max(due, now) + interval
local ahead = paid_at - now
if ahead > tolerance then
  return {0, ahead - tolerance, 0}
end
redis.call('SET', KEYS[1], string.format('%.0f', paid_at), 'PX', math.ceil(ahead / 1000))
return {1, 0, math.floor((tolerance - ahead) / interval)}
""")


class SharedLimiter:
    """The same rate over all replicas, kept in Redis; without Redis each process applies the rate on its own.

    An await and a round trip an event: for what is rare (a login, a report), not for the webhook.
    """

    def __init__(self, name: str, rate: Rate, redis: RedisLink, metrics: Metrics, *, keys_max: int = 100_000) -> None:
        self._prefix = f"namjai:limit:{name}:"
        self._interval_us = max(1, round(rate.interval_s * 1e6))
        self._tolerance_us = max(1, round(rate.tolerance_s * 1e6))
        self._redis = redis
        self._local = LocalLimiter(name, rate, metrics, keys_max=keys_max)
        self._results = (metrics.limited.labels(name, "refused"), metrics.limited.labels(name, "allowed"))

    async def allow(self, key: str) -> Decision:
        """Count an event in Redis, or here when Redis does not answer."""
        try:
            allowed, retry_after_us, remaining = await self._redis.eval(
                _GCRA, self._prefix + key, self._interval_us, self._tolerance_us
            )
        except RedisUnavailable:
            return self._local.hit(key)
        self._results[allowed].inc()
        return Decision(bool(allowed), retry_after_us / 1e6, remaining)
