"""`namjai say` in all its forms: what the bot's webhook hears, and what the person at the terminal reads."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from namjai.devkit import terminal
from namjai.devkit.home import Home
from namjai.devkit.line import SimSettings, Simulator, serve_simulator
from namjai.devkit.testing import run_of
from tests.unit.chat.media.makers import picture, tone, wav


@dataclass
class Desk:
    """A home whose run has a simulator, and a bot that says what kind of message it heard, if it is to answer."""

    home: Home
    sim: Simulator
    heard: list[dict[str, Any]] = field(default_factory=list)
    answers: bool = True

    async def say(self, *arguments: str) -> terminal.Said:
        return await terminal.namjai("say", *arguments, "--home", str(self.home.path))


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    home = Home(tmp_path / "home")
    home.make()
    bot = web.Application()
    runner = web.AppRunner(bot, shutdown_timeout=0.1)

    async def hear(request: web.Request) -> web.Response:
        for event in (await request.json())["events"]:
            place.heard.append(event["message"])
            if place.answers:
                message = {"type": "text", "text": f"I got a {event['message']['type']}"}
                body = {"replyToken": event["replyToken"], "messages": [message]}
                async with http.post("/v2/bot/message/reply", json=body) as reply:
                    assert reply.status == 200
        return web.Response()

    bot.router.add_post("/", hear)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    settings = SimSettings(webhook_url=f"http://127.0.0.1:{runner.addresses[0][1]}/")
    authorised = {"Authorization": f"Bearer {settings.access_token}"}
    async with (
        serve_simulator(settings) as sim,
        aiohttp.ClientSession(sim.url, headers=authorised) as http,
    ):
        place = Desk(home, sim)
        with home.locked():
            home.write_run(run_of(simulator_url=sim.url))
            yield place
    await runner.cleanup()


async def test_words_are_said_and_answered(desk: Desk) -> None:
    said = await desk.say("--as", "alex", "hello")
    assert (said.code, said.out.strip()) == (0, "I got a text")
    assert desk.heard[0]["text"] == "hello"


async def test_a_picture_is_shown(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "leaf.jpg"
    file.write_bytes(picture())
    said = await desk.say("--image", str(file))
    assert (said.code, said.out.strip()) == (0, "I got a image")
    assert desk.heard[0]["contentProvider"] == {"type": "line"}
    kept = desk.sim.platform.contents.get(desk.heard[0]["id"])
    assert kept is not None
    assert (kept.data, kept.mime) == (picture(), "image/jpeg")


async def test_several_pictures_are_a_set(desk: Desk, tmp_path: Path) -> None:
    files = [tmp_path / f"{n}.png" for n in range(3)]
    for n, file in enumerate(files):
        file.write_bytes(picture(100 + n, form="PNG"))
    assert (await desk.say(*(part for file in files for part in ("--image", str(file))))).code == 0
    assert sorted(message["imageSet"]["index"] for message in desk.heard) == [1, 2, 3]


async def test_a_sound_is_spoken_as_a_voice_message(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "words.wav"
    file.write_bytes(wav(tone(1.5, 16_000), 16_000))
    assert (await desk.say("--voice", str(file))).code == 0
    assert desk.heard[0]["duration"] == 1_500
    kept = desk.sim.platform.contents.get(desk.heard[0]["id"])
    assert kept is not None
    assert (kept.data[4:12], kept.mime) == (b"ftypM4A ", "audio/x-m4a")


async def test_stickers_and_places_are_sent(desk: Desk) -> None:
    assert (await desk.say("--sticker", "1990")).code == 0
    assert (await desk.say("--sticker", "11537/52002734")).code == 0
    assert (await desk.say("--location", "13.7307,100.5418")).code == 0
    first, second, place = desk.heard
    assert (first["packageId"], first["stickerId"], "sad" in first["keywords"]) == ("446", "1990", True)
    assert (second["packageId"], second["stickerId"]) == ("11537", "52002734")
    assert (place["latitude"], place["longitude"]) == (13.7307, 100.5418)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "say one thing"),
        (("hello", "--sticker", "1"), "say one thing"),
        (("--sticker", "smile"), "a sticker is a number"),
        (("--location", "Bangkok"), "LAT,LON"),
        (("--location", "100.5,13.7"), "latitudes"),
        (("--location", "nan,0"), "latitudes"),
        (("--as", "nobody", "hello"), "nobody"),
    ],
)
async def test_what_makes_no_sense_is_said_in_a_line(desk: Desk, arguments: tuple[str, ...], words: str) -> None:
    said = await desk.say(*arguments)
    assert said.code == 1
    assert words in said.err
    assert "Traceback" not in said.err
    assert desk.heard == []


async def test_a_file_that_is_not_there_is_refused(desk: Desk, tmp_path: Path) -> None:
    said = await desk.say("--voice", str(tmp_path / "none.m4a"))
    assert said.code == 2
    assert "does not exist" in said.err


async def test_silence_is_said_to_be_silence(desk: Desk) -> None:
    desk.answers = False
    said = await desk.say("--wait", "0.3", "hello")
    assert (said.code, "no answer" in said.err) == (1, True)
