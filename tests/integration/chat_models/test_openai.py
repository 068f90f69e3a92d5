"""OpenAI-compatible endpoints beyond plain words: pictures, forms, voices, and a second model behind the first."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Literal

import msgspec
import pytest
from aiohttp import web

from namjai.chat.adapters.models.choose import open_models
from namjai.chat.adapters.models.mind import TurnMind
from namjai.chat.adapters.models.models import Bounds
from namjai.chat.adapters.models.openai import OpenAIOptions, openai
from namjai.chat.ports import Attachment, ModelRequest, ModelUnavailable, Said
from namjai.chat.settings import ChatSettings
from namjai.devkit.gemini import Fault, serve_gemini
from namjai.devkit.gemini.faults import Kind
from namjai.events.uses import ModelUse
from namjai.runtime.metrics import Metrics

WORDS = "That sounds hard. What helped?"
REQUEST = ModelRequest(system="be kind", text="hello", language="en")
DATA = ModelRequest(system="Read.", text="rice", language="en", guard="data")
SOUND = Attachment(b"fLaC" + bytes(100), "audio/flac")


class Leaf(msgspec.Struct, frozen=True):
    """A form to fill."""

    plant: str
    stage: Literal["seedling", "grown"]


GOOD = '{"plant": "rice", "stage": "grown"}'


class Home:
    """An endpoint as clinics run them: it says what it is told, and remembers what it was asked."""

    def __init__(self) -> None:
        self.url = ""
        self.says: list[str] = [WORDS]
        self.heard: Any = {"text": " ฉันเหนื่อย "}
        self.sound = b"RIFF" + bytes(40)
        self.asked: list[dict[str, Any]] = []

    async def talk(self, request: web.Request) -> web.Response:
        self.asked.append(await request.json())
        words = self.says.pop(0) if len(self.says) > 1 else self.says[0]
        choice = {"index": 0, "message": {"role": "assistant", "content": words}, "finish_reason": "stop"}
        usage = {"prompt_tokens": 100, "completion_tokens": 7, "prompt_tokens_details": {"cached_tokens": 64}}
        return web.json_response({"choices": [choice], "model": "home-7b", "usage": usage})

    async def listen(self, request: web.Request) -> web.Response:
        form = await request.post()
        file = form["file"]
        assert isinstance(file, web.FileField)
        fields = {name: value for name, value in form.items() if isinstance(value, str)}
        self.asked.append({**fields, "name": file.filename, "type": file.content_type, "bytes": len(file.file.read())})
        return web.json_response(self.heard)

    async def speak(self, request: web.Request) -> web.Response:
        self.asked.append(await request.json())
        return web.Response(body=self.sound, content_type="audio/wav")


@asynccontextmanager
async def at_home() -> AsyncIterator[Home]:
    home, app = Home(), web.Application()
    app.router.add_post("/v1/chat/completions", home.talk)
    app.router.add_post("/v1/audio/transcriptions", home.listen)
    app.router.add_post("/v1/audio/speech", home.speak)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        home.url = f"http://{host}:{port}/v1"
        yield home
    finally:
        await runner.cleanup()


def options(home: Home, **differing: Any) -> OpenAIOptions:
    models = {"text": "m", "vision": "eyes", "listen": "ears", "speak": "voice"}
    given = {"base_url": home.url, "models": models, "api_key": None, "tokens_max": 99, "connections": 4}
    return OpenAIOptions(**{**given, **differing})


async def test_history_and_pictures_go_along_in_its_own_form() -> None:
    talk = (Said("person", "hi"), Said("namjai", "hello"))
    picture = Attachment(b"\xff\xd8", "image/jpeg")
    async with at_home() as home, openai(options(home)) as model:
        answer = await model.answer(
            ModelRequest(system="S", text="T", language="en", history=talk, attachments=(picture,))
        )
    (sent,) = home.asked
    assert sent["model"] == "eyes"
    assert [message["role"] for message in sent["messages"]] == ["system", "user", "assistant", "user"]
    image, words = sent["messages"][-1]["content"]
    assert image["image_url"]["url"] == "data:image/jpeg;base64,/9g="
    assert words == {"type": "text", "text": "T"}
    assert (answer.model, answer.tokens_in, answer.tokens_cached) == ("home-7b", 100, 64)


async def test_a_form_is_asked_for_by_schema_or_in_plain_words() -> None:
    schema = {"type": "object", "properties": {"plant": {"type": "string"}}}
    async with at_home() as home:
        async with openai(options(home)) as held:
            await held.answer(DATA, schema)
        async with openai(options(home, schemas=False)) as told:
            await told.answer(DATA, schema)
    by_schema, plainly = home.asked
    assert by_schema["response_format"]["json_schema"]["schema"] == schema
    assert by_schema["messages"][0]["content"] == "Read."
    assert "response_format" not in plainly
    assert json.dumps(schema, separators=(",", ":")) in plainly["messages"][0]["content"]


async def test_a_recording_is_sent_as_a_file_and_one_language_is_named() -> None:
    async with at_home() as home, openai(options(home)) as model:
        heard = await model.listen(SOUND, ["th"])
        await model.listen(SOUND, ["th", "en"])
        home.heard = {"text": "  "}
        with pytest.raises(ModelUnavailable, match="empty"):
            await model.listen(SOUND, [])
        home.heard = ["?"]
        with pytest.raises(ModelUnavailable, match="unreadable"):
            await model.listen(SOUND, [])
    assert heard.text == "ฉันเหนื่อย"
    assert home.asked[0] == {
        "model": "ears",
        "response_format": "json",
        "language": "th",
        "name": "sound.flac",
        "type": "audio/flac",
        "bytes": 104,
    }
    assert "language" not in home.asked[1]


async def test_words_are_spoken_as_wav_and_nothing_else_will_do() -> None:
    async with at_home() as home, openai(options(home)) as model:
        assert (await model.speak("hi", "en")).sound == Attachment(home.sound, "audio/wav")
        home.sound = b"ID3"
        with pytest.raises(ModelUnavailable, match="unreadable"):
            await model.speak("hi", "en")
    assert home.asked[0]["response_format"] == "wav"


async def test_what_such_an_endpoint_cannot_do_it_says() -> None:
    async with at_home() as home, openai(options(home, models={"text": "m"})) as model:
        for call in (
            model.listen(SOUND, []),
            model.speak("hi", "en"),
            model.answer(ModelRequest(system="s", text="t", language="en", search=True)),
            model.answer(ModelRequest(system="s", text="t", language="en", attachments=(SOUND,))),
        ):
            with pytest.raises(ModelUnavailable, match="unable"):
                await call
        assert await model.count("สวัสดี") == 6
    assert home.asked == []


async def test_when_the_first_model_fails_the_one_at_home_answers_and_both_are_on_record() -> None:
    uses: list[ModelUse] = []

    async def harmless(_words: str, _request: ModelRequest) -> bool:
        return True

    async with at_home() as home, serve_gemini() as fake:
        settings = ChatSettings(
            models="fake,openai", model_base_url=fake.url, openai_base_url=home.url, openai_name="m"
        )
        fake.faults.replace([Fault(kind=Kind.RATE_PER_DAY)])
        async with open_models(settings, Metrics("chat")) as models:
            assert models is not None
            mind = TurnMind(models, Bounds(talk_s=5, work_s=5), harmless, uses.append)
            assert (await mind.write(REQUEST)).text == WORDS
            home.says = ["nonsense", GOOD]
            assert (await mind.fill(DATA, Leaf))[0] == Leaf("rice", "grown")
            with pytest.raises(ModelUnavailable, match="quota"):  # the one at home has no voice
                await mind.speak("hi", language="en")
    assert [(use.model, use.outcome, use.fallback) for use in uses] == [
        ("gemini-3.8-flash", "quota", 0),
        ("home-7b", "said", 1),
        ("gemini-3.8-flash", "quota", 0),
        ("home-7b", "misshapen", 1),
        ("home-7b", "said", 1),
        ("gemini-3.8-flash-tts", "quota", 0),
    ]
