"""The log: the only truth. Append with an expected sequence, read a member's history, read from a place on."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from time import monotonic
from typing import Any, Final, NamedTuple, Protocol

import msgspec
from nats.aio.msg import Msg

from namjai.events import Envelope, Fact, Stored, codec, subjects
from namjai.events.catalogue import UnknownType
from namjai.runtime.bus import Requests
from namjai.runtime.errors import Conflict, Duplicate, LogUnavailable
from namjai.runtime.own_writes import OwnWrites

STREAM: Final = "EVENTS"
APPEND_DEADLINE_S: Final = 2.0
READ_DEADLINE_S: Final = 2.0
PAGE_EVENTS: Final = 500
CLOCKS_APART: Final = timedelta(seconds=60)
LOOK_AGAIN_FIRST_S: Final = 0.001
LOOK_AGAIN_MAX_S: Final = 0.05
SCAN_EVENTS_MAX: Final = 1_000
"""Up to so many events a scan is cheaper than asking for each subject (measured: 0.1 ms against 0.25 ms)."""
BATCH_EVENTS_MAX: Final = 100

_WRONG_LAST_SEQUENCE: Final = (10071, 10164)
_DUPLICATE_IN_BATCH: Final = 10201


class Expect(NamedTuple):
    """Append only if the last event on `subject` (wildcards allowed) has this sequence; 0 means there is none."""

    subject: str
    sequence: int


class Raw(NamedTuple):
    """One event as stored: its place, subject, time of storing and bytes."""

    sequence: int
    subject: str
    stored_at: datetime
    data: bytes


class Log(Protocol):
    """What services need of the log. `NatsLog` and `MemoryLog` pass the same suite."""

    async def append(self, events: Sequence[Envelope[Fact]], *, expect: Expect | None = None) -> int:
        """Append sealed events, all or none. Returns the sequence of the last one.

        Raises `Conflict`, `Duplicate` (a batch that is in the log already) or `LogUnavailable`.
        A single event that is in the log already is no error: the sequence of the first copy comes back.
        """
        ...

    async def history(self, member: str, *, after: int = 0, at_least: int = 0) -> list[Stored[Fact]]:
        """A member's events with a sequence above `after`, oldest first; types we do not know are left out.

        `at_least` is a sequence the caller knows to exist: a replica that lags behind it is asked again, for a while;
        then it is `LogUnavailable`. What this process appended itself is always in, here and in the reads below.
        """
        ...

    async def recent(self, subject: str, since: datetime) -> list[Stored[Fact]]:
        """The events on a subject that were stored since a time, oldest first."""
        ...

    async def since(self, subject: str, after: int) -> list[Stored[Fact]]:
        """The events on a subject (wildcards allowed) with a sequence above `after`, oldest first."""
        ...

    async def last(self, filters: Sequence[str]) -> list[Stored[Fact]]:
        """The newest event of each subject that a filter matches, oldest first."""
        ...

    def read(self, *, after: int = 0, through: int | None = None) -> AsyncIterator[Raw]:
        """Every event with a sequence above `after`, up to `through` or to what is there now."""
        ...

    async def delete(self, sequence: int) -> bool:
        """Take one event out and overwrite its bytes. False when it is not there."""
        ...

    async def last_sequence(self) -> int:
        """The sequence of the newest event; 0 for an empty log."""
        ...


class _PubAck(msgspec.Struct):
    seq: int = 0
    error: dict[str, Any] | None = None
    duplicate: bool = False


_PUB_ACK: Final = msgspec.json.Decoder(_PubAck)


def _sequence(msg: Msg) -> int:
    if (msg.headers or {}).get("Status") == "503":
        raise LogUnavailable("no stream")
    ack = _PUB_ACK.decode(msg.data)
    if ack.error is None:
        return ack.seq
    code = ack.error.get("err_code")
    if code in _WRONG_LAST_SEQUENCE:
        raise Conflict
    if code == _DUPLICATE_IN_BATCH:
        raise Duplicate
    raise LogUnavailable(f"refused with {code}")


def _status(msg: Msg) -> str | None:
    return msg.headers.get("Status") if msg.headers and not msg.data else None


def raw_of(msg: Msg) -> Raw:
    """A direct-get answer as a stored event."""
    headers = msg.headers or {}
    stored_at = datetime.fromisoformat(headers["Nats-Time-Stamp"])  # nanoseconds, without the zeros at their end
    return Raw(int(headers["Nats-Sequence"]), headers["Nats-Subject"], stored_at, msg.data)


def known(raws: Sequence[Raw]) -> list[Stored[Fact]]:
    """Decode; a type of a newer release is left to those who know it."""
    stored: list[Stored[Fact]] = []
    for raw in raws:
        try:
            stored.append(Stored(raw.sequence, codec.decode(raw.data)))
        except UnknownType:
            continue
    return stored


async def _patiently() -> AsyncIterator[None]:
    """Now, and again after pauses that grow, as long as a read may take: a replica that lags catches up in a moment."""
    until, pause_s = monotonic() + READ_DEADLINE_S, LOOK_AGAIN_FIRST_S
    yield
    while monotonic() < until:
        await asyncio.sleep(pause_s)
        pause_s = min(pause_s * 2, LOOK_AGAIN_MAX_S)
        yield


class NatsLog:
    """The log on a JetStream stream."""

    def __init__(self, requests: Requests, stream: str = STREAM) -> None:
        self._requests = requests
        self._stream = stream
        self._direct = f"$JS.API.DIRECT.GET.{stream}"
        self._own = OwnWrites()

    async def append(self, events: Sequence[Envelope[Fact]], *, expect: Expect | None = None) -> int:
        if not events:
            return 0
        if len(events) > BATCH_EVENTS_MAX:
            raise ValueError(f"a decision of more than {BATCH_EVENTS_MAX} facts is a mistake")
        first = self._headers(events[0], expect)
        if len(events) == 1:
            return await self._publish(events[0], first)
        batch = {"Nats-Batch-Id": uuid.uuid4().hex}
        await self._requests.one(
            subjects.event(events[0].type, events[0].subject),
            codec.encode(events[0]),
            deadline_s=APPEND_DEADLINE_S,
            headers={**first, **batch, "Nats-Batch-Sequence": "1"},
        )
        for n, event in enumerate(events[1:-1], start=2):
            await self._requests.one(
                subjects.event(event.type, event.subject),
                codec.encode(event),
                deadline_s=APPEND_DEADLINE_S,
                headers={**self._headers(event), **batch, "Nats-Batch-Sequence": str(n)},
            )
        commit = {"Nats-Batch-Sequence": str(len(events)), "Nats-Batch-Commit": "1"}
        return await self._publish(events[-1], {**self._headers(events[-1]), **batch, **commit})

    def _headers(self, event: Envelope[Fact], expect: Expect | None = None) -> dict[str, str]:
        headers = {"Nats-Msg-Id": event.id}
        if event.traceparent is not None:
            headers["traceparent"] = event.traceparent  # for whoever follows a trace without reading our envelopes
        if expect is not None:
            headers["Nats-Expected-Last-Subject-Sequence"] = str(expect.sequence)
            headers["Nats-Expected-Last-Subject-Sequence-Subject"] = expect.subject
        return headers

    async def _publish(self, event: Envelope[Fact], headers: dict[str, str]) -> int:
        subject = subjects.event(event.type, event.subject)
        answer = await self._requests.one(subject, codec.encode(event), deadline_s=APPEND_DEADLINE_S, headers=headers)
        sequence = _sequence(answer)
        self._own.note(subject, sequence)
        return sequence

    async def history(self, member: str, *, after: int = 0, at_least: int = 0) -> list[Stored[Fact]]:
        subject = subjects.history(member)
        wanted = max(at_least, self._own.newest(subject))
        if 0 < wanted - after <= SCAN_EVENTS_MAX:
            # Everything in one pass of the server over the stream: cheap where that is near its end.
            raws = await self._pages(subject, {"seq": after + 1})
            if raws and raws[-1].sequence >= wanted:
                return known(raws)
        # That event was deleted, or the replica that answered lags; what follows can tell the one from the other.
        async for _ in _patiently():
            gathered, through = await self._gathered(subject, after)
            if gathered is not None and through >= wanted:
                return known(gathered)
        raise LogUnavailable("the replicas do not agree yet")

    async def _gathered(self, subject: str, after: int) -> tuple[list[Raw] | None, int]:
        """Look which subjects of the story changed, then read only those, each through the server's index.

        The cost does not grow with what others have said in the meantime. What came after the look is left out, or a
        later event could be returned without an earlier one. None when a replica lags behind the first one asked.
        Also returns how far that one had come.
        """
        heads, upto = await self._heads(subject)
        changed = [head for head in heads if head.sequence > after]
        stories = await asyncio.gather(*(self._pages(head.subject, {"seq": after + 1}) for head in changed))
        for head, story in zip(changed, stories, strict=True):
            if head.sequence not in {raw.sequence for raw in story}:
                return None, upto  # or it was deleted in between, and will not be a head at the next look
        return sorted(raw for story in stories for raw in story if raw.sequence <= upto), upto

    async def _heads(self, subject: str) -> tuple[list[Raw], int]:
        """The newest event of each subject, and the last sequence of the stream at that moment."""
        query = {"multi_last": [subject], "batch": PAGE_EVENTS}
        *found, end = await self._requests.many(
            self._direct, json.dumps(query).encode(), last=lambda msg: bool(_status(msg)), deadline_s=READ_DEADLINE_S
        )
        if _status(end) not in ("204", "404"):
            raise LogUnavailable(f"direct get answered {_status(end)}")
        heads = [raw_of(msg) for msg in found]
        newest = max((head.sequence for head in heads), default=0)
        return heads, int((end.headers or {}).get("Nats-UpTo-Sequence", newest))

    async def recent(self, subject: str, since: datetime) -> list[Stored[Fact]]:
        start: dict[str, Any] = {"start_time": since.astimezone(UTC).isoformat().replace("+00:00", "Z")}
        # What we wrote about then may have been stored before or after: the server's clock decides, and not ours.
        long_ago = datetime.now(UTC) - since > CLOCKS_APART
        newest = self._own.newest(subject) if long_ago else 0
        return known(await self._with_our_own(partial(self._pages, subject, start), newest))

    async def since(self, subject: str, after: int) -> list[Stored[Fact]]:
        newest = self._own.newest(subject)
        read = partial(self._pages, subject, {"seq": after + 1})
        return known(await self._with_our_own(read, newest if newest > after else 0))

    async def _with_our_own(self, read: Callable[[], Awaitable[list[Raw]]], newest: int) -> list[Raw]:
        """Read until our newest event is in it: a copy has what came before an event if it has the event."""
        async for _ in _patiently():
            raws = await read()
            if not newest or any(raw.sequence >= newest for raw in raws):
                return raws
        raise LogUnavailable("a replica lags behind what we have written")

    async def _pages(self, subject: str, start: dict[str, Any]) -> list[Raw]:
        raws: list[Raw] = []
        while True:
            page, more = await self._get({**start, "next_by_subj": subject, "batch": PAGE_EVENTS})
            raws.extend(page)
            if not more:
                return raws
            start = {"seq": page[-1].sequence + 1}

    async def _get(self, query: dict[str, Any]) -> tuple[list[Raw], bool]:
        messages = await self._requests.many(
            self._direct, json.dumps(query).encode(), last=lambda msg: bool(_status(msg)), deadline_s=READ_DEADLINE_S
        )
        if _status(messages[-1]) not in ("204", "404"):
            raise LogUnavailable(f"direct get answered {_status(messages[-1])}")
        pending = int((messages[-1].headers or {}).get("Nats-Num-Pending", "0"))
        return [raw_of(msg) for msg in messages[:-1]], pending > 0 and len(messages) > 1

    async def last(self, filters: Sequence[str]) -> list[Stored[Fact]]:
        async def read() -> list[Raw]:
            return (await self._get({"multi_last": list(filters), "batch": PAGE_EVENTS}))[0]

        return known(await self._with_our_own(read, self._own.newest(*filters)))

    async def read(self, *, after: int = 0, through: int | None = None) -> AsyncIterator[Raw]:
        end = await self.last_sequence() if through is None else through
        while after < end:
            query = {"seq": after + 1, "next_by_subj": subjects.EVENTS, "batch": PAGE_EVENTS}
            page, more = await self._get(query)
            for raw in page:
                if raw.sequence > end:
                    return
                yield raw
            if not more:
                return
            after = page[-1].sequence

    async def delete(self, sequence: int) -> bool:
        self._own.forget(sequence)
        answer = await self._api(f"$JS.API.STREAM.MSG.DELETE.{self._stream}", {"seq": sequence})
        return bool(answer.get("success"))

    async def last_sequence(self) -> int:
        answer = await self._api(f"$JS.API.STREAM.INFO.{self._stream}", {})
        if "state" not in answer:
            raise LogUnavailable("no stream")
        return int(answer["state"]["last_seq"])

    async def _api(self, subject: str, query: dict[str, Any]) -> dict[str, Any]:
        msg = await self._requests.one(subject, json.dumps(query).encode(), deadline_s=READ_DEADLINE_S)
        if _status(msg) == "503":
            raise LogUnavailable("no stream")
        answer: dict[str, Any] = json.loads(msg.data)
        return answer
