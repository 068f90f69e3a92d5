"""The frame round a handler: take, open, call, seal, append, acknowledge; retry or set aside when it fails."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Generic, TypeVar

from nats.aio.client import Client
from nats.aio.msg import Msg

from namjai.events import Envelope, Fact, codec, follow, subjects
from namjai.events.catalogue import UnknownType
from namjai.events.sealed import BadBox
from namjai.runtime.dead import ADVISORY, DEAD_STREAM, DeadLetters, again
from namjai.runtime.delivery import Delivery, enter
from namjai.runtime.durable import BACKOFF_FIRST_S, backoff, ensure_consumer
from namjai.runtime.errors import Conflict, Duplicate, KeysUnavailable, LogUnavailable, Reject, Retry
from namjai.runtime.journal import Journal
from namjai.runtime.keyed import KeyedLocks
from namjai.runtime.log import STREAM
from namjai.runtime.logs import correlated, get_logger
from namjai.runtime.metrics import OTHER, Metrics
from namjai.runtime.pull import Pull
from namjai.runtime.tracing import Tracing, from_traceparent, traceparent

S = TypeVar("S")
Handler = Callable[[Envelope[Any], S], Awaitable[Sequence[Fact]]]
Handlers = Mapping[type[Fact], Handler[S]]

CHECK_EVERY_S: Final = 1.0
SURELY_REMEMBERED_S: Final = 600
"""Well within the stream's duplicate window: for younger causes the log itself falls a repeat to one."""

_log = get_logger(__name__)


@dataclass(frozen=True)
class Limits:
    """How much at once, how long, how often."""

    concurrency: int = 256
    ack_wait_s: float = 10.0
    max_deliveries: int = 100
    drain_s: float = 10.0


