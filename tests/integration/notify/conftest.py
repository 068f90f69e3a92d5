"""The notify service, whole and in this process, on a NATS of its own, beside a LINE that answers as it is told."""

from __future__ import annotations

import asyncio
import base64
import secrets
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
from aiohttp import web
from nats.aio.client import Client

from namjai.devkit.line import SimSettings, Simulator, serve_simulator
from namjai.devkit.line.state.calls import Call as SimCall
from namjai.devkit.line.state.faults import Fault
from namjai.devkit.testing import NatsServer, nats_server, open_log
from namjai.events import Envelope, Fact, Sealed, begin
from namjai.events.alert import AlertRaised
from namjai.events.reply import ReplyIssued
from namjai.events.risk import Level
from namjai.notify.app import serve
from namjai.notify.settings import NotifySettings
from namjai.runtime.journal import Journal
from namjai.runtime.settings import parse_master_keys

MASTER_KEYS = "k:" + base64.b64encode(b"k" * 32).decode()
ACCESS_TOKEN = SimSettings().access_token
PERSON = "U" + "1" * 32

Answer = Callable[[web.Request], Any]
F = TypeVar("F", bound=Fact)


@dataclass
class Call:
    """One request as LINE got it."""

    path: str
    headers: dict[str, str]
    body: Any


@dataclass
class Endpoint:
    """Plays api.line.me for the answers that a strict simulator would never give: `script` says what comes next.

    An item is (status, body) or one of the words `reset` (the request is read, the connection broken) and `silence`.
    """

    url: str = ""
    calls: list[Call] = field(default_factory=list)
    script: dict[str, deque[Any]] = field(default_factory=dict)
    tokens: set[str] = field(default_factory=lambda: {ACCESS_TOKEN})
    quota: tuple[int | None, int] = (None, 0)

    def next(self, path: str, *answers: Any) -> None:
        self.script.setdefault(path, deque()).extend(answers)

    def sent(self, path: str = "") -> list[Call]:
        return [
            call for call in self.calls if "/message/" in call.path and "quota" not in call.path and path in call.path
        ]

    async def until(self, count: int, path: str = "", within_s: float = 10) -> list[Call]:
        async with asyncio.timeout(within_s):
            while len(self.sent(path)) < count:
                await asyncio.sleep(0.005)
        return self.sent(path)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        text = await request.text()
        body = await request.json() if request.content_type == "application/json" and text else text
        self.calls.append(Call(request.path, dict(request.headers), body))
        headers = {"x-line-request-id": secrets.token_hex(8)}
        if request.path.endswith("/quota"):
            limit = {"type": "none"} if self.quota[0] is None else {"type": "limited", "value": self.quota[0]}
            return web.json_response(limit, headers=headers)
        if request.path.endswith("/consumption"):
            return web.json_response({"totalUsage": self.quota[1]}, headers=headers)
        planned = self.script.get(request.path.rpartition("/")[2])
        answer = planned.popleft() if planned else None
        known = request.path.startswith("/v2/")
        if (
            known
            and answer is None
            and request.headers.get("Authorization") not in {f"Bearer {t}" for t in self.tokens}
        ):
            answer = (401, '{"message":"Authentication failed. Confirm that the access token is valid."}')
        match answer:
            case None:
                return web.json_response({"sentMessages": [{"id": "1", "quoteToken": "q"}]}, headers=headers)
            case "reset":
                assert request.transport is not None
                request.transport.abort()
                return web.Response()
            case "silence":
                await asyncio.sleep(30)
                return web.Response()
            case (int() as status, bytes() as raw):
                return web.Response(status=status, body=raw, headers=headers, content_type="application/json")
            case (int() as status, str() as raw):
                return web.Response(status=status, text=raw, headers=headers, content_type="application/json")
        raise AssertionError(answer)


@pytest.fixture
async def endpoint() -> AsyncIterator[Endpoint]:
    endpoint = Endpoint()
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", endpoint.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    endpoint.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield endpoint
    await runner.cleanup()


