"""The fence round one model: how many at once, how often, how long, how many failures, and one second attempt."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, TypeVar

from namjai.chat.ports import ModelFailure, ModelUnavailable
from namjai.runtime.breaker import Breaker, BreakerOpen, State
from namjai.runtime.limiter import LocalLimiter, Rate
from namjai.runtime.logs import get_logger
from namjai.runtime.metrics import Metrics
from namjai.runtime.retry import RetryPolicy, retry

T = TypeVar("T")
ATTEMPTS: Final = 2
FIRST_WAIT_MS: Final = 300.0
GRACE_S: Final = 0.5
"""An attempt ends by its own time-out, which the breaker sees; the one round all attempts is there in case."""
_EVERYBODY: Final = "model"
PASSING: Final[frozenset[ModelFailure]] = frozenset({"unreachable", "server", "unreadable"})
"""Worth a second attempt. Not a full quota: it stays full for longer than a person waits."""
_SPEAKS_AGAINST_IT: Final[frozenset[ModelFailure]] = PASSING | {"deadline", "quota", "denied"}
"""Opens the breaker; a blocked or empty answer is about one text, and shows that the other side works."""

_log = get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What one process asks of one model at most."""

    concurrency: int
    requests_per_minute: int
    failures_max: int = 5
    open_s: float = 20.0


class Fence:
    """Calls of one model that end in time and within its limits, or say why not."""

    def __init__(self, model: str, limits: Limits, metrics: Metrics) -> None:
        name = f"model:{model}"
        self._metrics = metrics
        self._slots = asyncio.Semaphore(limits.concurrency)
        self._rate = LocalLimiter(name, Rate(limits.requests_per_minute, 60.0), metrics, keys_max=1)
        self._breaker = Breaker(
            name, metrics, failures_max=limits.failures_max, open_s=limits.open_s, counts=_speaks_against_it
        )

    @property
    def is_shut(self) -> bool:
        """Whether the model failed so often that nobody asks it for now."""
        return self._breaker.state is State.OPEN

    async def call(
        self, ask: Callable[[], Awaitable[T]], *, within_s: float, passing: frozenset[ModelFailure] = PASSING
    ) -> T:
        """What `ask` returns, asked a second time after a failure that is `passing`. Raises `ModelUnavailable`."""
        if self._slots.locked():  # nobody queues: the offline answer is there already
            raise ModelUnavailable("limited")
        until = asyncio.get_running_loop().time() + within_s
        policy = RetryPolicy(attempts=ATTEMPTS, deadline_s=within_s + GRACE_S, first_wait_ms=FIRST_WAIT_MS)
        again = _among(passing)
        try:
            async with self._slots:
                return await retry(
                    "model", lambda: self._attempt(ask, until), on=again, policy=policy, metrics=self._metrics
                )
        except BreakerOpen:
            raise ModelUnavailable("breaker") from None
        except TimeoutError:
            raise ModelUnavailable("deadline") from None

    async def _attempt(self, ask: Callable[[], Awaitable[T]], until: float) -> T:
        if not self._rate.hit(_EVERYBODY).allowed:
            raise ModelUnavailable("limited")
        with self._breaker.guard():
            return await _in_time(ask, until)


async def _in_time(ask: Callable[[], Awaitable[T]], until: float) -> T:
    """The time-out is inside the breaker, so that a model that is silent counts as one that fails."""
    try:
        async with asyncio.timeout_at(until):
            return await ask()
    except ModelUnavailable:
        raise
    except TimeoutError:
        raise ModelUnavailable("deadline") from None
    except Exception as bug:  # an SDK's surprise must not cost a person their answer; its words may be theirs
        _log.error("model_bug", error=type(bug).__name__)
        raise ModelUnavailable("bug") from None


def _among(passing: frozenset[ModelFailure]) -> Callable[[Exception], bool]:
    return lambda error: isinstance(error, ModelUnavailable) and error.reason in passing


def _speaks_against_it(error: Exception) -> bool:
    return not isinstance(error, ModelUnavailable) or error.reason in _SPEAKS_AGAINST_IT
