"""The service for Taigi over HTTP: what it answers, every way it fails, and the fence round it."""

from __future__ import annotations

import asyncio
import io
import wave
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from namjai.chat.adapters.taigi import HttpTaigi, open_taigi
from namjai.chat.media.sounds import Sounds
from namjai.chat.ports import Attachment, MediaUnavailable, ModelUnavailable, Taigi
from namjai.chat.settings import ChatSettings
from namjai.runtime.metrics import Metrics

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def wav(seconds: float = 0.5) -> bytes:
    """Silence."""
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(24_000)
        sound.writeframes(bytes(2 * int(24_000 * seconds)))
    return file.getvalue()


class Door:
    """Keeps what was put."""

    def __init__(self) -> None:
        self.put_: list[Attachment] = []

    async def put(self, member: str, made: Attachment) -> str:
        self.put_.append(made)
        return "https://example.org/media/1"


class Service:
    """A service that does what a test wants, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Any]] = []
        self.answer: Handler | None = None

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.asked.append((request.path, await request.json()))
        assert request.headers["Authorization"] == "Bearer key"
        if self.answer is not None:
            return await self.answer(request)
        if request.path == "/taigi/speech":
            return web.Response(body=wav(), content_type="audio/wav")
        return web.json_response({"hanji": "食飽未", "romanised": "Tsia̍h-pá buē"})


@pytest.fixture
async def service() -> AsyncIterator[tuple[Service, TestServer]]:
    played = Service()
    app = web.Application()
    app.router.add_post("/taigi/{call}", played.handle)
    server = TestServer(app)
    async with server:
        yield played, server


def _opened(server: TestServer, door: Door | None = None, **settings: Any) -> Any:
    chosen = ChatSettings.model_validate(
        {"taigi_url": str(server.make_url("/taigi/")), "taigi_api_key": "key", "taigi_deadline_ms": 500, **settings}
    )
    return open_taigi(chosen, Sounds(at_once=1, minutes_max=1), door or Door(), Metrics("chat", "0"))


async def test_words_come_in_characters_and_romanised(service: tuple[Service, TestServer]) -> None:
    played, server = service
    async with _opened(server) as taigi:
        assert await taigi.translate("你吃飽了嗎") == Taigi("食飽未", "Tsia̍h-pá buē")
    assert played.asked == [("/taigi/translate", {"text": "你吃飽了嗎"})]


async def test_sound_becomes_what_line_plays_with_its_true_length(service: tuple[Service, TestServer]) -> None:
    door = Door()
    async with _opened(service[1], door) as taigi:
        spoken = await taigi.speak("m1", "食飽未")
    assert abs(spoken.duration_ms - 500) <= 50
    assert door.put_[0].mime == "audio/mp4"


async def _say(status: int = 200, body: bytes = b"{}", mime: str = "application/json") -> web.Response:
    return web.Response(status=status, body=body, content_type=mime)


async def _stall(_: web.Request) -> web.StreamResponse:
    await asyncio.sleep(5)
    return web.Response()


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (lambda _: _say(500), "server"),
        (lambda _: _say(403), "refused"),
        (lambda _: _say(302), "refused"),
        (lambda _: _say(body=b"<html>"), "unreadable"),
        (lambda _: _say(body=b'{"hanji": " "}'), "empty"),
        (lambda _: _say(body=b'{"hanji": "' + b"a" * 100_000 + b'"}'), "unreadable"),
        (_stall, "deadline"),
    ],
)
async def test_every_failure_has_a_name(service: tuple[Service, TestServer], answer: Handler, reason: str) -> None:
    played, server = service
    played.answer = answer
    async with _opened(server) as taigi:
        with pytest.raises(ModelUnavailable) as failed:
            await taigi.translate("你好")
    assert failed.value.reason == reason


async def test_sound_that_is_none_is_said_so(service: tuple[Service, TestServer]) -> None:
    played, server = service
    played.answer = lambda _: _say(body=b"no sound", mime="audio/wav")
    async with _opened(server) as taigi:
        with pytest.raises(MediaUnavailable):
            await taigi.speak("m1", "食飽未")


async def test_after_five_failures_it_is_left_alone(service: tuple[Service, TestServer]) -> None:
    played, server = service
    played.answer = lambda _: _say(500)
    async with _opened(server) as taigi:
        reasons = [await _reason(taigi) for _ in range(7)]
    assert reasons == ["server"] * 5 + ["breaker"] * 2
    assert len(played.asked) == 5


async def _reason(taigi: HttpTaigi) -> str:
    with pytest.raises(ModelUnavailable) as failed:
        await taigi.translate("你好")
    return failed.value.reason


async def test_more_than_the_limit_is_not_asked(service: tuple[Service, TestServer]) -> None:
    played, server = service
    async with _opened(server, taigi_requests_per_minute=2) as taigi:
        await taigi.translate("一")
        await taigi.translate("二")
        assert await _reason(taigi) == "limited"
    assert len(played.asked) == 2


async def test_a_service_that_is_not_there_is_unreachable() -> None:
    server = TestServer(web.Application())
    await server.start_server()
    address = str(server.make_url("/taigi"))
    await server.close()
    settings = ChatSettings.model_validate({"taigi_url": address})
    async with open_taigi(settings, Sounds(at_once=1, minutes_max=1), Door(), Metrics("chat", "0")) as taigi:
        assert taigi is not None
        assert await _reason(taigi) == "unreachable"


async def test_without_an_address_there_is_no_taigi() -> None:
    async with open_taigi(ChatSettings(), Sounds(at_once=1, minutes_max=1), Door(), Metrics("chat", "0")) as taigi:
        assert taigi is None
