"""From a body that LINE signed to events that the log has acknowledged."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from datetime import datetime
from typing import Any, Final
from weakref import WeakValueDictionary

import msgspec
from prometheus_client import Counter

from namjai.events import Envelope, Fact, begin, subjects
from namjai.gateway.domain.line import LineEvent, read_event, split
from namjai.gateway.domain.translate import COUNTED, MALFORMED, cause_of, person_of, translate
from namjai.gateway.ports import Identities
from namjai.runtime.errors import LogUnavailable, Reject
from namjai.runtime.journal import Journal
from namjai.runtime.limiter import LocalLimiter
from namjai.runtime.metrics import BoundedLabel, Metrics
from namjai.runtime.tracing import Tracing

SOURCE: Final = "gateway"
KINDS_MAX: Final = 50
ERASED_TRIES: Final = 3


class TooManyEvents(Exception):
    """The body carries more events than we take at once."""


class Webhook:
    """Takes bodies whose signature was found good. Whoever calls sets the deadline."""

    def __init__(
        self,
        *,
        journal: Journal,
        identities: Identities,
        limiter: LocalLimiter,
        metrics: Metrics,
        tracing: Tracing,
        clock: Callable[[], datetime],
        events_max: int,
    ) -> None:
        self._journal = journal
        self._identities = identities
        self._limiter = limiter
        self._tracing = tracing
        self._clock = clock
        self._events_max = events_max
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._kind = BoundedLabel(KINDS_MAX)
        self._kinds = metrics.counter("webhook_events", "Webhook events by LINE's type.", ("kind",))
        self._throttled = metrics.counter("webhook_throttled", "Webhook events marked as past the person's rate.")
        self._appended = metrics.appended
        self._counted: dict[str, Counter] = {}

    async def accept(self, body: bytes) -> int:
        """Have every event acknowledged by the log, or raise. Returns how many there were.

        Raises `NotAWebhook` or `TooManyEvents`, or `LogUnavailable` / `KeysUnavailable`: then some may be in the log,
        and those fall to one when LINE sends the body again.
        """
        raws = split(body)
        if len(raws) > self._events_max:
            raise TooManyEvents
        received_at = self._clock()
        if len(raws) == 1:
            await self._take(raws[0], read_event(raws[0]), received_at)
        elif raws:
            await self._take_all(raws, received_at)
        return len(raws)

    async def _take_all(self, raws: Sequence[bytes | msgspec.Raw], received_at: datetime) -> None:
        """People at the same time, each person's events one after the other in the body's order."""
        people: dict[str, list[tuple[bytes | msgspec.Raw, LineEvent | None]]] = {}
        work: list[Coroutine[Any, Any, None]] = []
        for raw in raws:
            event = read_event(raw)
            if (person := person_of(event)) is None:
                work.append(self._take(raw, event, received_at))
            else:
                people.setdefault(person, []).append((raw, event))
        work.extend(self._take_in_order(theirs, received_at) for theirs in people.values())
        for outcome in await asyncio.gather(*work, return_exceptions=True):
            if outcome is not None:
                raise outcome

    async def _take_in_order(
        self, theirs: Sequence[tuple[bytes | msgspec.Raw, LineEvent | None]], received_at: datetime
    ) -> None:
        for raw, event in theirs:
            await self._take(raw, event, received_at)

    async def _take(self, raw: bytes | msgspec.Raw, event: LineEvent | None, received_at: datetime) -> None:
        person = person_of(event)
        for _ in range(ERASED_TRIES):
            member = await self._member(person)
            try:
                await self._append(raw, event, member, received_at)
            except Reject:
                # The member is erased, yet we remembered them, or a record was left behind: this is somebody new.
                if person is None:
                    raise
                await self._identities.forget(person, member)
            else:
                return
        raise LogUnavailable("an erasure is under way")

    async def _member(self, person: str | None) -> str:
        """Who it is. At once if we remember, else in turn, so that nobody's events overtake each other."""
        if person is None:
            return subjects.NOBODY
        if person not in self._turns and (member := self._identities.known(person)) is not None:
            return member
        turn = self._turns.setdefault(person, asyncio.Lock())
        async with turn:
            member = await self._identities.resolve(person)
            await self._journal.keyring.cipher_or_new(member)
        return member

    async def _append(
        self, raw: bytes | msgspec.Raw, event: LineEvent | None, member: str, received_at: datetime
    ) -> None:
        throttled = event is not None and event.type in COUNTED and self._is_too_fast(member)
        fact = translate(event, raw, received_at=received_at, throttled=throttled)
        envelope: Envelope[Fact] = begin(
            fact, source=SOURCE, cause=cause_of(event, raw), member=member, time=received_at
        )
        with self._tracing.producer(fact.TYPE, message_id=envelope.id, correlation_id=envelope.id):
            await self._journal.append([envelope])
        self._count(MALFORMED if event is None else event.type, fact.TYPE, throttled)

    def _is_too_fast(self, member: str) -> bool:
        return member != subjects.NOBODY and not self._limiter.hit(member).allowed

    def _count(self, kind: str, event_type: str, throttled: bool) -> None:
        for counter, label in ((self._kinds, self._kind(kind)), (self._appended, event_type)):
            child = self._counted.get(label)
            if child is None:
                child = self._counted[label] = counter.labels(label)
            child.inc()
        if throttled:
            self._throttled.inc()
