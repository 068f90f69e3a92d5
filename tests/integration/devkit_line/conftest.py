"""A running simulator, a bot that only listens, and a client that calls the API as a bot does."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from namjai.devkit.line import SimSettings, Simulator, serve_simulator, sign

REPLY, PUSH = "/v2/bot/message/reply", "/v2/bot/message/push"


class Clock:
    """Time that moves only when told."""

    def __init__(self) -> None:
        self.now = 1_780_000_000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Bot:
    """A webhook that keeps what it hears and answers as it is told."""

    secret: str
    url: str = ""
    statuses: list[int] = field(default_factory=list)  # the answers to give first; then 200
    heard: list[dict[str, Any]] = field(default_factory=list)

    async def hear(self, request: web.Request) -> web.Response:
        body = await request.read()
        assert request.headers["x-line-signature"] == sign(body, self.secret)
        self.heard.append(await request.json())
        return web.Response(status=self.statuses.pop(0) if self.statuses else 200)


@dataclass
class Line:
    """What a test holds: the simulator from both sides."""

    sim: Simulator
    bot: Bot
    clock: Clock
    http: aiohttp.ClientSession

    async def call(self, method: str, path: str, **options: Any) -> tuple[int, Any]:
        async with self.http.request(method, path, **options) as answer:
            is_json = answer.content_type == "application/json"
            return answer.status, await answer.json() if is_json else await answer.read()

    async def say(self, user: str, message: Any) -> dict[str, Any]:
        status, said = await self.call("POST", "/_sim/send", json={"user": user, "message": message})
        assert status == 200, said
        return dict(said)

    async def reply(self, token: str, *texts: str) -> tuple[int, Any]:
        messages = [{"type": "text", "text": text} for text in texts]
        return await self.call("POST", REPLY, json={"replyToken": token, "messages": messages})

    async def push(self, to: str, text: str, key: str | None = None) -> tuple[int, Any]:
        headers = {"X-Line-Retry-Key": key} if key else {}
        body = {"to": to, "messages": [{"type": "text", "text": text}]}
        return await self.call("POST", PUSH, json=body, headers=headers)

    async def faults(self, *rules: dict[str, Any], **more: Any) -> None:
        assert (await self.call("PUT", "/_sim/faults", json={"rules": rules, **more}))[0] == 200

    async def chat(self, user: str) -> list[dict[str, Any]]:
        return list((await self.call("GET", f"/_sim/chat/{user}"))[1])

    async def findings(self) -> list[list[str]]:
        return [call["findings"] for call in (await self.call("GET", "/_sim/calls"))[1]]


@asynccontextmanager
async def serve_bot(secret: str) -> AsyncIterator[Bot]:
    bot = Bot(secret)
    app = web.Application()
    app.router.add_post("/webhook/line", bot.hear)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    bot.url = f"http://127.0.0.1:{runner.addresses[0][1]}/webhook/line"
    try:
        yield bot
    finally:
        await runner.cleanup()


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    clock = Clock()
    async with serve_bot(SimSettings().channel_secret) as bot:
        settings = SimSettings(webhook_url=bot.url, monthly_quota=3, redelivery_after_s=0.01)
        headers = {"Authorization": f"Bearer {settings.access_token}"}
        async with (
            serve_simulator(settings, clock) as sim,
            aiohttp.ClientSession(sim.url, headers=headers, timeout=aiohttp.ClientTimeout(total=5)) as http,
        ):
            yield Line(sim, bot, clock, http)
