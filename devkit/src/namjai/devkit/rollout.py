"""Adds, takes away and replaces processes of a running stack, one after the other, as a Deployment does.

Like `maxSurge: 1, maxUnavailable: 0`: a new process must be ready before an old one is told to end, and the next one
is not touched before the old one is gone.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence

import msgspec

from namjai.devkit.child import ChildFailed
from namjai.devkit.stack import REPLICAS_MAX, RUNNING_STAGE, Service, Stack
from namjai.devkit.supervisor import Supervisor
from namjai.runtime.provision import SERVICES

GRACE_S = 20.0
"""A process that is stopped with everything else has less: somebody waits at a keyboard."""


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One process that came or went."""

    process: str
    started_pid: int | None = None
    ready_s: float | None = None
    """From its start until it said that it is ready."""
    ended_pid: int | None = None
    ended_s: float | None = None
    """From the signal to its end."""
    killed: bool = False
    """It did not end in time."""


class Rollout:
    """What may be done to the services of one run; one thing at a time."""

    def __init__(self, stack: Stack, supervisor: Supervisor) -> None:
        self._stack = stack
        self._supervisor = supervisor
        self._busy = asyncio.Lock()

    async def scale(self, wanted: Mapping[str, int]) -> AsyncIterator[Step]:
        """Have so many processes of each service, all at once. The newest leave. Raises ChildFailed."""
        async with self._alone():
            have = {each.name for each in self._stack.services}
            whole = [self._stack.another(service, n) for service, number in wanted.items() for n in range(number)]
            come = [self._start(new) for new in whole if new.name not in have]
            go = [self._end(old) for old in self._stack.services if old.replica >= wanted.get(old.of, REPLICAS_MAX)]
            for step in asyncio.as_completed([*come, *go]):
                yield await step

    async def roll(self, services: Sequence[str]) -> AsyncIterator[Step]:
        """Replace every process of these services by a new one. Raises ChildFailed; then the old one is still there."""
        async with self._alone():
            for service in services or SERVICES:
                for old in self._of(service):
                    came = await self._start(self._stack.another(service, old.replica))
                    gone = await self._end(old)
                    yield msgspec.structs.replace(
                        came, ended_pid=gone.ended_pid, ended_s=gone.ended_s, killed=gone.killed
                    )

    def _alone(self) -> asyncio.Lock:
        if self._busy.locked():
            raise ChildFailed("somebody else is scaling or replacing processes just now")
        return self._busy

    def _of(self, service: str) -> list[Service]:
        return sorted((each for each in self._stack.services if each.of == service), key=lambda each: each.replica)

    async def _start(self, new: Service) -> Step:
        began = time.monotonic()
        await self._supervisor.add(new.child, RUNNING_STAGE)
        took_s = time.monotonic() - began
        # Who looks into run.json finds the new one from now on, also while an old one of the same name is still there.
        self._stack.services[:] = [each for each in self._stack.services if each.name != new.name] + [new]
        self._supervisor.changed()
        return Step(process=new.name, started_pid=new.child.last_pid, ready_s=round(took_s, 2))

    async def _end(self, old: Service) -> Step:
        began, pid = time.monotonic(), old.child.last_pid
        in_time = await self._supervisor.remove(old.child, RUNNING_STAGE, GRACE_S)
        self._stack.services[:] = [each for each in self._stack.services if each is not old]
        self._supervisor.changed()
        took_s = time.monotonic() - began
        return Step(process=old.name, ended_pid=pid, ended_s=round(took_s, 2), killed=not in_time)
