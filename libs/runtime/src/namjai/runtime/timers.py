"""Timers that survive any restart: JetStream holds the message until it is due, then puts it where we consume it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial
from typing import Final, Protocol

import msgspec
from nats.aio.client import Client
from nats.aio.msg import Msg

from namjai.runtime.bus import Requests
from namjai.runtime.delivery import Delivery
from namjai.runtime.durable import ensure_consumer
from namjai.runtime.errors import LogUnavailable, Retry
from namjai.runtime.log import APPEND_DEADLINE_S, READ_DEADLINE_S
from namjai.runtime.logs import correlated, correlation_id, get_logger
from namjai.runtime.metrics import OTHER, BoundedLabel, Metrics
from namjai.runtime.pull import Pull
from namjai.runtime.tracing import UNTRACED, Tracing, traceparent

TIMER_STREAM: Final = "TIMERS"
ROOM: Final = 64
ACK_WAIT_S: Final = 10.0
DELIVERIES_MAX: Final = 100
DRAIN_S: Final = 10.0
CHECK_EVERY_S: Final = 1.0
KINDS_MAX: Final = 20
"""Kinds are words in our own code; the bound is there in case."""

_log = get_logger(__name__)


class Timer(msgspec.Struct, frozen=True, kw_only=True):
    """What comes back when it is due. Nothing personal goes in: ids, kinds and numbers only."""

    service: str
    key: str
    """Names the timer; setting it again moves it, so there is never more than one."""
    kind: str
    member: str
    due: datetime
    facts: dict[str, str] = msgspec.field(default_factory=dict)
    correlationid: str = ""
    """The matter it belongs to; where whoever sets it says nothing, the one at hand."""
    traceparent: str | None = None
    """Who set it, so that the trace of what happens then can be linked to theirs."""


class Timers(Protocol):
    """Set and cancel. Both raise `LogUnavailable` when nobody confirmed."""

    async def schedule(self, timer: Timer) -> None:
        """Have it come back at its due time; an earlier one with the same key is replaced."""
        ...

    async def cancel(self, service: str, key: str) -> None:
        """Take it back, if it has not come yet."""
        ...


class NatsTimers:
    """Timers on the TIMERS stream: one pending schedule per subject."""

    def __init__(self, requests: Requests) -> None:
        self._requests = requests

    async def schedule(self, timer: Timer) -> None:
        timer = msgspec.structs.replace(
            timer, correlationid=timer.correlationid or correlation_id(), traceparent=timer.traceparent or traceparent()
        )
        due = timer.due.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        headers = {"Nats-Schedule": f"@at {due}", "Nats-Schedule-Target": f"timer.{timer.service}.{timer.key}"}
        answer = await self._requests.one(
            f"sched.{timer.service}.{timer.key}",
            msgspec.json.encode(timer),
            deadline_s=APPEND_DEADLINE_S,
            headers=headers,
        )
        _confirm(answer, "schedule")

    async def cancel(self, service: str, key: str) -> None:
        query = json.dumps({"filter": f"sched.{service}.{key}"}).encode()
        answer = await self._requests.one(f"$JS.API.STREAM.PURGE.{TIMER_STREAM}", query, deadline_s=READ_DEADLINE_S)
        _confirm(answer, "cancel")


def _confirm(answer: Msg, what: str) -> None:
    if not answer.data:
        raise LogUnavailable(f"{what}: no stream")
    body = json.loads(answer.data)
    if "error" in body:
        raise LogUnavailable(f"{what}: {body['error'].get('err_code')}")


class TimerConsumer:
    """Hands due timers to one function, at least once; late ones after a pause come in the order of their due time."""

    def __init__(
        self,
        nc: Client,
        service: str,
        on_due: Callable[[Timer], Awaitable[None]],
        metrics: Metrics,
        tracing: Tracing = UNTRACED,
    ) -> None:
        self._nc = nc
        self._service = service
        self._on_due = on_due
        self._metrics = metrics
        self._tracing = tracing
        self._kind = BoundedLabel(KINDS_MAX)

    async def run(self, stop: asyncio.Event) -> None:
        """Consume until `stop`."""
        durable = f"{self._service}-timers"
        ensure = partial(
            ensure_consumer,
            self._nc,
            TIMER_STREAM,
            durable,
            [f"timer.{self._service}.>"],
            ack_wait_s=ACK_WAIT_S,
            deliveries_max=DELIVERIES_MAX,
            room=ROOM,
        )
        pull = Pull(self._nc, TIMER_STREAM, durable, room=ROOM, ensure=ensure)
        await pull.start()
        async with asyncio.TaskGroup() as work:
            keep_up = work.create_task(self._keep_up(pull))
            pump = work.create_task(self._pump(pull))
            await stop.wait()
            await pull.stop()
            keep_up.cancel()
            await asyncio.wait([pump], timeout=DRAIN_S)
            pump.cancel()

    async def _keep_up(self, pull: Pull) -> None:
        while True:
            await asyncio.sleep(CHECK_EVERY_S)
            await pull.check()

    async def _pump(self, pull: Pull) -> None:
        async for msg in pull.messages():
            kind, outcome = await self._ring(msg)
            self._metrics.timers.labels(kind, outcome).inc()
            await pull.done()

    async def _ring(self, msg: Msg) -> tuple[str, str]:
        """Hand over one timer. Returns its kind, and what became of it."""
        delivery, kind = Delivery.of(msg), OTHER
        try:
            timer = msgspec.json.decode(msg.data, type=Timer)
            kind = self._kind(timer.kind)
            self._metrics.pending.labels(f"{self._service}-timers").set(delivery.pending)
            late_s = max(0.0, (datetime.now(UTC) - timer.due).total_seconds())
            self._metrics.timer_late_seconds.labels(kind).observe(late_s)
            span = self._tracing.timer(self._service, kind, set_by=timer.traceparent)
            with correlated(timer.correlationid), span:
                await self._on_due(timer)
        except (Retry, LogUnavailable) as later:
            await delivery.nak(later.after_s if isinstance(later, Retry) else 1.0)
            return kind, "retry"
        except Exception:
            _log.exception("timer_failed", consumer=self._service, attempt=delivery.attempt)
            await delivery.nak(min(30.0, 2.0**delivery.attempt))
            return kind, "error"
        await delivery.ack()
        return kind, "ok"
