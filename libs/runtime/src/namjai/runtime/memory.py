"""Twins of the log, the key store, the timers and the objects in memory; the same suites hold for them."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime, timedelta

from namjai.events import Envelope, Fact, Stored, codec, subjects
from namjai.runtime.errors import Conflict, Duplicate
from namjai.runtime.keyring import Keyring, StoredKey
from namjai.runtime.log import Expect, Raw, known
from namjai.runtime.objects import TTL_S_MAX, NoSuchObject, Object, Sheet, new_id, seal, unseal
from namjai.runtime.timers import Timer


def _matcher(pattern: str) -> re.Pattern[str]:
    """A NATS subject filter as a regular expression."""
    escaped = re.escape(pattern).replace(r"\*", r"[^.]+").replace(r"\>", ">")
    return re.compile(escaped[:-1] + ".+" if escaped.endswith(">") else escaped)


class MemoryLog:
    """The log as a list. A deleted event leaves a gap, as in JetStream."""

    def __init__(self) -> None:
        self._events: list[Raw | None] = []
        self._ids: dict[str, int] = {}

    async def append(self, events: Sequence[Envelope[Fact]], *, expect: Expect | None = None) -> int:
        if not events:
            return 0
        if expect is not None and self._last_on(expect.subject) != expect.sequence:
            raise Conflict
        if len(events) == 1 and events[0].id in self._ids:
            return self._ids[events[0].id]
        if any(event.id in self._ids for event in events):
            raise Duplicate
        encoded = [(subjects.event(event.type, event.subject), codec.encode(event)) for event in events]
        for event, (subject, data) in zip(events, encoded, strict=True):
            self._events.append(Raw(len(self._events) + 1, subject, datetime.now(UTC), data))
            self._ids[event.id] = len(self._events)
        return len(self._events)

    def _last_on(self, pattern: str) -> int:
        return max((raw.sequence for raw in self._matching(pattern, 0)), default=0)

    def _matching(self, pattern: str, after: int) -> list[Raw]:
        matches = _matcher(pattern).fullmatch
        return [raw for raw in self._events[after:] if raw is not None and matches(raw.subject)]

    async def history(self, member: str, *, after: int = 0, at_least: int = 0) -> list[Stored[Fact]]:
        return known(self._matching(subjects.history(member), after))

    async def recent(self, subject: str, since: datetime) -> list[Stored[Fact]]:
        return known([raw for raw in self._matching(subject, 0) if raw.stored_at >= since])

    async def since(self, subject: str, after: int) -> list[Stored[Fact]]:
        return known(self._matching(subject, after))

    async def last(self, filters: Sequence[str]) -> list[Stored[Fact]]:
        newest: dict[str, Raw] = {}
        for pattern in filters:
            for raw in self._matching(pattern, 0):
                newest[raw.subject] = raw
        return known(sorted(newest.values(), key=lambda raw: raw.sequence))

    async def read(self, *, after: int = 0, through: int | None = None) -> AsyncIterator[Raw]:
        for raw in self._events[after:through]:
            if raw is not None:
                yield raw

    async def delete(self, sequence: int) -> bool:
        if not 0 < sequence <= len(self._events) or self._events[sequence - 1] is None:
            return False
        self._events[sequence - 1] = None
        return True

    async def last_sequence(self) -> int:
        return len(self._events)


class MemoryKeyStore:
    """Wrapped keys in a dict."""

    def __init__(self) -> None:
        self._values: dict[str, tuple[bytes, int]] = {}
        self._revision = 0

    async def get(self, member: str) -> tuple[bytes, int] | None:
        return self._values.get(member)

    async def create(self, member: str, value: bytes) -> bool:
        if member in self._values:
            return False
        self._put(member, value)
        return True

    async def replace(self, member: str, value: bytes, revision: int) -> bool:
        if member not in self._values or self._values[member][1] != revision:
            return False
        self._put(member, value)
        return True

    async def shred(self, member: str, revision: int) -> None:
        if member in self._values and self._values[member][1] == revision:
            del self._values[member]

    async def each(self, after: int = 0) -> AsyncIterator[StoredKey]:
        while page := sorted((at, member, value) for member, (value, at) in self._values.items() if at > after):
            for after, member, value in page:
                yield StoredKey(member, value, after)

    def _put(self, member: str, value: bytes) -> None:
        self._revision += 1
        self._values[member] = (value, self._revision)


class MemoryTimers:
    """Timers that come due when a test says what time it is."""

    def __init__(self) -> None:
        self._pending: dict[tuple[str, str], Timer] = {}

    async def schedule(self, timer: Timer) -> None:
        self._pending[timer.service, timer.key] = timer

    async def cancel(self, service: str, key: str) -> None:
        self._pending.pop((service, key), None)

    def due(self, now: datetime) -> list[Timer]:
        """Take out what is due by `now`, earliest first."""
        ripe = sorted((timer for timer in self._pending.values() if timer.due <= now), key=lambda timer: timer.due)
        for timer in ripe:
            del self._pending[timer.service, timer.key]
        return ripe


class MemoryObjects:
    """Sealed objects in a dict."""

    def __init__(self, keyring: Keyring, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._keyring = keyring
        self._clock = clock
        self._kept: dict[str, tuple[Sheet, list[bytes]]] = {}

    async def put(self, member: str, data: bytes, mime: str, ttl_s: float) -> str:
        if (cipher := await self._keyring.cipher_or_new(member)) is None:
            raise NoSuchObject
        object_id = new_id()
        until = self._clock() + timedelta(seconds=min(max(ttl_s, 1.0), TTL_S_MAX))
        self._kept[object_id] = seal(object_id, member, data, mime, until, cipher)
        return object_id

    async def get(self, object_id: str) -> Object:
        if (found := self._kept.get(object_id)) is None:
            raise NoSuchObject
        sheet, sealed = found
        cipher = await self._keyring.cipher(sheet.member)
        if cipher is None or datetime.fromisoformat(sheet.expires) <= self._clock():
            raise NoSuchObject
        return Object(unseal(sheet, sealed, cipher), sheet.mime)

    async def delete(self, object_id: str) -> None:
        self._kept.pop(object_id, None)
