"""What is asked most, counted in Redis by the month: so much is written again before anybody asks, after a start."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from namjai.chat.adapters.answers.vault import Vault
from namjai.chat.ports import Common
from namjai.runtime.redis_link import RedisLink, RedisUnavailable

WAITING_MAX: Final = 500
"""Different questions between two visits to Redis; others are not counted."""
KEPT_MAX: Final = 2_000
"""Different questions of a month that Redis counts."""
KEPT_S: Final = 62 * 24 * 3_600
ASKED_MIN: Final = 3
"""What fewer people asked is not among the most asked, however few there are."""
_PREFIX: Final = "namjai:answers:asked:"


class AskedMost:
    """Counts in this process, told to Redis now and then; without Redis nothing is known, and nothing is missing."""

    def __init__(self, redis: RedisLink, vault: Vault, *, clock: Callable[[], datetime]) -> None:
        self._redis = redis
        self._vault = vault
        self._clock = clock
        self._waiting: Counter[Common] = Counter()

    def count(self, asked: Common) -> None:
        """Somebody has asked this."""
        if asked in self._waiting or len(self._waiting) < WAITING_MAX:
            self._waiting[asked] += 1

    async def tell(self) -> None:
        """Add what was counted to what all processes have counted."""
        told, self._waiting = self._waiting, Counter()
        key = self._key(self._clock())
        try:
            for asked, times in told.items():
                await self._redis.run("ZINCRBY", key, times, self._vault.cover(asked))
            if told:
                await self._redis.run("ZREMRANGEBYRANK", key, 0, -KEPT_MAX - 1)
                await self._redis.run("EXPIRE", key, KEPT_S)
        except RedisUnavailable:
            return

    async def top(self, most: int) -> list[Common]:
        """What was asked most in this month and the last, the most asked first."""
        now = self._clock()
        total: Counter[Common] = Counter()
        try:
            for key in {self._key(now), self._key(now.replace(day=1) - timedelta(days=1))}:
                for box, times in await self._pairs(key, most):
                    if (asked := self._vault.uncover(box)) is not None:
                        total[asked] += times
        except RedisUnavailable:
            return []
        return [asked for asked, times in total.most_common(most) if times >= ASKED_MIN]

    async def _pairs(self, key: str, most: int) -> list[tuple[bytes, int]]:
        flat = await self._redis.run("ZREVRANGE", key, 0, most - 1, "WITHSCORES")
        pairs = flat if flat and isinstance(flat[0], tuple | list) else list(zip(flat[::2], flat[1::2], strict=True))
        return [(bytes(box), int(float(times))) for box, times in pairs]

    def _key(self, at: datetime) -> str:
        return f"{_PREFIX}{at:%Y-%m}"
