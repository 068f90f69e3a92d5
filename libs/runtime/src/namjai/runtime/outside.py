"""Calls to what is not ours (a store, a mail server, a pager): each counted, timed and traced, by whom it was to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Final

from namjai.runtime.metrics import Metrics
from namjai.runtime.tracing import UNTRACED, Tracing, failed


class Call:
    """One call; it went well unless somebody says otherwise, or an exception does."""

    def __init__(self) -> None:
        self.fault: str | None = None

    def failed(self, why: str) -> None:
        """It was answered, or not, and did not work; `why` is a word of our code or an exception's name."""
        self.fault = why


class Outside:
    """Rate, errors and duration of calls to others. LINE's and the models' have metrics of their own."""

    def __init__(self, metrics: Metrics, tracing: Tracing = UNTRACED) -> None:
        self._calls = metrics.outside
        self._seconds = metrics.outside_seconds
        self._tracing = tracing

    @contextmanager
    def call(self, whom: str, *, fine: tuple[type[Exception], ...] = ()) -> Iterator[Call]:
        """Make one call inside. `fine` are exceptions that say no, and thereby that the other side works."""
        call, started = Call(), perf_counter()
        with self._tracing.outside(whom) as span:
            try:
                yield call
            except BaseException as error:
                if not isinstance(error, fine):
                    call.failed(type(error).__name__)
                raise
            finally:
                if call.fault is not None:
                    failed(span, call.fault)
                self._calls.labels(whom, "ok" if call.fault is None else "failed").inc()
                self._seconds.labels(whom).observe(perf_counter() - started)


UNCOUNTED: Final = Outside(Metrics("uncounted"))
"""For whoever is not measured: its numbers are shown nowhere."""
