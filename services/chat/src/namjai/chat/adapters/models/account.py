"""Every use of a model: on record with the turn, and counted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from namjai.chat.adapters.models.prices import prices
from namjai.chat.ports import ModelAnswer
from namjai.events.uses import ModelUse
from namjai.runtime.logs import get_logger
from namjai.runtime.metrics import BoundedLabel, Metrics

Note = Callable[[ModelUse], None]
PURPOSES_MAX: Final = 40
"""Purposes are words in our own code; the bound is there in case."""

_log = get_logger(__name__)


class Accounts:
    """The counters of all models of a process."""

    def __init__(self, metrics: Metrics) -> None:
        by = ("model", "purpose")
        self._purpose = BoundedLabel(PURPOSES_MAX)
        self._answers = metrics.counter(
            "model_answers", "Calls of a model: said, or why its words were not used.", (*by, "outcome")
        )
        self._tokens = metrics.counter("model_tokens", "Tokens read, of those kept, and written.", (*by, "direction"))
        self._cost = metrics.counter("model_cost_microusd", "Millionths of a dollar, estimated.", by)
        self._seconds = metrics.histogram("model_seconds", "Time until a model's words or a failure.", by)
        self._faults = metrics.counter("model_guard", "Answers kept back, by what was wrong.", ("guard", "fault"))

    def take(
        self, model: str, purpose: str, outcome: str, spent: ModelAnswer | None, *, fallback: int, seconds: float
    ) -> ModelUse:
        """Count one call of a model (by its configured name), and say it as the record has it."""
        purpose = self._purpose(purpose)
        used = spent or ModelAnswer(text="", model=model)
        cost = prices().microusd(used)
        self._answers.labels(model, purpose, outcome).inc()
        self._seconds.labels(model, purpose).observe(seconds)
        self._cost.labels(model, purpose).inc(cost)
        tokens = (("in", used.tokens_in), ("cached", used.tokens_cached), ("out", used.tokens_out))
        for direction, count in tokens:
            self._tokens.labels(model, purpose, direction).inc(count)
        _log.info("model", model=model, purpose=purpose, outcome=outcome, fallback=fallback)
        return ModelUse(
            purpose=purpose,
            model=used.model,
            outcome=outcome,
            tokens_in=used.tokens_in,
            tokens_out=used.tokens_out,
            tokens_cached=used.tokens_cached,
            cost_microusd=cost,
            fallback=fallback,
            latency_ms=round(seconds * 1_000),
        )

    def kept_back(self, guard: str, fault: str) -> None:
        """Count an answer that may not be said."""
        self._faults.labels(guard, fault).inc()
