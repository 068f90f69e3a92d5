"""The fence round a model: how many at once, how often, how long, how many failures, and what it may have written."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from functools import partial
from typing import Final

from namjai.chat.domain import guard
from namjai.chat.ports import Model, ModelAnswer, ModelRequest, ModelUnavailable
from namjai.runtime.breaker import Breaker, BreakerOpen
from namjai.runtime.limiter import LocalLimiter, Rate
from namjai.runtime.logs import get_logger
from namjai.runtime.metrics import Metrics, timed
from namjai.runtime.retry import RetryPolicy, retry

ATTEMPTS: Final = 2
FIRST_WAIT_MS: Final = 300.0
GRACE_S: Final = 0.5
"""An attempt ends by its own time-out, which the breaker sees; the one round all attempts is there in case."""
_EVERYBODY: Final = "model"
_PASSING: Final = frozenset({"unreachable", "server", "unreadable"})
"""Worth a second attempt. Not a full quota: it stays full for longer than a person waits."""
_SPEAKS_AGAINST_IT: Final = _PASSING | {"deadline", "quota", "denied"}
"""Opens the breaker; a blocked or empty answer is about one text, and shows that the other side works."""
_NAME: Final = re.compile(r"[\w.:/@-]{1,64}", re.ASCII)

_log = get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What one process asks of a model at most. The deadline is a turn's, attempts and waiting included."""

    deadline_s: float
    concurrency: int
    requests_per_minute: int
    failures_max: int = 5
    open_s: float = 20.0


class Fenced:
    """A model that answers in time, within its limits and within what the guard lets through, or not at all."""

    def __init__(self, model: Model, limits: Limits, metrics: Metrics) -> None:
        guard.model_texts()  # a broken file stops the start
        self._model = model
        self._metrics = metrics
        self._deadline_s = limits.deadline_s
        self._policy = RetryPolicy(
            attempts=ATTEMPTS, deadline_s=limits.deadline_s + GRACE_S, first_wait_ms=FIRST_WAIT_MS
        )
        self._slots = asyncio.Semaphore(limits.concurrency)
        self._rate = LocalLimiter("model", Rate(limits.requests_per_minute, 60.0), metrics, keys_max=1)
        self._breaker = Breaker(
            "model", metrics, failures_max=limits.failures_max, open_s=limits.open_s, counts=_speaks_against_it
        )
        self._answers = metrics.counter(
            "model_answers", "Turns a model was asked for: said, or why the offline answer stood.", ("outcome",)
        )
        self._faults = metrics.counter("model_guard", "Answers the guard kept back, by what was wrong.", ("fault",))
        self._tokens = metrics.counter("model_tokens", "Tokens read and written.", ("direction",))
        self._seconds = metrics.histogram("model_seconds", "Time until a model's words or a failure.")

    async def answer(self, request: ModelRequest) -> ModelAnswer:
        """As the port says; every outcome is counted."""
        with timed(self._seconds):
            try:
                answer = self._checked(await self._asked(request), request)
            except ModelUnavailable as failure:
                self._count(failure.reason)
                raise
            except asyncio.CancelledError:  # danger came in between, the words were taken back, or we stop
                self._count("overtaken")
                raise
        self._count("said")
        return answer

    def _count(self, outcome: str) -> None:
        self._answers.labels(outcome).inc()
        _log.info("model", outcome=outcome)

    async def _asked(self, request: ModelRequest) -> ModelAnswer:
        if self._slots.locked():  # nobody queues: the offline answer is there already
            raise ModelUnavailable("limited")
        attempt = partial(self._attempt, request, asyncio.get_running_loop().time() + self._deadline_s)
        try:
            async with self._slots:
                return await retry("model", attempt, on=_is_passing, policy=self._policy, metrics=self._metrics)
        except BreakerOpen:
            raise ModelUnavailable("breaker") from None
        except TimeoutError:
            raise ModelUnavailable("deadline") from None

    async def _attempt(self, request: ModelRequest, until: float) -> ModelAnswer:
        if not self._rate.hit(_EVERYBODY).allowed:
            raise ModelUnavailable("limited")
        with self._breaker.guard():
            return await self._call(request, until)

    async def _call(self, request: ModelRequest, until: float) -> ModelAnswer:
        """The time-out is inside the breaker, so that a model that is silent counts as one that fails."""
        try:
            async with asyncio.timeout_at(until):
                return await self._model.answer(request)
        except ModelUnavailable:
            raise
        except TimeoutError:
            raise ModelUnavailable("deadline") from None
        except Exception as bug:  # an SDK's surprise must not cost a person their answer; its words may be theirs
            _log.error("model_bug", error=type(bug).__name__)
            raise ModelUnavailable("bug") from None

    def _checked(self, answer: ModelAnswer, request: ModelRequest) -> ModelAnswer:
        self._tokens.labels("in").inc(max(0, answer.tokens_in))
        self._tokens.labels("out").inc(max(0, answer.tokens_out))
        if (fault := guard.fault(answer.text, request.language)) is not None:
            self._faults.labels(fault).inc()
            raise ModelUnavailable("guard")
        return answer


def named(said: str | None, configured: str) -> str:
    """The model that answered by its own account, where that is a name; it goes into the event in clear."""
    return said if said and _NAME.fullmatch(said) else configured


def _is_passing(error: Exception) -> bool:
    return isinstance(error, ModelUnavailable) and error.reason in _PASSING


def _speaks_against_it(error: Exception) -> bool:
    return not isinstance(error, ModelUnavailable) or error.reason in _SPEAKS_AGAINST_IT
