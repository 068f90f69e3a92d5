"""A run of events as it came from the log, made ready for one transaction: archive rows and what they change."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Final, NamedTuple

import msgspec

from namjai.analytics.domain.change import Change
from namjai.analytics.domain.project import project
from namjai.events import Fact, Stored, codec, subjects
from namjai.events.catalogue import UnknownType
from namjai.runtime.log import Raw


class Archived(NamedTuple):
    """One row of the archive. `id`, `type` and `time` are None when the bytes are no envelope."""

    sequence: int
    stored_at: datetime
    subject: str
    id: str | None
    type: str | None
    member: str
    time: datetime | None
    checksum: bytes
    data: bytes


@dataclass(frozen=True, slots=True)
class Batch:
    """`through` is the sequence of its last event; `malformed` counts what is archived and otherwise ignored.

    `came_from` are the traces that its events were said in.
    """

    archived: list[Archived]
    change: Change
    through: int
    stored_at: datetime
    malformed: int
    came_from: frozenset[str] = frozenset()


class _Header(msgspec.Struct, frozen=True):
    id: str
    type: str
    time: datetime


_HEADER: Final = msgspec.json.Decoder(_Header)


def prepare(raws: Sequence[Raw], zone: tzinfo) -> Batch:
    """Decode and fold. Types of a newer release and bytes that nobody can read are archived, and wait there."""
    archived: list[Archived] = []
    events: list[Stored[Fact]] = []
    malformed = 0
    for raw in raws:
        header: _Header | None = None
        try:
            event = codec.decode(raw.data)
            header = _Header(event.id, event.type, event.time)
            events.append(Stored(raw.sequence, event))
        except UnknownType:
            header = _HEADER.decode(raw.data)
        except codec.Malformed:
            malformed += 1
        archived.append(_archived(raw, header))
    came_from = frozenset(stored.event.traceparent for stored in events if stored.event.traceparent is not None)
    return Batch(archived, project(events, zone), raws[-1].sequence, raws[-1].stored_at, malformed, came_from)


def _archived(raw: Raw, header: _Header | None) -> Archived:
    return Archived(
        raw.sequence,
        raw.stored_at,
        raw.subject,
        header.id if header else None,
        header.type if header else None,
        subjects.member_of(raw.subject),
        header.time if header else None,
        hashlib.sha256(raw.data).digest(),
        raw.data,
    )


async def chunks(events: AsyncIterator[Raw], most: int) -> AsyncGenerator[list[Raw], None]:
    """Events in lists of at most `most`. Closing this closes `events`, too."""
    chunk: list[Raw] = []
    try:
        async for raw in events:
            chunk.append(raw)
            if len(chunk) >= most:
                yield chunk
                chunk = []
        if chunk:
            yield chunk
    finally:
        if isinstance(events, AsyncGenerator):
            await events.aclose()
