"""Pictures, voices and stickers as people send them, and media that the bot offers by its own address."""

from __future__ import annotations

from typing import Any

import pytest

from namjai.devkit.line import SimSettings, serve_simulator
from namjai.devkit.line.samples import voice
from tests.integration.devkit_line.conftest import Line
from tests.unit.chat.media.makers import encoded, picture, played, tone, wav

OWN = "http://127.0.0.1:8080"


async def upload(line: Line, kind: str, data: bytes, mime: str, **how: Any) -> dict[str, Any]:
    path = "/_sim/upload?" + "&".join(f"{name}={value}" for name, value in {"kind": kind, **how}.items())
    status, made = await line.call("POST", path, data=data, headers={"Content-Type": mime})
    assert status == 200, made
    return dict(made)


@pytest.mark.parametrize(
    ("data", "mime"),
    [
        (wav(tone(2, 16_000), 16_000), "audio/wav"),
        (encoded(tone(2, 48_000), 48_000, "ogg", "libopus"), "audio/ogg"),
        (encoded(tone(2, 16_000), 16_000, "ipod", "aac"), "audio/x-m4a"),
    ],
)
async def test_a_voice_is_m4a_and_as_long_as_its_event_says(line: Line, data: bytes, mime: str) -> None:
    made = await upload(line, "audio", data, mime)
    await line.say("alex", {"type": "audio", "id": made["messageId"], "duration": made["duration"]})
    message = line.bot.heard[0]["events"][0]["message"]
    assert message["contentProvider"] == {"type": "line"}
    assert message["duration"] == pytest.approx(2_000, abs=100)
    _, kept = await line.call("GET", f"/v2/bot/message/{message['id']}/content")
    assert kept[4:12] == b"ftypM4A "
    assert played(kept).ms == pytest.approx(message["duration"], abs=60)


async def test_what_is_no_sound_is_kept_as_it_is_so_that_a_bad_one_can_be_sent(line: Line) -> None:
    made = await upload(line, "audio", b"no sound", "audio/x-m4a")
    assert "duration" not in made
    assert (await line.call("GET", f"/v2/bot/message/{made['messageId']}/content"))[1] == b"no sound"


async def test_a_voice_without_a_file_is_a_hum_that_can_be_heard(line: Line) -> None:
    said = await line.say("alex", {"type": "audio"})
    _, kept = await line.call("GET", f"/v2/bot/message/{said['messageId']}/content")
    assert kept == voice()
    assert played(kept).ms == pytest.approx(line.bot.heard[0]["events"][0]["message"]["duration"], abs=60)


async def test_pictures_sent_together_are_one_event_each_and_know_of_each_other(line: Line) -> None:
    made = [await upload(line, "image", picture(), "image/jpeg") for _ in range(3)]
    messages = [{"type": "image", "id": each["messageId"]} for each in made]
    status, _ = await line.call("POST", "/_sim/send", json={"user": "alex", "messages": messages})
    assert status == 200
    heard = [event["message"] for webhook in line.bot.heard for event in webhook["events"]]
    assert len(line.bot.heard) == 3
    assert {message["id"] for message in heard} == {each["messageId"] for each in made}
    assert all(message["contentProvider"] == {"type": "line"} for message in heard)
    assert len({message["imageSet"]["id"] for message in heard}) == 1
    assert sorted(message["imageSet"]["index"] for message in heard) == [1, 2, 3]
    assert {message["imageSet"]["total"] for message in heard} == {3}


async def test_one_picture_is_no_set_and_only_pictures_are_one(line: Line) -> None:
    alone = {"user": "alex", "messages": [{"type": "image"}]}
    assert (await line.call("POST", "/_sim/send", json=alone))[0] == 200
    assert "imageSet" not in line.bot.heard[0]["events"][0]["message"]
    for wrong in ([], [{"type": "image"}, {"type": "text", "text": "x"}]):
        assert (await line.call("POST", "/_sim/send", json={"user": "alex", "messages": wrong}))[0] == 400


async def test_a_sticker_tells_its_keywords_unless_told_otherwise(line: Line) -> None:
    await line.say("alex", {"type": "sticker", "packageId": "446", "stickerId": "1990"})
    await line.say("alex", {"type": "sticker", "packageId": "446", "stickerId": "1990", "keywords": None})
    first, second = (webhook["events"][0]["message"] for webhook in line.bot.heard)
    assert "sad" in first["keywords"]
    assert "keywords" not in second


async def test_a_film_of_any_length_costs_no_memory(line: Line) -> None:
    made = await upload(line, "video", b"\0\0\0\x18ftypmp42", "video/mp4", zeros=3_000_000)
    _, body = await line.call("GET", f"/v2/bot/message/{made['messageId']}/content")
    assert (len(body), body[:12], set(body[12:])) == (3_000_012, b"\0\0\0\x18ftypmp42", {0})
    _, calls = await line.call("GET", "/_sim/calls")
    assert calls[-1]["sent"] == 3_000_012


async def push(line: Line, message: dict[str, Any]) -> int:
    await line.say("alex", "hi")
    user = line.bot.heard[-1]["events"][0]["source"]["userId"]
    return (await line.call("POST", "/v2/bot/message/push", json={"to": user, "messages": [message]}))[0]


@pytest.mark.parametrize(
    ("url", "status"),
    [
        ("https://namjai.example/media/x", 200),
        (f"{OWN}/media/x", 400),
        ("http://namjai.example/media/x", 400),
    ],
)
async def test_line_takes_https_and_nothing_else(line: Line, url: str, status: int) -> None:
    assert await push(line, {"type": "audio", "originalContentUrl": url, "duration": 900}) == status


@pytest.mark.parametrize(
    ("url", "status"),
    [
        (f"{OWN}/media/x", 200),
        ("http://127.0.0.1:8081/media/x", 400),
        (f"{OWN}0/media/x", 400),
        ("http://namjai.example/media/x", 400),
        ("https://namjai.example/media/x", 200),
    ],
)
async def test_on_one_machine_the_bots_own_address_passes_for_https_and_no_other(
    line: Line, url: str, status: int
) -> None:
    settings = SimSettings(webhook_url=line.bot.url, public_url=OWN)
    headers = {"Authorization": f"Bearer {settings.access_token}"}
    async with serve_simulator(settings) as sim:
        here = Line(sim, line.bot, line.clock, line.http)

        async def call(method: str, path: str, **options: Any) -> tuple[int, Any]:
            async with line.http.request(method, sim.url + path, headers=headers, **options) as answer:
                return answer.status, await answer.json(content_type=None)

        here.call = call  # type: ignore[method-assign]
        message = {"type": "image", "originalContentUrl": url, "previewImageUrl": url}
        assert await push(here, message) == status
        if status == 200:
            (shown,) = [each["message"] for each in await here.chat("alex") if each["from"] == "bot"]
            assert shown["originalContentUrl"] == url
        async with line.http.get(sim.url + "/_sim/") as page:
            assert OWN in page.headers["Content-Security-Policy"]
