"""Keeps our calls to one LINE endpoint below its rate, and slower still while LINE says that it is too much."""

from __future__ import annotations

import asyncio
import random
from time import monotonic
from typing import Final

from namjai.runtime.limiter import LocalLimiter, Rate
from namjai.runtime.metrics import Metrics

PAUSE_FIRST_S: Final = 0.5
PAUSE_MAX_S: Final = 30.0


class Pace:
    """A token bucket that makes callers wait, and one pause for all of them after a 429."""

    def __init__(self, endpoint: str, per_s: int, metrics: Metrics, *, wait_s_max: float = 5.0) -> None:
        self._key = endpoint
        self._bucket = LocalLimiter(f"line_{endpoint}", Rate(per_s, 1.0, burst=max(1, per_s // 10)), metrics)
        self._wait_s_max = wait_s_max
        self._paused_until = 0.0
        self._pause_s = PAUSE_FIRST_S

    async def turn(self, *, urgent: bool) -> bool:
        """Wait for our turn. False when it does not come in time. What is urgent uses the margin below LINE's rate."""
        if urgent:
            return True
        until = monotonic() + self._wait_s_max
        while (now := monotonic()) < until:
            if now < self._paused_until:
                wait_s = self._paused_until - now
            elif (decision := self._bucket.hit(self._key)).allowed:
                return True
            else:
                wait_s = decision.retry_after_s
            await asyncio.sleep(min(wait_s * random.uniform(1.0, 1.2), max(0.0, until - now)))  # noqa: S311
        return False

    def pause(self) -> None:
        """LINE answered 429 or 401: everybody waits, and longer each time until one call is taken again."""
        if monotonic() >= self._paused_until:
            self._paused_until = monotonic() + self._pause_s
            self._pause_s = min(PAUSE_MAX_S, self._pause_s * 2)

    def taken(self) -> None:
        """LINE took a call: the next 429 or 401 starts with a short pause again."""
        self._pause_s = PAUSE_FIRST_S
