"""Links to media: who has one gets the bytes, whole or in part, and nobody else learns anything."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta

import pytest
from nats.aio.client import Client
from pydantic import SecretStr

from namjai.devkit.testing import NatsServer
from namjai.runtime.bus import Requests
from namjai.runtime.journal import Journal
from namjai.runtime.media_links import token
from namjai.runtime.objects import NatsObjects, new_id
from tests.integration.gateway.conftest import Start
from tests.integration.gateway.kit import Gateway, gateway_process

SECRET = SecretStr("a secret of the tests that is long enough")
VOICE = os.urandom(700_000)


@pytest.fixture(scope="module")
async def door(
    gateway_nats: NatsServer, journal: Journal, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Gateway]:
    """One gateway with links, for all: each test has an object of its own, and limits are by object."""
    limits = {"NAMJAI_MEDIA_SECRET": SECRET.get_secret_value(), "NAMJAI_MEDIA_REQUESTS_PER_MINUTE": "8"}
    async with gateway_process(gateway_nats.url, tmp_path_factory.mktemp("media"), journal, **limits) as running:
        yield running


@pytest.fixture
async def objects(nc: Client, journal: Journal) -> NatsObjects:
    return NatsObjects(await Requests.open(nc), journal.keyring)


@pytest.fixture
async def voice(objects: NatsObjects) -> str:
    return await objects.put("m" + os.urandom(8).hex(), VOICE, "audio/mp4", 60)


def link(object_id: str, seconds: float = 60, secret: SecretStr = SECRET) -> str:
    return "/media/" + token(secret, object_id, datetime.now(UTC) + timedelta(seconds=seconds))


async def fetch(door: Gateway, path: str, method: str = "GET", **headers: str) -> tuple[int, bytes, Mapping[str, str]]:
    async with door.http.request(method, door.url + path, headers=headers) as answer:
        return answer.status, await answer.read(), answer.headers


async def test_who_has_a_link_gets_the_whole_with_its_type_and_length(door: Gateway, voice: str) -> None:
    status, body, headers = await fetch(door, link(voice))
    assert (status, body) == (200, VOICE)
    assert (headers["Content-Type"], headers["Content-Length"]) == ("audio/mp4", "700000")
    assert (headers["Cache-Control"], headers["Accept-Ranges"]) == ("private, no-store", "bytes")
    assert headers["X-Content-Type-Options"] == "nosniff"


async def test_head_says_the_same_and_sends_nothing(door: Gateway, voice: str) -> None:
    whole, head = await fetch(door, link(voice)), await fetch(door, link(voice), "HEAD")
    assert (head[0], head[1]) == (200, b"")
    for name in ("Content-Type", "Content-Length", "ETag", "Accept-Ranges"):
        assert head[2][name] == whole[2][name]


@pytest.mark.parametrize(
    ("wish", "first", "end"),
    [
        ("bytes=0-1", 0, 2),
        ("bytes=1000-", 1_000, 700_000),
        ("bytes=-500", 699_500, 700_000),
        ("bytes=699999-9999999", 699_999, 700_000),
        ("bytes=0-", 0, 700_000),
    ],
)
async def test_players_get_the_part_they_ask_for(door: Gateway, voice: str, wish: str, first: int, end: int) -> None:
    status, body, headers = await fetch(door, link(voice), Range=wish)
    assert (status, body) == (206, VOICE[first:end])
    assert headers["Content-Range"] == f"bytes {first}-{end - 1}/700000"
    assert headers["Content-Length"] == str(end - first)


@pytest.mark.parametrize("wish", ["bytes=5-2", "bytes=x-y", "lines=1-2", "bytes=0-1,5-6", "bytes=-", "9" * 5_000])
async def test_a_wish_that_makes_no_sense_gets_the_whole(door: Gateway, voice: str, wish: str) -> None:
    assert (await fetch(door, link(voice), Range=wish))[:2] == (200, VOICE)


async def test_a_part_behind_the_end_is_refused_with_the_length(door: Gateway, voice: str) -> None:
    status, body, headers = await fetch(door, link(voice), Range="bytes=700000-")
    assert (status, body, headers["Content-Range"]) == (416, b"", "bytes */700000")


async def test_a_part_is_given_only_of_what_the_player_has_begun(door: Gateway, voice: str) -> None:
    etag = (await fetch(door, link(voice), "HEAD"))[2]["ETag"]
    same = {"Range": "bytes=0-9", "If-Range": etag}
    assert (await fetch(door, link(voice), **same))[0] == 206
    assert (await fetch(door, link(voice), **{**same, "If-Range": '"another"'}))[0] == 200


async def test_forged_over_erased_deleted_and_unknown_look_the_same(
    door: Gateway, objects: NatsObjects, journal: Journal, voice: str
) -> None:
    member = "m" + os.urandom(8).hex()
    erased = await objects.put(member, VOICE, "audio/mp4", 60)
    assert (await fetch(door, link(erased)))[0] == 200
    await journal.keyring.destroy(member)
    deleted = await objects.put("m" + os.urandom(8).hex(), VOICE, "audio/mp4", 60)
    await objects.delete(deleted)
    good = link(voice)
    paths = [
        link(erased),
        link(deleted),
        link(new_id()),
        link(voice, seconds=-1),
        link(voice, secret=SecretStr("another secret that is long enough")),
        good[:-2],
        good + "A",
        "/media/",
        "/media/../media/x",
        "/media/%00",
        "/nothing",
    ]

    async def erasure_is_heard() -> None:
        while (await fetch(door, link(erased)))[0] == 200:
            await asyncio.sleep(0.02)

    await asyncio.wait_for(erasure_is_heard(), 5)
    answers = [await fetch(door, path) for path in paths]
    looks = {(status, body, tuple(sorted(set(headers) - {"Date"}))) for status, body, headers in answers}
    assert len(looks) == 1
    assert answers[0][0] == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
async def test_a_link_can_only_be_read(door: Gateway, voice: str, method: str) -> None:
    assert (await fetch(door, link(voice), method))[0] == 404


async def test_one_object_is_not_sent_without_end_and_another_still_is(
    door: Gateway, objects: NatsObjects, voice: str
) -> None:
    statuses = [(await fetch(door, link(voice), "HEAD"))[0] for _ in range(10)]
    assert statuses == [200] * 8 + [429] * 2
    other = await objects.put("m" + os.urandom(8).hex(), VOICE, "audio/mp4", 60)
    assert (await fetch(door, link(other)))[0] == 200


async def test_nothing_tells_the_link_afterwards(door: Gateway, voice: str) -> None:
    path = link(voice)
    await fetch(door, path)
    await fetch(door, path + "A")
    secret = path.removeprefix("/media/")
    assert secret not in door.log_file.read_text()
    metrics = await door.metrics()
    assert secret not in metrics
    assert 'path="/media/"' in metrics or '"/media/"' in metrics


async def test_without_a_secret_no_link_opens_anything(gateway: Gateway, voice: str) -> None:
    assert (await fetch(gateway, link(voice)))[0] == 404


async def test_who_hangs_up_or_reads_too_slowly_leaves_nothing_behind(start: Start, objects: NatsObjects) -> None:
    large = await objects.put("m" + os.urandom(8).hex(), bytes(20_000_000), "audio/mp4", 60)
    limits = {"NAMJAI_MEDIA_DEADLINE_S": "1", "NAMJAI_MEDIA_IN_FLIGHT_MAX": "1"}
    async with start("slow", NAMJAI_MEDIA_SECRET=SECRET.get_secret_value(), **limits) as slow:
        host, port = slow.url.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port), limit=1_024)
        writer.write(f"GET {link(large)} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        assert (await reader.readline()).startswith(b"HTTP/1.1 200")
        assert (await fetch(slow, link(large)))[0] == 503

        async def free_again() -> None:
            while (await fetch(slow, link(large), "HEAD"))[0] != 200:
                await asyncio.sleep(0.1)

        await asyncio.wait_for(free_again(), 5)
        writer.close()
        async with slow.http.get(slow.url + link(large)) as begun:
            await begun.content.readexactly(10)
            begun.close()
        await asyncio.wait_for(free_again(), 5)
        assert "Traceback" not in slow.log_file.read_text()
