"""Media all the way: sealed by chat's own keys, offered by a link, served by the gateway, gone with the person."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import aiohttp
import pytest
from pydantic import SecretStr

from namjai.chat.adapters.links import MediaLinks
from namjai.chat.media.pictures import normalise
from namjai.chat.media.sounds import to_m4a
from namjai.chat.ports import Attachment
from namjai.devkit.running import Running, facts, until
from namjai.events.message import MessageReceived
from namjai.runtime.bus import Requests, connect
from namjai.runtime.keyring import BUCKET, Keyring, MasterKeys, NatsKeyStore
from namjai.runtime.objects import NatsObjects
from namjai.runtime.settings import parse_master_keys
from tests.unit.chat.media.makers import picture, played, tone


@pytest.fixture
async def stored(namjai: Running) -> AsyncIterator[tuple[NatsObjects, Keyring]]:
    """The run's store as chat's own NATS user has it, and its keys as an administrator has them."""
    secrets = json.loads((namjai.home / "secrets.json").read_text())
    master = MasterKeys(parse_master_keys(secrets["master_keys"]))
    server = namjai.run["nats_url"].partition("@")[2]
    admin = await connect(namjai.run["nats_url"], name="admin")
    chat = await connect(f"nats://{server}", name="chat", user="chat", password=secrets["nats_passwords"]["chat"])
    rings = [
        Keyring(NatsKeyStore(nc.jetstream(), await nc.jetstream().key_value(BUCKET)), master) for nc in (chat, admin)
    ]
    yield NatsObjects(await Requests.open(chat), rings[0]), rings[1]
    await chat.close()
    await admin.close()


async def _fetched(namjai: Running, url: str, **headers: str) -> tuple[int, bytes]:
    async with namjai.http.get(url, headers=headers) as answer:
        return answer.status, await answer.read()


async def test_a_voice_and_a_picture_reach_the_phone_and_end_with_their_person(
    namjai: Running, user: str, stored: tuple[NatsObjects, Keyring]
) -> None:
    objects, keys = stored
    secret = SecretStr(json.loads((namjai.home / "secrets.json").read_text())["media_secret"])
    await namjai.send(user, "สวัสดี")
    await until(lambda: namjai.chat(user))
    member = facts(await namjai.events(), MessageReceived)[-1].subject
    door = MediaLinks(
        objects, secret, namjai.run["gateway_url"], life=timedelta(hours=1), clock=lambda: datetime.now(UTC)
    )
    voice = to_m4a(tone(2, 24_000), "audio/L16;codec=pcm;rate=24000")
    seen = normalise(picture(800, 600))
    heard_at = await door.put(member, Attachment(voice.data, voice.mime))
    seen_at = await door.put(member, Attachment(seen.data, seen.mime))

    messages: list[dict[str, Any]] = [
        {"type": "audio", "originalContentUrl": heard_at, "duration": voice.duration_ms},
        {"type": "image", "originalContentUrl": seen_at, "previewImageUrl": seen_at},
    ]
    bearer = {"Authorization": f"Bearer {namjai.run['channel_access_token']}"}
    once = {"X-Line-Retry-Key": str(uuid4())}
    async with (
        aiohttp.ClientSession(namjai.run["simulator_url"], headers=bearer) as line,
        line.post("/v2/bot/message/push", json={"to": user, "messages": messages}, headers=once) as sent,
    ):
        assert sent.status == 200, await sent.text()

    shown = {each["message"]["type"]: each["message"] for each in await namjai.chat(user)}
    status, body = await _fetched(namjai, shown["audio"]["originalContentUrl"])
    assert (status, body) == (200, voice.data)
    assert played(body).ms == pytest.approx(shown["audio"]["duration"], abs=50)
    assert await _fetched(namjai, shown["image"]["previewImageUrl"], Range="bytes=0-2") == (206, b"\xff\xd8\xff")

    await keys.destroy(member)
    for url in (heard_at, seen_at):
        await until(lambda url=url: _gone(namjai, url))  # type: ignore[misc]


async def _gone(namjai: Running, url: str) -> bool:
    return (await _fetched(namjai, url))[0] == 404
