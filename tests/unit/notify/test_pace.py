"""The pace of our calls: below the rate under a burst (S9), and silent while LINE says that it is too much."""

import asyncio
import time

from namjai.notify.adapters.pace import PAUSE_FIRST_S, Pace
from namjai.runtime.metrics import Metrics


async def test_a_burst_is_spread_over_the_rate() -> None:
    pace = Pace("reply", 400, Metrics("test"))
    passed: list[float] = []

    async def call() -> None:
        assert await pace.turn(urgent=False)
        passed.append(time.monotonic())

    started = time.monotonic()
    await asyncio.gather(*(call() for _ in range(160)))
    assert sum(at - started < 0.2 for at in passed) <= 40 + 80 + 1
    assert passed[-1] - started >= (160 - 40) / 400


async def test_after_a_429_everybody_waits_but_a_crisis() -> None:
    pace = Pace("reply", 400, Metrics("test"))
    started = time.monotonic()
    pace.pause()
    assert await pace.turn(urgent=True)
    assert time.monotonic() - started < PAUSE_FIRST_S / 2
    assert await pace.turn(urgent=False)
    assert time.monotonic() - started >= PAUSE_FIRST_S
