"""A voice message is read once, by one replica, and by another if that one dies over it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

from namjai.chat.domain.state import State
from namjai.events import Envelope, Fact, Sealed
from namjai.events.media import MediaTranscribed
from namjai.events.message import MessageReceived
from tests.integration.chat.conftest import RULES, Desk

HEARS = replace(RULES, perceives=frozenset({"audio"}))


@dataclass
class Held:
    """A lease that two replicas share, as they share Redis."""

    members: set[str] = field(default_factory=set)

    @asynccontextmanager
    async def __call__(self, member: str) -> AsyncIterator[bool]:
        mine = member not in self.members
        if mine:
            self.members.add(member)
        try:
            yield mine
        finally:
            if mine:
                self.members.discard(member)


@dataclass
class Ear:
    """Understands one sentence, when it is allowed to; counts how often it was asked to listen."""

    listened: int = 0
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    go_on: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, event: Envelope[MessageReceived], state: State) -> Fact:
        self.listened += 1
        self.begun.set()
        await self.go_on.wait()
        return MediaTranscribed(
            message=event.id,
            message_id=event.data.message_id,
            kind="audio",
            text=Sealed("I had a drink tonight"),
            received_at=event.data.received_at,
        )


async def test_two_replicas_listen_once_to_one_voice(desk: Desk, member: str) -> None:
    lease, ear, other = Held(), Ear(), Ear()
    async with (
        desk.replica(HEARS, lease=lease, senses=ear),
        desk.replica(HEARS, lease=lease, senses=other),
    ):
        voice = await desk.write(member, "", kind="audio")
        await _either(ear, other)
        await asyncio.sleep(0.8)  # the other one is told of it, and looks again after half a second
        ear.go_on.set()
        other.go_on.set()
        heard = await _heard(desk, member)
        await desk.judge(voice)
        (reply,) = await desk.replies(member, 1)
    assert ear.listened + other.listened == 1
    assert [fact.data.message for fact in heard] == [voice.id]
    assert reply.data.answers == (voice.id,)


async def test_a_voice_whose_reader_dies_is_read_by_the_other(desk: Desk, member: str) -> None:
    lease, deaf, ear = Held(), Ear(), Ear()
    ear.go_on.set()
    async with desk.replica(HEARS, lease=lease, senses=deaf):
        voice = await desk.write(member, "", kind="audio")
        await _either(deaf)
        async with desk.replica(HEARS, lease=lease, senses=ear):
            await asyncio.sleep(0.3)
            assert ear.listened == 0
            lease.members.discard(member)  # as a lease ends by itself when its holder is gone
            (heard,) = await _heard(desk, member)
            await desk.judge(voice)
            (reply,) = await desk.replies(member, 1)
            deaf.go_on.set()  # and whoever was only slow finds that it has been read
    assert (ear.listened, heard.data.message, reply.data.answers) == (1, voice.id, (voice.id,))
    assert len(await desk.facts(member, MediaTranscribed)) == 1


async def _either(*ears: Ear) -> None:
    """Until one of them listens."""
    async with asyncio.timeout(5):
        while not any(ear.begun.is_set() for ear in ears):
            await asyncio.sleep(0.01)


async def _heard(desk: Desk, member: str) -> list[Envelope[MediaTranscribed]]:
    async with asyncio.timeout(8):
        while not (heard := await desk.facts(member, MediaTranscribed)):
            await asyncio.sleep(0.01)
    return heard
