"""What was read in a picture, kept on a real Valkey: shared between replicas, sealed, gone in time, and not missed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
from redis.asyncio import Redis

from namjai.chat.adapters.models.seen import SeenBefore
from namjai.chat.media.pictures import normalise
from namjai.chat.ports import Attachment, ModelAnswer, ModelRequest
from namjai.chat.skills.pictures.reading import Reading
from namjai.devkit.embedded.valkey import ValkeyServer
from namjai.devkit.testing import valkey_server
from namjai.events.uses import ModelUse
from namjai.runtime.cache import Cache, RedisLevel
from namjai.runtime.metrics import Metrics
from namjai.runtime.redis_link import RedisLink
from tests.unit.chat.pictures.drawn import box, leaf

PEPPER = b"p" * 32
TEXT = '{"kind": "medicine", "legible_text": "TRAMADOL 50 mg, Somchai", "names": ["Tramadol"]}'


@pytest.fixture(scope="module")
async def valkey(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ValkeyServer]:
    async with valkey_server(tmp_path_factory.mktemp("pictures")) as server:
        yield server


class Eye:
    """A mind that reads one thing."""

    def __init__(self, note: Any) -> None:
        self.note = note

    async def fill(self, request: ModelRequest, shape: type[Any]) -> tuple[Any, ModelAnswer]:
        self.note(ModelUse(purpose=request.purpose, model="eye"))
        return msgspec.json.decode(TEXT, type=shape), ModelAnswer(text=TEXT, model="eye")


class Replica:
    """One process of chat, as far as pictures go."""

    def __init__(self, url: str, *, pepper: bytes = PEPPER, ttl_s: float = 60) -> None:
        metrics = Metrics("chat")
        self.uses: list[ModelUse] = []
        self.link = RedisLink(url, metrics)
        self.cache = Cache("pictures", metrics, shared=RedisLevel(self.link), ttl_s=ttl_s)
        self.pepper = pepper

    async def look(self, picture: bytes) -> Reading:
        ready = normalise(picture)
        request = ModelRequest(
            system="look",
            text="look",
            language="en",
            purpose="read",
            guard="data",
            attachments=(Attachment(ready.data, ready.mime, ready.digest),),
        )
        make: Any = Eye
        seen = SeenBefore(make, self.cache, self.uses.append, models=["eye"], pepper=self.pepper)
        found, _ = await seen.fill(request, Reading)
        return found

    async def close(self) -> None:
        await self.cache.close()
        await self.link.close()


async def test_another_replica_need_not_look_again(valkey: ValkeyServer) -> None:
    one, two = Replica(valkey.url), Replica(valkey.url)
    assert await one.look(box("Tramadol")) == await two.look(box("Tramadol"))
    assert [use.cache for use in (*one.uses, *two.uses)] == ["miss", "hit"]
    await one.close()
    await two.close()


async def test_the_store_tells_nothing_without_the_picture_and_forgets_in_time(valkey: ValkeyServer) -> None:
    one = Replica(valkey.url, ttl_s=60)
    await one.look(box("Tramadol", "Somchai"))
    digest = normalise(box("Tramadol", "Somchai")).digest.encode()
    store = Redis.from_url(valkey.url)
    names = [name async for name in store.scan_iter("namjai:cache:pictures:*")]
    assert names
    for name in names:
        value = await store.get(name)
        assert isinstance(value, bytes)
        assert digest not in name
        assert b"Somchai" not in value
        assert b"TRAMADOL" not in value
        assert 0 < await store.pttl(name) <= 60_000
    await store.aclose()
    await one.close()


async def test_who_has_the_picture_and_not_the_clinics_key_finds_nothing(valkey: ValkeyServer) -> None:
    ours, theirs = Replica(valkey.url), Replica(valkey.url, pepper=b"q" * 32)
    await ours.look(leaf(3))
    await theirs.look(leaf(3))
    assert [use.cache for use in theirs.uses] == ["miss"]
    await ours.close()
    await theirs.close()


async def test_without_valkey_pictures_are_looked_at_all_the_same() -> None:
    alone = Replica("redis://127.0.0.1:1")
    for _ in range(2):
        assert (await alone.look(leaf(4))).names == ("Tramadol",)
    assert [use.cache for use in alone.uses] == ["miss", "hit"]
    await alone.close()
