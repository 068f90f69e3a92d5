"""Media at rest: whole, sealed, bound to its place, gone with its key and after its time."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from nats.aio.client import Client

from namjai.devkit.testing import NatsUser, nats_server
from namjai.runtime.bus import Requests, connect
from namjai.runtime.errors import KeysUnavailable
from namjai.runtime.keyring import BUCKET, Keyring, MasterKeys, NatsKeyStore
from namjai.runtime.memory import MemoryKeyStore, MemoryObjects
from namjai.runtime.objects import (
    CHUNK_BYTES,
    OBJECT_BYTES_MAX,
    STREAM,
    NatsObjects,
    NoSuchObject,
    Objects,
    ObjectsUnavailable,
    new_id,
)
from namjai.runtime.provision import ACCOUNTS, SERVICES, provision

MASTER = {"k": b"k" * 32}


class Clock:
    """Time that moves only when told."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def keyring(nc: Client) -> Keyring:
    return Keyring(NatsKeyStore(nc.jetstream(), await nc.jetstream().key_value(BUCKET)), MasterKeys(MASTER))


@pytest.fixture(params=["memory", "nats"])
def objects(request: pytest.FixtureRequest, requests: Requests, keyring: Keyring, clock: Clock) -> Objects:
    return MemoryObjects(keyring, clock) if request.param == "memory" else NatsObjects(requests, keyring, clock)


@pytest.mark.parametrize("size", [0, 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES + 17])
async def test_what_is_put_comes_back_whole_with_its_type(objects: Objects, member: str, size: int) -> None:
    data = os.urandom(size)
    assert await objects.get(await objects.put(member, data, "audio/mp4", 60)) == (data, "audio/mp4")


async def test_nobody_finds_what_was_never_put_or_was_deleted(objects: Objects, member: str) -> None:
    kept = await objects.put(member, b"voice", "audio/mp4", 60)
    gone = await objects.put(member, b"voice", "audio/mp4", 60)
    await objects.delete(gone)
    await objects.delete(gone)
    for object_id in (gone, new_id()):
        with pytest.raises(NoSuchObject):
            await objects.get(object_id)
    assert (await objects.get(kept)).data == b"voice"


async def test_an_object_is_gone_when_its_time_is_over(objects: Objects, member: str, clock: Clock) -> None:
    object_id = await objects.put(member, b"voice", "audio/mp4", 60)
    clock.now += timedelta(seconds=59)
    assert (await objects.get(object_id)).data == b"voice"
    clock.now += timedelta(seconds=2)
    with pytest.raises(NoSuchObject):
        await objects.get(object_id)


async def test_an_erased_member_leaves_nothing_readable_and_gets_nothing_new(
    objects: Objects, keyring: Keyring, member: str
) -> None:
    object_id = await objects.put(member, b"voice", "audio/mp4", 60)
    await keyring.destroy(member)
    with pytest.raises(NoSuchObject):
        await objects.get(object_id)
    with pytest.raises(NoSuchObject):
        await objects.put(member, b"voice", "audio/mp4", 60)


async def test_an_object_larger_than_any_media_is_a_mistake(objects: Objects, member: str) -> None:
    with pytest.raises(ValueError, match="mistake"):
        await objects.put(member, bytes(OBJECT_BYTES_MAX + 1), "audio/mp4", 60)


@pytest.fixture
def real(requests: Requests, keyring: Keyring) -> NatsObjects:
    return NatsObjects(requests, keyring)


async def test_nothing_of_it_is_readable_in_the_stream(real: NatsObjects, nc: Client, member: str) -> None:
    word = b"a word that only this person said"
    object_id = await real.put(member, word * 10, "audio/mp4", 60)
    stored = await nc.jetstream().get_last_msg(STREAM, f"$O.media.C.{object_id}")
    assert stored.data
    assert word not in stored.data


async def test_natss_own_tools_find_it_as_one_of_their_objects(real: NatsObjects, nc: Client, member: str) -> None:
    object_id = await real.put(member, os.urandom(2 * CHUNK_BYTES), "image/jpeg", 60)
    bucket = await nc.jetstream().object_store("media")
    found = await bucket.get(object_id)
    assert (found.info.name, found.info.chunks, found.info.size) == (object_id, 2, len(found.data or b""))


