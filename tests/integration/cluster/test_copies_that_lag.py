"""Whoever reads through a copy of the log that is a moment behind sees what they wrote, and whom they were told of.

Each test makes hundreds of reads right after a write: without care about a fifth of those over a follower miss it.
"""

import secrets
from datetime import UTC, datetime, timedelta

import pytest
from nats.aio.client import Client

from namjai.events import Envelope, Fact, begin, subjects
from namjai.events.message import MessageUnsent
from namjai.runtime.bus import Requests
from namjai.runtime.keyring import BUCKET, Keyring, MasterKeys, NatsKeyStore
from namjai.runtime.log import NatsLog

TIMES = 60


@pytest.fixture
def member() -> str:
    return "m" + secrets.token_hex(8)


@pytest.fixture
async def logs(connections: list[Client]) -> list[NatsLog]:
    return [NatsLog(await Requests.open(nc)) for nc in connections]


@pytest.fixture
async def keyrings(connections: list[Client]) -> list[Keyring]:
    keys = MasterKeys({"k": b"k" * 32})
    return [Keyring(NatsKeyStore(nc.jetstream(), await nc.jetstream().key_value(BUCKET)), keys) for nc in connections]


def event(member: str, n: int) -> Envelope[Fact]:
    fact = MessageUnsent(webhook_event_id=f"{n}", message_id=f"{n}", received_at=datetime.now(UTC))
    return begin(fact, source="tests", cause=f"{member}{n}", member=member, time=datetime.now(UTC))


async def test_every_kind_of_read_shows_what_this_process_wrote(logs: list[NatsLog], member: str) -> None:
    subject, before = subjects.event(MessageUnsent.TYPE, member), datetime.now(UTC) - timedelta(hours=1)
    written = 0
    for log in logs:
        for n in range(written, written + TIMES):
            sequence = await log.append([event(member, n)])
            newest = [
                await log.last([subject]),
                await log.since(subject, 0),
                await log.recent(subject, before),
                await log.history(member),
            ]
            assert [stored[-1].sequence for stored in newest] == [sequence] * len(newest)
        written += TIMES
    assert len(await logs[0].history(member)) == written


async def test_a_story_is_read_as_far_as_we_were_told(logs: list[NatsLog], member: str) -> None:
    after = 0
    for n in range(TIMES):
        told = await logs[n % 3].append([event(member, n)])
        for log in logs:
            assert [stored.sequence for stored in await log.history(member, after=after, at_least=told)] == [told]
        after = told


async def test_what_was_taken_out_is_not_waited_for(logs: list[NatsLog], member: str) -> None:
    first = await logs[0].append([event(member, 1)])
    second = await logs[0].append([event(member, 2)])
    await logs[1].delete(second)
    for log in logs:
        assert [stored.sequence for stored in await log.history(member, at_least=second)] == [first]


async def test_a_key_that_another_process_has_just_made_is_found(keyrings: list[Keyring], member: str) -> None:
    for n in range(TIMES):
        person = f"{member}{n}"
        made = await keyrings[n % 3].cipher_or_new(person)
        assert made is not None
        box = made.encrypt(b"n" * 12, b"hello", None)
        for keyring in keyrings:
            found = await keyring.cipher(person)
            assert found is not None, "this person would pass for erased"
            assert found.decrypt(b"n" * 12, box, None) == b"hello"
