"""Opens the model that gives second opinions, inside its fence: how long, how often, after how many failures not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Final, Protocol

from namjai.risk.domain.opinion import REPAIR, SYSTEM, Opinion, question, read
from namjai.risk.ports import OpinionUnavailable, SecondOpinion
from namjai.risk.settings import RiskSettings
from namjai.runtime.breaker import Breaker, BreakerOpen
from namjai.runtime.limiter import LocalLimiter, Rate
from namjai.runtime.logs import get_logger
from namjai.runtime.metrics import Metrics, timed

FAILURES_MAX: Final = 5
OPEN_S: Final = 30.0
_SPEAKS_AGAINST_IT: Final = frozenset({"unreachable", "server", "quota", "denied", "deadline"})
"""Opens the breaker; a blocked or unreadable answer is about one text, and shows that the other side works."""

_log = get_logger(__name__)


class Model(Protocol):
    """One question to a model's endpoint. Raises `OpinionUnavailable`."""

    async def ask(self, system: str, words: str) -> str: ...


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What one process asks at most; the deadline is that of a whole opinion, the repair included."""

    deadline_s: float
    requests_per_minute: int


class Fenced:
    """A model whose opinion comes in time, within its limits and in the shape that was asked for, or not at all."""

    def __init__(self, model: Model, limits: Limits, metrics: Metrics) -> None:
        self._model = model
        self._deadline_s = limits.deadline_s
        self._rate = LocalLimiter("opinion", Rate(limits.requests_per_minute, 60.0), metrics, keys_max=1)
        self._breaker = Breaker("opinion", metrics, failures_max=FAILURES_MAX, open_s=OPEN_S, counts=_speaks_against_it)
        self._seconds = metrics.histogram("opinion_seconds", "Time until a model's opinion or a failure.")

    async def opinion(self, words: str) -> Opinion:
        """As the port says. One repair: a model that answers badly twice has no opinion."""
        self._count_request()
        try:
            with timed(self._seconds), self._breaker.guard():
                return await self._in_time(question(words))
        except BreakerOpen:
            raise OpinionUnavailable("breaker") from None

    def _count_request(self) -> None:
        if not self._rate.hit("opinion").allowed:
            raise OpinionUnavailable("limited")

    async def _in_time(self, asked: str) -> Opinion:
        try:
            async with asyncio.timeout(self._deadline_s):
                if (opinion := read(await self._answer(SYSTEM, asked))) is not None:
                    return opinion
                self._count_request()
                if (opinion := read(await self._answer(SYSTEM + REPAIR, asked))) is not None:
                    return opinion
        except TimeoutError:
            raise OpinionUnavailable("deadline") from None
        raise OpinionUnavailable("invalid")

    async def _answer(self, system: str, asked: str) -> str:
        try:
            return await self._model.ask(system, asked)
        except (OpinionUnavailable, TimeoutError):
            raise
        except Exception as bug:  # an SDK's surprise; its words may be the person's
            _log.error("opinion_bug", error=type(bug).__name__)
            raise OpinionUnavailable("bug") from None


def _speaks_against_it(error: Exception) -> bool:
    return not isinstance(error, OpinionUnavailable) or error.reason in _SPEAKS_AGAINST_IT


@asynccontextmanager
async def open_opinion(settings: RiskSettings, metrics: Metrics) -> AsyncIterator[SecondOpinion | None]:
    """Once at start; it asks nothing of the other side. None where there is to be no second opinion."""
    if (adapter := _adapter(settings)) is None:
        yield None
        return
    _log.info("opinion_chosen", model=settings.opinion, name=settings.opinion_named)
    limits = Limits(
        deadline_s=settings.opinion_deadline_ms / 1_000, requests_per_minute=settings.opinion_requests_per_minute
    )
    async with adapter as model:
        yield Fenced(model, limits, metrics)


def _adapter(settings: RiskSettings) -> AbstractAsyncContextManager[Model] | None:
    """The imports are here, so that a service without a second opinion carries none of them."""
    if settings.opinion == "off":
        return None
    if settings.opinion == "openai":
        from namjai.risk.adapters.opinion_openai import openai

        return openai(settings)
    from namjai.risk.adapters.opinion_gemini import gemini

    return gemini(settings)
