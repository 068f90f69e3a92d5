"""What a service needs to be ready: named checks, each with a deadline. Being alive is another, smaller question."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from time import perf_counter

from namjai.runtime.fresh import FRESH_S, Fresh
from namjai.runtime.metrics import Metrics

Check = Callable[[], Awaitable[object]]
"""Returns when the dependency works and raises when it does not; what it returns is ignored."""


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One dependency as it was when asked; `reason` is an error's type, never its words."""

    name: str
    ok: bool
    required: bool
    latency_ms: float
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether to send work here, and why not."""

    ready: bool
    checks: tuple[CheckResult, ...]
    draining: bool = False


@dataclass(frozen=True, slots=True)
class _Registered:
    name: str
    check: Check
    required: bool
    deadline_s: float


class Health:
    """The checks of one process. Required ones decide readiness, the others are only reported.

    PostgreSQL or Redis being down must not take a service out of rotation when it can go on without them (DESIGN §6),
    so such a dependency is registered with `report`. So is whatever would take every replica out at the same time
    without anything being better for it: a slow log, or memory that runs short under everybody's load.

    A success is believed for `fresh_s`, and as long as `sign` stays the same (`Fresh`), however many ask.
    """

    def __init__(
        self,
        metrics: Metrics,
        *,
        deadline_s: float = 1.0,
        fresh_s: float = FRESH_S,
        sign: Callable[[], object] = lambda: None,
    ) -> None:
        self._metrics = metrics
        self._deadline_s = deadline_s
        self._checks: dict[str, _Registered] = {}
        self._draining = False
        self._results = Fresh(self._ask_all, fresh_s=fresh_s, good=_all_required_work, sign=sign)

    def require(self, name: str, check: Check, *, deadline_s: float | None = None) -> None:
        """Without this dependency the service is not ready."""
        self._add(_Registered(name, check, True, deadline_s or self._deadline_s))

    def report(self, name: str, check: Check, *, deadline_s: float | None = None) -> None:
        """Without this dependency the service does less, and says so."""
        self._add(_Registered(name, check, False, deadline_s or self._deadline_s))

    def drain(self) -> None:
        """From now on not ready: the service finishes what it has and takes nothing new."""
        self._draining = True
        self._metrics.ready.set(0)

    async def ready(self) -> Readiness:
        """Ask all dependencies at the same time; takes as long as the slowest, at most its deadline."""
        results = await self._results.get()
        ready = not self._draining and _all_required_work(results)
        self._metrics.ready.set(ready)
        return Readiness(ready, results, self._draining)

    def _add(self, registered: _Registered) -> None:
        if registered.name in self._checks:
            raise ValueError(f"there is already a check named {registered.name}")
        self._checks[registered.name] = registered

    async def _ask_all(self) -> tuple[CheckResult, ...]:
        return tuple(await asyncio.gather(*(self._ask(each) for each in self._checks.values())))

    async def _ask(self, registered: _Registered) -> CheckResult:
        started = perf_counter()
        reason = None
        try:
            async with asyncio.timeout(registered.deadline_s):
                await registered.check()
        except Exception as error:  # whatever a dependency raises means the same here: it does not work
            reason = type(error).__name__
        self._metrics.check_ok.labels(registered.name).set(reason is None)
        latency_s = perf_counter() - started
        self._metrics.check_seconds.labels(registered.name).set(latency_s)
        latency_ms = round(latency_s * 1_000, 2)
        return CheckResult(registered.name, reason is None, registered.required, latency_ms, reason)


def _all_required_work(results: tuple[CheckResult, ...]) -> bool:
    return all(result.ok for result in results if result.required)
