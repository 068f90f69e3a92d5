"""Trying again: exponential waits with full jitter, a number of attempts and one deadline over all of them."""

import asyncio
import random
from asyncio import timeout as deadline
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from time import monotonic
from typing import TypeVar

import stamina

from namjai.runtime.logs import get_logger
from namjai.runtime.metrics import Metrics

__all__ = ["RetryPolicy", "deadline", "retry"]

T = TypeVar("T")
log = get_logger(__name__)

# stamina's own hooks log the arguments of a call and the repr of its error, which may be a person's words.
stamina.instrumentation.set_on_retry_hooks([])


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """How often and how long. The wait before attempt n+1 is drawn from 0 … min(wait_ms_max, first_wait_ms · 2ⁿ⁻¹)."""

    attempts: int = 3
    deadline_s: float = 10.0
    first_wait_ms: float = 100.0
    wait_ms_max: float = 5_000.0

    def wait_s(self, failures: int) -> float:
        """Full jitter: those who failed together do not come back together."""
        ceiling_ms = min(self.wait_ms_max, self.first_wait_ms * 2.0 ** (failures - 1))
        return random.uniform(0.0, ceiling_ms) / 1_000  # noqa: S311  # spreads load, guards nothing


Worth = Callable[[Exception], bool | float]
"""Whether an error is worth another attempt; a number is how many seconds the other side asked us to wait."""


async def retry(
    operation: str,
    call: Callable[[], Awaitable[T]],
    *,
    on: type[Exception] | tuple[type[Exception], ...] | Worth,
    policy: RetryPolicy,
    metrics: Metrics,
) -> T:
    """Await `call()` until it succeeds, and raise its last error when it may not be tried again.

    The whole takes at most `deadline_s`: a wait that would end later is not begun, a call that would is cancelled
    (`TimeoutError`). `operation` is a label in logs and metrics: a fixed word.
    """
    until = monotonic() + policy.deadline_s
    failures = 0

    def backoff(error: Exception) -> bool | float:
        nonlocal failures
        failures += 1
        wanted = isinstance(error, on) if isinstance(on, type | tuple) else on(error)
        if wanted is False or failures >= policy.attempts:
            return False
        wait_s = policy.wait_s(failures) if wanted is True else float(wanted)
        if monotonic() + wait_s >= until:
            return False
        metrics.retries.labels(operation).inc()
        log.info(
            "trying_again", operation=operation, failures=failures, wait_s=round(wait_s, 3), error=type(error).__name__
        )
        return wait_s

    async with deadline(policy.deadline_s):
        async for attempt in stamina.retry_context(on=backoff, attempts=policy.attempts, timeout=None):
            with attempt:
                return await call()
    raise asyncio.InvalidStateError("stamina ends with a result or an error")
