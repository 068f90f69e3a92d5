"""A run of raw events is made ready: checksums, heads of what we do not know, and lists of bounded length."""

import hashlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime

from namjai.analytics.batch import chunks, prepare
from namjai.events import begin, codec
from namjai.events.message import MessageRemoved
from namjai.runtime.log import Raw

NOW = datetime(2026, 1, 1, tzinfo=UTC)


async def endless() -> AsyncIterator[Raw]:
    n = 0
    while True:
        n += 1
        yield Raw(n, "evt.a.b.m", NOW, b"")


def test_an_event_is_archived_with_its_bytes_and_their_checksum() -> None:
    fact = MessageRemoved(message_id="1", event="e0", sequence=3)
    event = begin(fact, source="chat", cause="c", member="m1", time=NOW)
    data = codec.encode(event)
    batch = prepare([Raw(7, "evt.message.removed.m1", NOW, data)], UTC)
    [row] = batch.archived
    assert row == (
        7,
        NOW,
        "evt.message.removed.m1",
        event.id,
        fact.TYPE,
        "m1",
        NOW,
        hashlib.sha256(data).digest(),
        data,
    )
    assert [removed.sequence for removed in batch.change.removed] == [3]
    assert (batch.through, batch.stored_at, batch.malformed) == (7, NOW, 0)


def test_bytes_that_nobody_can_read_are_archived_and_counted() -> None:
    batch = prepare([Raw(1, "evt.message.received.m1", NOW, b"{")], UTC)
    assert (batch.archived[0].id, batch.archived[0].member, batch.malformed) == (None, "m1", 1)


async def test_chunks_are_full_and_take_no_more_than_was_asked_for() -> None:
    source = endless()
    runs = chunks(source, 3)
    assert [raw.sequence for raw in await anext(runs)] == [1, 2, 3]
    assert [raw.sequence for raw in await anext(runs)] == [4, 5, 6]
    await runs.aclose()
    assert await anext(source, None) is None
