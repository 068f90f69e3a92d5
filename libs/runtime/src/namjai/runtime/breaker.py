"""A circuit breaker: after some failures in a row, fail at once for a while instead of waiting (ADR-3)."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import IntEnum
from time import monotonic

from namjai.runtime.logs import get_logger
from namjai.runtime.metrics import Metrics

log = get_logger(__name__)


class State(IntEnum):
    """The values are those of the metric `namjai_breaker_state`."""

    CLOSED = 0
    HALF_OPEN = 1
    OPEN = 2


class BreakerOpen(Exception):
    """The call was not made, because those before it failed; worth trying again after `retry_after_s`."""

    def __init__(self, name: str, retry_after_s: float) -> None:
        super().__init__(f"{name} is failing")
        self.retry_after_s = retry_after_s


def any_exception(_: Exception) -> bool:
    """Every exception speaks against the other side."""
    return True


class Breaker:
    """Closed: calls pass, failures in a row are counted. Open: calls are refused. Half open: one call at a time passes.

    `counts` says which exceptions speak against the other side; a 400 shows that it works, and closes like a success.
    A cancelled call says nothing either way. Not for threads: one breaker belongs to one event loop.
    """

    def __init__(
        self,
        name: str,
        metrics: Metrics,
        *,
        failures_max: int = 5,
        open_s: float = 10.0,
        counts: Callable[[Exception], bool] = any_exception,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self.name = name
        self._failures_max = failures_max
        self._open_s = open_s
        self._counts = counts
        self._clock = clock
        self._gauge = metrics.breaker_state.labels(name)
        self._refused = metrics.breaker_refused.labels(name)
        self._gauge.set(State.CLOSED)
        self._state = State.CLOSED
        self._period = 0  # goes up with every change of state
        self._failures = 0
        self._open_until = 0.0
        self._probing = False

    @property
    def state(self) -> State:
        """The state a call would meet now."""
        if self._state is State.OPEN and self._clock() >= self._open_until:
            return State.HALF_OPEN
        return self._state

    @contextmanager
    def guard(self) -> Iterator[None]:
        """Make one call inside: `with breaker.guard(): await call()`. Raises `BreakerOpen` instead of entering."""
        period = self._enter()
        try:
            yield
        except Exception as error:
            if self._counts(error):
                self._failed(period)
            else:
                self._succeeded(period)
            raise
        except BaseException:
            if period == self._period:
                self._probing = False
            raise
        else:
            self._succeeded(period)

    def _enter(self) -> int:
        if self._state is State.CLOSED:
            return self._period
        if self._state is State.OPEN and self._clock() >= self._open_until:
            self._change(State.HALF_OPEN)
        if self._state is State.OPEN or self._probing:
            self._refused.inc()
            raise BreakerOpen(self.name, max(0.0, self._open_until - self._clock()))
        self._probing = True
        return self._period

    def _succeeded(self, period: int) -> None:
        if period != self._period:  # a call from before the change ends late: it tells of the past
            return
        self._failures = 0
        if self._state is State.HALF_OPEN:
            self._change(State.CLOSED)

    def _failed(self, period: int) -> None:
        if period != self._period:
            return
        self._failures += 1
        if self._state is State.HALF_OPEN or self._failures >= self._failures_max:
            self._open_until = self._clock() + self._open_s
            self._change(State.OPEN)

    def _change(self, state: State) -> None:
        self._state = state
        self._period += 1
        self._failures = 0
        self._probing = False
        self._gauge.set(state)
        log.warning("breaker_changed", breaker=self.name, state=state.name.lower())
