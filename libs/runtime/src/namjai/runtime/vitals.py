"""What a process can say of itself without being any worse for it: memory, disk, loop, breakers, config.

Nothing here decides whether it is ready; it tells people where to look. No text, no id, no person is ever in it.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final, Literal

import msgspec
from prometheus_client import Gauge

from namjai.runtime.breaker import State
from namjai.runtime.fresh import Fresh
from namjai.runtime.lag import SLOW_S, LoopLag
from namjai.runtime.logs import get_logger
from namjai.runtime.metrics import Metrics
from namjai.runtime.pressure import Level, Pressure

DISK_HIGH: Final = 0.8
DISK_CRITICAL: Final = 0.9
CONFIG_STALE_S: Final = 120.0
"""It is read every half minute; so long without means that the store has not answered."""

_log = get_logger(__name__)


class Vital(msgspec.Struct, frozen=True, kw_only=True):
    """One thing as it is now: how it is, what to tell people, and the same in figures (units last in their names)."""

    name: str
    level: Literal["ok", "high", "critical", "unknown"]
    says: str
    figures: Mapping[str, float | str | None] = {}


Look = Callable[[], Awaitable[Sequence[Vital]]]


class Vitals:
    """All looks of one process; one that fails or takes too long says so instead, and harms no other."""

    def __init__(self, *, deadline_s: float = 1.0) -> None:
        self._deadline_s = deadline_s
        self._looks: dict[str, Look] = {}
        self._all = Fresh(self._look_all, good=_all_known)

    def add(self, name: str, look: Look) -> None:
        """Register a look; `name` stands for it when it fails."""
        if name in self._looks:
            raise ValueError(f"there is already a look named {name}")
        self._looks[name] = look

    async def now(self) -> Sequence[Vital]:
        """Everything, at most a second old; while something cannot be found out, it is tried at each call."""
        return await self._all.get()

    async def _look_all(self) -> Sequence[Vital]:
        found = await asyncio.gather(*(self._look(name, look) for name, look in self._looks.items()))
        return [vital for vitals in found for vital in vitals]

    async def _look(self, name: str, look: Look) -> Sequence[Vital]:
        try:
            async with asyncio.timeout(self._deadline_s):
                return await look()
        except Exception as failed:  # whatever it is: the others are still worth knowing
            _log.debug("vital_not_known", name=name, reason=type(failed).__name__)
            return [Vital(name=name, level="unknown", says=type(failed).__name__)]


def _all_known(vitals: Sequence[Vital]) -> bool:
    return all(vital.level != "unknown" for vital in vitals)


class Self:
    """What the process finds in itself."""

    def __init__(self, pressure: Pressure, lag: LoopLag, metrics: Metrics, volumes: Mapping[str, Path]) -> None:
        self._pressure = pressure
        self._lag = lag
        self._metrics = metrics
        self._volumes = volumes
        self._started_at = time.monotonic()

    @property
    def uptime_s(self) -> float:
        """Since it was wired."""
        return time.monotonic() - self._started_at

    async def look(self) -> Sequence[Vital]:
        """Costs a few system calls."""
        return [self._memory(), *self._disks(), self._loop(), self._breakers(), *self._configs()]

    def _memory(self) -> Vital:
        rss, limit = self._pressure.rss_bytes(), self._pressure.limit_bytes
        return Vital(
            name="memory",
            level=_LEVELS[self._pressure.course.level],
            says=f"{mib(rss)} of {mib(limit)} ({rss / limit:.0%})",
            figures={"rss_bytes": rss, "limit_bytes": limit},
        )

    def _disks(self) -> Iterator[Vital]:
        for name, path in self._volumes.items():
            usage = shutil.disk_usage(path)
            used = 1 - usage.free / usage.total
            self._metrics.disk_size_bytes.labels(name).set(usage.total)
            self._metrics.disk_free_bytes.labels(name).set(usage.free)
            yield Vital(
                name=f"disk {name}",
                level=share_level(used),
                says=f"{mib(usage.free)} free of {mib(usage.total)} ({used:.0%} used)",
                figures={"free_bytes": usage.free, "size_bytes": usage.total},
            )

    def _loop(self) -> Vital:
        p99_ms = round(self._lag.p99_s * 1_000, 1)
        level: Literal["ok", "high"] = "high" if self._lag.p99_s > SLOW_S else "ok"
        return Vital(name="event loop", level=level, says=f"{p99_ms} ms late (p99, 1 min)", figures={"p99_ms": p99_ms})

    def _breakers(self) -> Vital:
        states = {labels["breaker"]: State(int(value)) for labels, value in _samples(self._metrics.breaker_state)}
        figures = {name: state.name.lower() for name, state in states.items() if state is not State.CLOSED}
        says = ", ".join(f"{name} {state.replace('_', ' ')}" for name, state in figures.items())
        return Vital(
            name="breakers",
            level="high" if figures else "ok",
            says=says or f"{len(states)} closed",
            figures=figures,
        )

    def _configs(self) -> Iterator[Vital]:
        revisions = {labels["section"]: value for labels, value in _samples(self._metrics.config_revision)}
        for labels, read_at in _samples(self._metrics.config_read):
            section = labels["section"]
            age_s = round(time.time() - read_at, 1) if read_at else None
            revision = int(revisions.get(section, 0))
            yield Vital(
                name=f"config {section}",
                level="high" if age_s is None or age_s > CONFIG_STALE_S else "ok",
                says=f"revision {revision}, " + ("never read: defaults" if age_s is None else f"read {age_s} s ago"),
                figures={"revision": revision, "age_s": age_s},
            )


def volumes(ready_file: Path | None) -> dict[str, Path]:
    """What this process writes to, by a name for people; two folders on one file system are one."""
    found = {} if ready_file is None else {"ready": ready_file.absolute().parent}
    with suppress(FileNotFoundError):  # everything is read-only: then it writes nowhere else, and that is fine
        found["temporary"] = Path(tempfile.gettempdir())
    by_device = {path.stat().st_dev: name for name, path in found.items()}
    return {name: found[name] for name in by_device.values()}


def mib(size_bytes: float) -> str:
    """For people."""
    size = size_bytes / 2**20
    return f"{size:.0f} MiB" if size < 10_240 else f"{size / 1_024:.0f} GiB"


def share_level(used: float) -> Literal["ok", "high", "critical"]:
    """Of something that fills up."""
    return "critical" if used >= DISK_CRITICAL else "high" if used >= DISK_HIGH else "ok"


_LEVELS: Final[Mapping[Level, Literal["ok", "high", "critical"]]] = {
    Level.LOW: "ok",
    Level.HIGH: "high",
    Level.CRITICAL: "critical",
}


def _samples(gauge: Gauge) -> Iterator[tuple[dict[str, str], float]]:
    """What the gauge shows: this page and the metrics can then never say two things."""
    for family in gauge.collect():
        for sample in family.samples:
            yield dict(sample.labels), sample.value
