"""Starts processes in order, starts again what dies, and stops everything in the opposite order."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from namjai.devkit.child import Child, ChildFailed
from namjai.runtime.logs import get_logger

BACKOFF_MIN_S = 0.2
BACKOFF_MAX_S = 5.0
STABLE_S = 30.0
ROTATE_EVERY_S = 5.0
HELD_POLL_S = 0.2

log = get_logger(__name__)


@dataclass(frozen=True)
class Stage:
    """Processes that need only earlier stages, so they start, and stop, side by side. Jobs run once, to their end."""

    name: str
    children: list[Child]
    job: bool = False


@dataclass
class Backoff:
    """How long to wait before the next start: doubles up to a limit, forgotten after a stable while."""

    delay_s: float = BACKOFF_MIN_S

    def after_life_of(self, seconds: float) -> float:
        """The wait after a process that lived so long."""
        if seconds >= STABLE_S:
            self.delay_s = BACKOFF_MIN_S
        wait_s = self.delay_s
        self.delay_s = min(self.delay_s * 2, BACKOFF_MAX_S)
        return wait_s


@dataclass
class Supervisor:
    """Runs the stages. `changed` is called whenever a process has a new pid; `held` says which file stops a restart."""

    stages: Sequence[Stage]
    changed: Callable[[], None]
    held: Callable[[str], Path]
    started: Callable[[str], None] = lambda name: None
    alongside: Callable[[], Awaitable[None]] | None = None
    """Runs while everything is kept alive, such as the door through which somebody scales it."""
    restarts: dict[str, int] = field(default_factory=dict)
    _keepers: dict[Child, asyncio.Task[None]] = field(default_factory=dict, init=False)
    _group: asyncio.TaskGroup | None = field(default=None, init=False)

    @property
    def children(self) -> list[Child]:
        """Every process that has to stay alive."""
        return [child for stage in self.stages if not stage.job for child in stage.children]

    async def run(self, stop: asyncio.Event, ready: Callable[[], Awaitable[None]]) -> None:
        """Start all stages, call `ready`, keep everything alive until `stop`, then stop it. Raises ChildFailed."""
        try:
            if await _unless(stop, self._start()):
                self.changed()
                await ready()
                await _unless(stop, self._keep_all())
        finally:
            await self._stop()

    async def _start(self) -> None:
        for stage in self.stages:
            try:
                async with asyncio.TaskGroup() as group:
                    for child in stage.children:
                        group.create_task(self._start_one(child, stage.job))
            except* ChildFailed as failed:
                raise failed.exceptions[0] from None

    async def _start_one(self, child: Child, job: bool) -> None:
        await (child.run_once() if job else child.start())
        self.started(child.name)

    async def _keep_all(self) -> None:
        async with asyncio.TaskGroup() as self._group:
            for child in self.children:
                self._keepers[child] = self._group.create_task(self._keep(child))
            self._group.create_task(self._rotate())
            if self.alongside is not None:
                await self.alongside()

    async def add(self, child: Child, stage: str) -> None:
        """Start one more process beside the others of its stage, and keep it alive. Raises ChildFailed."""
        assert self._group is not None
        await child.start()
        self._stage(stage).children.append(child)
        self._keepers[child] = self._group.create_task(self._keep(child))
        self.changed()

    async def remove(self, child: Child, stage: str, grace_s: float) -> bool:
        """Stop a process for good. Returns whether it ended by itself, within its time of grace."""
        keeper = self._keepers.pop(child)
        keeper.cancel()
        await asyncio.wait([keeper])
        in_time = await child.stop(grace_s)
        self._stage(stage).children.remove(child)
        self.changed()
        return in_time

    def _stage(self, name: str) -> Stage:
        return next(stage for stage in self.stages if stage.name == name)

    async def _keep(self, child: Child) -> None:
        """Start a process again for as long as we run. It never gives up: what is broken may be mended outside."""
        backoff = Backoff()
        while True:
            born = time.monotonic()
            code = await child.wait()
            await child.kill()  # what it may have left in its group
            wait_s = backoff.after_life_of(time.monotonic() - born)
            log.error("process_died", process=child.name, exit_code=code, restart_in_ms=round(wait_s * 1000))
            await asyncio.sleep(wait_s)
            await self._until_released(child)
            try:
                await child.spawn()
            except (ChildFailed, OSError) as error:
                log.error("process_not_started", process=child.name, error=type(error).__name__)
                continue
            self.restarts[child.name] = self.restarts.get(child.name, 0) + 1
            log.warning("process_restarted", process=child.name, restarts=self.restarts[child.name])
            self.changed()

    async def _until_released(self, child: Child) -> None:
        while True:
            if not self.held(child.name).exists():
                return
            await asyncio.sleep(HELD_POLL_S)

    async def _rotate(self) -> None:
        while True:
            for stage in self.stages:
                for child in stage.children:
                    child.rotate_log()
            await asyncio.sleep(ROTATE_EVERY_S)

    async def _stop(self) -> None:
        for stage in reversed(self.stages):
            await asyncio.gather(*(child.stop() for child in stage.children))


async def _unless(stop: asyncio.Event, work: Awaitable[None]) -> bool:
    """Do the work, or leave it when `stop` comes first. True when the work was done."""
    doing = asyncio.ensure_future(work)
    stopping = asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait({doing, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if doing.done():
            await doing
            return True
        return False
    finally:
        for task in (doing, stopping):
            task.cancel()
        await asyncio.gather(doing, stopping, return_exceptions=True)
