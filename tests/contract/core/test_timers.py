"""Timers come back when they are due, once, also after a restart; a newer one replaces, a cancelled one stays away."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from nats.aio.client import Client
from opentelemetry.sdk.trace import TracerProvider

from namjai.runtime.bus import Requests
from namjai.runtime.errors import Retry
from namjai.runtime.logs import correlated
from namjai.runtime.memory import MemoryTimers
from namjai.runtime.metrics import Metrics
from namjai.runtime.timers import NatsTimers, Timer, TimerConsumer, Timers
from namjai.runtime.tracing import Tracing, from_traceparent, traceparent

PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def timer(member: str, in_s: float, key: str = "a") -> Timer:
    due = datetime.now(UTC) + timedelta(seconds=in_s)
    return Timer(service=f"t{member}", key=f"{member}-{key}", kind="test", member=member, due=due)


class Clock:
    """Gathers what comes due, from either implementation."""

    def __init__(self, timers: Timers, nc: Client, member: str) -> None:
        self.timers, self._nc, self._member = timers, nc, member
        self.rung: list[str] = []
        self.fail_once = False

    async def ring(self, due: Timer) -> None:
        if self.fail_once:
            self.fail_once = False
            raise Retry("not now", 0.05)
        self.rung.append(due.key.rsplit("-", 1)[-1])

    async def listen(self, for_s: float) -> list[str]:
        if isinstance(self.timers, MemoryTimers):
            for due in self.timers.due(datetime.now(UTC) + timedelta(seconds=for_s)):
                await self.ring(due)
            return self.rung
        stop = asyncio.Event()
        async with asyncio.TaskGroup() as work:
            work.create_task(TimerConsumer(self._nc, f"t{self._member}", self.ring, Metrics("t")).run(stop))
            await asyncio.sleep(for_s)
            stop.set()
        return self.rung


@pytest.fixture(params=["memory", "nats"])
def clock(request: pytest.FixtureRequest, requests: Requests, nc: Client, member: str) -> Clock:
    timers: Timers = MemoryTimers() if request.param == "memory" else NatsTimers(requests)
    return Clock(timers, nc, member)


async def test_a_timer_comes_back_when_it_is_due(clock: Clock, member: str) -> None:
    await clock.timers.schedule(timer(member, 0.4))
    assert await clock.listen(2.0) == ["a"]


async def test_setting_it_again_moves_it(clock: Clock, member: str) -> None:
    await clock.timers.schedule(timer(member, 0.3))
    await clock.timers.schedule(timer(member, 60))
    assert await clock.listen(1.5) == []


async def test_a_cancelled_timer_stays_away(clock: Clock, member: str) -> None:
    await clock.timers.schedule(timer(member, 0.3))
    await clock.timers.cancel(f"t{member}", f"{member}-a")
    await clock.timers.cancel(f"t{member}", f"{member}-never-set")
    assert await clock.listen(1.5) == []


async def test_one_that_was_due_while_nobody_listened_is_not_lost(clock: Clock, member: str) -> None:
    await clock.timers.schedule(timer(member, 0.2, "late"))
    await asyncio.sleep(1.5)
    assert await clock.listen(1.0) == ["late"]


async def test_a_failure_brings_it_back(requests: Requests, nc: Client, member: str) -> None:
    clock = Clock(NatsTimers(requests), nc, member)
    clock.fail_once = True
    await clock.timers.schedule(timer(member, 0.1))
    assert await clock.listen(2.5) == ["a"]


async def test_a_timer_brings_back_the_matter_and_the_trace_that_it_was_set_in(
    requests: Requests, nc: Client, member: str
) -> None:
    came: list[Timer] = []
    stop = asyncio.Event()

    async def ring(due: Timer) -> None:
        came.append(due)
        stop.set()

    tracing = Tracing(TracerProvider(shutdown_on_exit=False).get_tracer("t"))
    with correlated("c-1"), tracing.consumer("a.b.v1", message_id="e", parent=from_traceparent(PARENT)):
        here = traceparent()
        await NatsTimers(requests).schedule(timer(member, 0.1))
    async with asyncio.timeout(5):
        await TimerConsumer(nc, f"t{member}", ring, Metrics("t")).run(stop)
    assert [(due.correlationid, due.traceparent) for due in came] == [("c-1", here)]
    assert here is not None
    assert here.split("-")[1] == PARENT.split("-")[1]