class Consumer(Generic[S]):
    """Hands every event of the types in `handlers` to its handler, at least once.

    The facts a handler returns get derived ids, so that handing an event over twice says each of them once.
    With `in_order`, events of one member are handled one after the other in the order they came.
    """

    def __init__(
        self,
        nc: Client,
        journal: Journal,
        dead: DeadLetters,
        metrics: Metrics,
        tracing: Tracing,
        *,
        name: str,
        handlers: Handlers[S],
        service: S,
        limits: Limits,
        in_order: bool = False,
    ) -> None:
        self._nc = nc
        self._journal = journal
        self._dead = dead
        self._metrics = metrics
        self._tracing = tracing
        self._name = name
        self._handlers = handlers
        self._service = service
        self._limits = limits
        self._in_order = in_order
        self._turns = KeyedLocks()
        self._in_flight: set[Delivery] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._stopping = False
        for fact in handlers:  # a rate sees the first event only of a series that was there before it
            metrics.event_age_seconds.labels(name, fact.TYPE)

    async def run(self, stop: asyncio.Event) -> None:
        """Consume until `stop`; then take nothing new, finish what is at hand in the drain time, cancel the rest."""
        filters = sorted({subjects.every(fact.TYPE) for fact in self._handlers})
        events = await self._pull(STREAM, self._name, filters, self._limits.concurrency)
        resent = await self._pull(DEAD_STREAM, f"{self._name}-again", [again(self._name)], 8)
        lost = await self._pull(DEAD_STREAM, f"{self._name}-lost", [f"{ADVISORY}.{STREAM}.{self._name}"], 8)
        pulls = (events, resent, lost)
        async with asyncio.TaskGroup() as work:
            background = [
                work.create_task(self._keep_up(pulls)),
                work.create_task(self._pump(events, self._handle, work)),
                work.create_task(self._pump(resent, self._handle, work)),
                work.create_task(self._pump(lost, self._set_lost_aside, work)),
            ]
            await stop.wait()
            self._stopping = True
            for pull in pulls:
                await pull.stop()
            if self._tasks:
                await asyncio.wait(self._tasks, timeout=self._limits.drain_s)
            for task in background:
                task.cancel()
            for delivery in list(self._in_flight):
                await delivery.nak(0)
            for task in list(self._tasks):
                task.cancel()  # it outlived the drain time; the event is handed over again

    async def _pull(self, stream: str, durable: str, filters: list[str], room: int) -> Pull:
        async def ensure() -> None:
            limits = self._limits
            await ensure_consumer(
                self._nc,
                stream,
                durable,
                filters,
                ack_wait_s=limits.ack_wait_s,
                deliveries_max=limits.max_deliveries,
                room=room,
            )

        pull = Pull(self._nc, stream, durable, room=room, ensure=ensure)
        await pull.start()
        return pull

    async def _pump(self, pull: Pull, handle: Callable[[Msg], Awaitable[None]], work: asyncio.TaskGroup) -> None:
        async def one(msg: Msg) -> None:
            try:
                await handle(msg)
            finally:
                await pull.done()

        async for msg in pull.messages():
            task = work.create_task(one(msg))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _keep_up(self, pulls: Sequence[Pull]) -> None:
        """Heartbeats for long work, and pulls that a lost connection took with it."""
        while True:
            await asyncio.sleep(CHECK_EVERY_S)
            now = time.monotonic()
            for delivery in list(self._in_flight):
                if now - delivery.started > self._limits.ack_wait_s / 3 and self._nc.is_connected:
                    await delivery.in_progress()
            for pull in pulls:
                await pull.check()
            self._metrics.in_flight.labels(self._name).set(len(self._in_flight))

    async def _handle(self, msg: Msg) -> None:
        delivery = Delivery.of(msg)
        self._metrics.pending.labels(self._name).set(delivery.pending)
        self._in_flight.add(delivery)
        try:
            async with self._turn(delivery.member):
                outcome = await self._attempt(delivery)
        except LogUnavailable:
            outcome = "retry"  # NATS could not be told; it hands the event over again after the ack wait
        finally:
            self._in_flight.discard(delivery)
        self._metrics.handled.labels(self._name, _kind(msg), outcome).inc()

    @asynccontextmanager
    async def _turn(self, member: str) -> AsyncIterator[None]:
        """Wait until earlier events of this member are done, if order is asked for."""
        if not self._in_order:
            yield
            return
        async with self._turns(member):
            yield

    async def _attempt(self, delivery: Delivery) -> str:
        try:
            await self._call(delivery)
        except Retry as later:
            return await self._later(delivery, later.reason, later.after_s)
        except (KeysUnavailable, LogUnavailable, Conflict) as down:
            return await self._later(delivery, type(down).__name__, backoff(delivery.attempt))
        except UnknownType as newer:
            # A newer release has said it, and is there beside us or coming: its process can read it.
            return await self._later(delivery, type(newer).__name__, backoff(delivery.attempt))
        except (Reject, BadBox, codec.Malformed) as never:
            reason = never.reason if isinstance(never, Reject) else type(never).__name__
            return await self._set_aside(delivery, reason)
        except Exception as bug:
            _log.exception("handler_failed", consumer=self._name, kind=_kind(delivery.msg), attempt=delivery.attempt)
            return await self._later(delivery, type(bug).__name__, backoff(delivery.attempt), failed="error")
        await delivery.ack()
        return "ok"

    async def _call(self, delivery: Delivery) -> None:
        event = codec.decode(delivery.msg.data)
        if (handler := self._handlers.get(type(event.data))) is None:
            return  # an older version of a type we asked for by its subject, or a resent one nobody handles now
        started = time.perf_counter()
        enter(delivery)
        parent = from_traceparent(event.traceparent)
        span = self._tracing.consumer(
            event.type, message_id=event.id, parent=parent, correlation_id=event.correlationid
        )
        with correlated(event.correlationid), span:
            facts = await handler(await self._journal.open(event), self._service)
            if facts:
                await self._say(event, facts, delivery)
        now = datetime.now(UTC)
        self._metrics.handle_seconds.labels(self._name, event.type).observe(time.perf_counter() - started)
        age_s = max(0.0, (now - event.time).total_seconds())
        self._metrics.event_age_seconds.labels(self._name, event.type).observe(age_s)

    async def _say(self, cause: Envelope[Any], facts: Sequence[Fact], delivery: Delivery) -> None:
        now = datetime.now(UTC)
        here = traceparent()
        events = [
            follow(cause, fact, source=self._name, n=n, time=now, traceparent=here) for n, fact in enumerate(facts)
        ]
        # A redelivery, or the whole log again after it was restored, may come when the log's duplicate window is over.
        late = delivery.attempt > 1 or (now - cause.time).total_seconds() > SURELY_REMEMBERED_S
        if late and await self._said_before(events, delivery.sequence):
            return
        await self.append(events)

    async def _said_before(self, events: Sequence[Envelope[Fact]], after: int) -> bool:
        """Whether the log holds any of these facts; of one decision it has all or none."""
        wanted = {event.id for event in events}
        history = await self._journal.log.history(events[0].subject, after=after)
        return any(stored.event.id in wanted for stored in history)

    async def append(self, events: Sequence[Envelope[Fact]]) -> None:
        """Append facts that stand for themselves; while the log is away, try again until it is back or we stop."""
        attempt = 0
        while True:
            try:
                await self._journal.append(events)
            except Duplicate:
                return
            except LogUnavailable as away:
                attempt += 1
                _log.warning("append_delayed", consumer=self._name, reason=str(away), attempt=attempt)
                if self._stopping:
                    raise
                await asyncio.sleep(backoff(attempt))
            else:
                for event in events:
                    self._metrics.appended.labels(event.type).inc()
                return

    async def _later(self, delivery: Delivery, reason: str, after_s: float, failed: str = "retry") -> str:
        if delivery.attempt >= self._limits.max_deliveries:
            return await self._set_aside(delivery, f"gave up: {reason}")
        await delivery.nak(after_s)
        return failed

    async def _set_aside(self, delivery: Delivery, reason: str) -> str:
        await self._dead.put(self._name, delivery, reason)
        await delivery.term()
        self._metrics.dead.labels(self._name, _kind(delivery.msg), reason.split(":")[0]).inc()
        _log.error("dead_letter", consumer=self._name, kind=_kind(delivery.msg), reason=reason, seq=delivery.sequence)
        return "reject"

    async def _set_lost_aside(self, msg: Msg) -> None:
        """The server gave up on an event (it killed us too often to say so ourselves): nobody would see it again."""
        delivery = Delivery.of(msg)
        advisory = json.loads(msg.data)
        try:
            await self._dead.put_lost(self._name, int(advisory["stream_seq"]), int(advisory["deliveries"]))
        except LogUnavailable:
            await delivery.nak(BACKOFF_FIRST_S)
            return
        self._metrics.dead.labels(self._name, OTHER, "max deliveries").inc()
        _log.error("dead_letter", consumer=self._name, reason="max deliveries", seq=advisory["stream_seq"])
        await delivery.ack()


def _kind(msg: Msg) -> str:
    """`area.fact` of a delivery, as a label: the type, never the member."""
    return ".".join(msg.subject.removeprefix("again.").split(".")[-3:-1])