@dataclass
class Line:
    """The strict simulator: what it was asked, what people see, and the faults that are on."""

    simulator: Simulator

    @property
    def url(self) -> str:
        return self.simulator.url

    def faults(self, *rules: Fault) -> None:
        self.simulator.platform.faults.replace(rules)

    def token(self, token: str, chat: str = PERSON, age_s: float = 0.0) -> None:
        """A webhook with this token left `age_s` ago."""
        at = self.simulator.platform.now() - age_s
        self.simulator.platform.tokens.issue(token, chat=chat, event_at=at, now=at, message=None)

    def calls(self, path: str = "/message/") -> list[SimCall]:
        return [
            call
            for call in self.simulator.platform.calls.since(0, 100_000)
            if path in call.path and "quota" not in call.path
        ]

    def seen(self, chat: str = PERSON) -> list[str]:
        """The texts in somebody's chat, in order."""
        found = self.simulator.platform.chats.find(chat)
        if found is None:
            return []
        return [entry.message.get("text") or entry.message.get("altText", "") for entry in found.entries]

    def findings(self) -> list[str]:
        return [finding for call in self.simulator.platform.calls.since(0, 100_000) for finding in call.findings]

    async def until(self, met: Callable[[], object], within_s: float = 15) -> None:
        async with asyncio.timeout(within_s):
            while not met():
                await asyncio.sleep(0.005)


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    async with serve_simulator(SimSettings(monthly_quota=100)) as simulator:
        yield Line(simulator)


@dataclass
class Office:
    """The log, with somebody writing replies and alerts into it."""

    nc: Client
    journal: Journal
    line: Line

    async def reply(self, member: str, *texts: str, n: int = 0, age_s: float = 0.0, **more: Any) -> Envelope[Fact]:
        now = datetime.now(UTC)
        token = more.pop("token", f"token-{member}-{n}")
        to = more.pop("to", PERSON)
        if token:
            self.line.token(token, to, age_s)
        messages = more.pop("messages", None) or [{"type": "text", "text": text} for text in texts]
        fact = ReplyIssued(
            answers=(f"m{n}",),
            through=n,
            screened=True,
            kind=more.pop("kind", "support"),
            responder="offline",
            received_at=now - timedelta(seconds=age_s),
            messages=Sealed(messages),
            to=Sealed(to),
            reply_token=Sealed(token) if token else None,
            **more,
        )
        event = begin(fact, source="chat", cause=f"{member}-{n}", member=member, time=now)
        await self.journal.append([event])
        return event

    async def alert(self, member: str, n: int = 0, *, level: Level = "crisis", key: str = "suicide") -> Envelope[Fact]:
        fact = AlertRaised(level=level, category="suicide", merge_key=f"{member}:{key}", message=f"m{n}")
        event = begin(fact, source="risk", cause=f"{member}-{n}", member=member, time=datetime.now(UTC))
        await self.journal.append([event])
        return event

    async def said(self, member: str, kind: type[F], count: int = 1, within_s: float = 15) -> list[F]:
        """What notify said of this kind about a member, once it is at least so much."""
        async with asyncio.timeout(within_s):
            while True:
                found = [each for each in await self.facts(member, "", 0) if isinstance(each, kind)]
                if len(found) >= count:
                    return found
                await asyncio.sleep(0.01)

    async def facts(self, member: str, area: str, count: int, within_s: float = 15) -> list[Any]:
        """What was said about a member in an area by notify, once it is at least so much."""
        async with asyncio.timeout(within_s):
            while True:
                found = [
                    stored.event.data
                    for stored in await self.journal.history(member)
                    if stored.event.type.startswith(area) and stored.event.source.startswith("notify")
                ]
                if len(found) >= count:
                    return found
                await asyncio.sleep(0.01)


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[NatsServer]:
    async with nats_server(tmp_path) as running:
        yield running


@pytest.fixture
async def office(server: NatsServer, line: Line) -> AsyncIterator[Office]:
    async with open_log(server, master_keys=parse_master_keys(MASTER_KEYS)) as opened:
        yield Office(opened.nc, opened.journal, line)


AtWork = Callable[..., AbstractAsyncContextManager[None]]


@pytest.fixture
def at_work(server: NatsServer, office: Office, line: Line, tmp_path: Path) -> AtWork:
    """The service as a block, from when it is ready; `more` are settings."""

    @asynccontextmanager
    async def run(**more: Any) -> AsyncIterator[None]:
        chosen: dict[str, Any] = {
            "nats_url": server.url,
            "master_keys": MASTER_KEYS,
            "line_api_url": line.url,
            "line_channel_access_token": ACCESS_TOKEN,
            "drain_s": 2.0,
            "ack_wait_s": 1.0,
            "log_format": "json",
            "ready_file": tmp_path / f"ready-{secrets.token_hex(4)}",
            **more,
        }
        stop = asyncio.Event()
        async with asyncio.TaskGroup() as work:
            work.create_task(serve(NotifySettings(**chosen), stop))
            try:
                await line.until(chosen["ready_file"].exists)
                yield
            finally:
                stop.set()

    return run


@pytest.fixture
def member() -> str:
    return "m" + secrets.token_hex(8)
