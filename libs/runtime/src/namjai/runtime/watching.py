"""What looks after a running process: its lateness, its memory, and what `/readyz?verbose` says of it."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, Final

from namjai.runtime.backlog import Backlog, Storage
from namjai.runtime.bus import Requests
from namjai.runtime.health import Readiness
from namjai.runtime.lag import LoopLag
from namjai.runtime.metrics import Metrics, memory_limit_bytes
from namjai.runtime.pressure import Pressure, Thresholds
from namjai.runtime.provision import durables
from namjai.runtime.report import Report, report
from namjai.runtime.settings import ServiceSettings
from namjai.runtime.version import VERSION
from namjai.runtime.vitals import Self, Vitals, volumes

OBSERVE_EVERY_S: Final = 15.0
"""How often metrics of disks, store and consumers are renewed when nobody asks for `/readyz?verbose`."""


def pressure_of(settings: ServiceSettings, metrics: Metrics) -> Pressure:
    """The memory that settings and container allow, with nothing to prune yet."""
    limit = memory_limit_bytes()
    if settings.memory_limit_mb is not None:
        limit = min(limit, settings.memory_limit_mb * 2**20)
    thresholds = Thresholds(settings.memory_high_percent / 100, settings.memory_critical_percent / 100)
    return Pressure(metrics, limit, thresholds)


class Watching:
    """All that is looked at in one process, from when it starts to work."""

    def __init__(
        self, name: str, settings: ServiceSettings, requests: Requests, metrics: Metrics, pressure: Pressure
    ) -> None:
        self._name = name
        self._pressure = pressure
        self._lag = LoopLag(metrics)
        self._self = Self(pressure, self._lag, metrics, volumes(settings.ready_file))
        self._vitals = Vitals(deadline_s=settings.check_deadline_ms / 1000)
        self._vitals.add("process", self._self.look)
        self._vitals.add("consumers", Backlog(requests, metrics, durables(name)).look)
        self._vitals.add("log store", Storage(requests, metrics).look)

    def work(self) -> tuple[Coroutine[Any, Any, None], ...]:
        """What runs beside the service, until cancelled."""
        return self._lag.run(), self._pressure.run(), self._observe()

    async def describe(self, readiness: Readiness) -> Report:
        """The whole page for `/readyz?verbose`."""
        return report(self._name, VERSION, self._self.uptime_s, readiness, await self._vitals.now())

    async def _observe(self) -> None:
        while True:
            await self._vitals.now()
            await asyncio.sleep(OBSERVE_EVERY_S)
