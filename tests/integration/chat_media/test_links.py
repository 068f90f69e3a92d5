"""What chat makes for LINE is sealed, offered by a link that the gateway opens, and gone with its person."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from namjai.chat.adapters.links import MediaLinks, media_links
from namjai.chat.ports import Attachment, MediaDoor, MediaUnavailable
from namjai.chat.settings import ChatSettings
from namjai.devkit.line.check import PUSH, examine
from namjai.devkit.testing import nats_server
from namjai.runtime.bus import Requests, connect
from namjai.runtime.keyring import Keyring, MasterKeys
from namjai.runtime.media_links import object_of
from namjai.runtime.memory import MemoryKeyStore, MemoryObjects
from namjai.runtime.objects import NatsObjects
from namjai.runtime.provision import provision

SECRET = "a secret of the tests that is long enough"
VOICE = Attachment(b"voice", "audio/mp4")


class Clock:
    """Time that moves only when told."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def keyring() -> Keyring:
    return Keyring(MemoryKeyStore(), MasterKeys({"k": b"k" * 32}))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def objects(keyring: Keyring, clock: Clock) -> MemoryObjects:
    return MemoryObjects(keyring, clock)


def door_of(objects: MemoryObjects, clock: Clock, **more: Any) -> MediaLinks:
    given: dict[str, Any] = {"public_url": "https://namjai.example/", "media_secret": SECRET, **more}
    made = media_links(ChatSettings(**given), objects, clock)
    assert made is not None
    door: MediaDoor = made  # it is the port that skills know
    assert isinstance(door, MediaLinks)
    return door


async def test_a_link_leads_to_what_was_put_and_ends_with_it(objects: MemoryObjects, clock: Clock) -> None:
    url = await door_of(objects, clock, media_link_hours=2).put("m1", VOICE)
    base, _, token = url.rpartition("/")
    assert base == "https://namjai.example/media"
    object_id = object_of(SecretStr(SECRET), token, clock())
    assert object_id is not None
    assert await objects.get(object_id) == (b"voice", "audio/mp4")
    clock.now += timedelta(hours=2, seconds=1)
    assert object_of(SecretStr(SECRET), token, clock()) is None


async def test_line_takes_the_link_in_a_message(objects: MemoryObjects, clock: Clock) -> None:
    url = await door_of(objects, clock).put("m1", VOICE)
    audio = {"type": "audio", "originalContentUrl": url, "duration": 1_000}
    assert examine({"to": "U" + "a" * 32, "messages": [audio]}, PUSH) == []


async def test_an_erased_person_gets_no_link(objects: MemoryObjects, clock: Clock, keyring: Keyring) -> None:
    await keyring.cipher_or_new("m1")
    await keyring.destroy("m1")
    with pytest.raises(MediaUnavailable):
        await door_of(objects, clock).put("m1", VOICE)


async def test_a_store_that_is_away_costs_the_sound_and_nothing_else(
    tmp_path: Path, keyring: Keyring, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("namjai.runtime.objects.CALL_DEADLINE_S", 0.5)
    async with nats_server(tmp_path, sync_interval="2m") as server:
        nc = await connect(server.url, name="tests")
        await provision(nc)
        store = NatsObjects(await Requests.open(nc), keyring)
        door = MediaLinks(store, SecretStr(SECRET), "https://namjai.example", life=timedelta(hours=1), clock=clock)
        assert (await door.put("m1", VOICE)).startswith("https://namjai.example/media/")
        await server.kill()
        with pytest.raises(MediaUnavailable):
            await door.put("m1", VOICE)
        await nc.close()


def test_without_an_address_there_is_no_door(objects: MemoryObjects, clock: Clock) -> None:
    assert media_links(ChatSettings(), objects, clock) is None