async def test_nats_itself_lets_go_of_it_when_its_time_is_over(real: NatsObjects, nc: Client, member: str) -> None:
    before = (await nc.jetstream().stream_info(STREAM)).state.messages
    await real.put(member, os.urandom(2 * CHUNK_BYTES), "image/jpeg", 1)
    assert (await nc.jetstream().stream_info(STREAM)).state.messages == before + 3
    async with asyncio.timeout(10):
        while (await nc.jetstream().stream_info(STREAM)).state.messages > before:
            await asyncio.sleep(0.1)


async def test_pieces_in_another_place_or_of_another_object_do_not_open(
    real: NatsObjects, nc: Client, member: str
) -> None:
    js = nc.jetstream()
    data = os.urandom(2 * CHUNK_BYTES)
    one, other = [await real.put(member, data, "image/jpeg", 60) for _ in range(2)]
    first, second = await _pieces(nc, one)
    for target, pieces in ((other, (first, second)), (one, (second, first)), (one, (first, first)), (one, (first,))):
        await js.purge_stream(STREAM, subject=f"$O.media.C.{target}")
        for piece in pieces:
            await js.publish(f"$O.media.C.{target}", piece)
        with pytest.raises(NoSuchObject):
            await real.get(target)
    await js.purge_stream(STREAM, subject=f"$O.media.C.{one}")
    for piece in (first, second):
        await js.publish(f"$O.media.C.{one}", piece)
    assert (await real.get(one)).data == data


async def _pieces(nc: Client, object_id: str) -> list[bytes]:
    await nc.flush()
    listening = await nc.jetstream().subscribe(f"$O.media.C.{object_id}", ordered_consumer=True)
    found = [(await listening.next_msg(2)).data for _ in range(2)]
    await listening.unsubscribe()
    return found


@pytest.fixture
async def as_service(tmp_path: Path) -> AsyncIterator[Callable[[str], NatsObjects]]:
    """The store as a service's own NATS user may use it."""
    users = [NatsUser(name="admin", password="a", publish=(">",), subscribe=(">",))]
    users += [
        NatsUser(name=name, password="s", publish=may.publish, subscribe=may.subscribe)
        for name, may in ACCOUNTS.items()
    ]
    async with nats_server(tmp_path, users=users, sync_interval="2m") as server:
        clients = {"admin": await connect(server.url, name="admin", user="admin", password="a")}
        await provision(clients["admin"])
        store: dict[str, NatsObjects] = {}
        for name in SERVICES:
            nc = clients[name] = await connect(server.url, name=name, user=name, password="s")
            keys = Keyring(NatsKeyStore(nc.jetstream(), await nc.jetstream().key_value(BUCKET)), MasterKeys(MASTER))
            store[name] = NatsObjects(await Requests.open(nc), keys)
        yield lambda name: store[name]
        for nc in clients.values():
            await nc.close()


async def test_chat_keeps_gateway_reads_and_nobody_else_does_anything(
    as_service: Callable[[str], NatsObjects], member: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("namjai.runtime.objects.CALL_DEADLINE_S", 0.5)  # what NATS refuses, it does not answer
    chat, gateway = as_service("chat"), as_service("gateway")
    object_id = await chat.put(member, os.urandom(CHUNK_BYTES + 1), "audio/mp4", 60)
    assert await gateway.get(object_id) == await chat.get(object_id)
    with pytest.raises(ObjectsUnavailable):
        await gateway.put(member, b"x", "audio/mp4", 60)
    with pytest.raises(ObjectsUnavailable):
        await gateway.delete(object_id)
    for name in ("risk", "notify", "analytics"):
        with pytest.raises(ObjectsUnavailable):
            await as_service(name).get(object_id)
        with pytest.raises((ObjectsUnavailable, KeysUnavailable)):
            await as_service(name).put(member, b"x", "audio/mp4", 60)
    await chat.delete(object_id)
    with pytest.raises(NoSuchObject):
        await gateway.get(object_id)


async def test_a_store_that_is_away_says_so(tmp_path: Path, member: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("namjai.runtime.objects.CALL_DEADLINE_S", 0.5)
    async with nats_server(tmp_path, sync_interval="2m") as server:
        nc = await connect(server.url, name="tests")
        await provision(nc)
        keyring = Keyring(MemoryKeyStore(), MasterKeys(MASTER))
        objects = NatsObjects(await Requests.open(nc), keyring)
        object_id = await objects.put(member, b"voice", "audio/mp4", 60)
        await server.kill()
        for attempt in (objects.get(object_id), objects.put(member, b"x", "audio/mp4", 60), objects.delete(object_id)):
            with pytest.raises(ObjectsUnavailable):
                await attempt
        await nc.close()
