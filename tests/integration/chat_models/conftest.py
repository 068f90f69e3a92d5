"""A model's endpoint that answers as it is told, and chat on a real log with a model beside it."""

from __future__ import annotations

import asyncio
import secrets
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp import web

from namjai.chat.adapters.models.mind import Elsewhere
from namjai.chat.adapters.snapshots import KvSnapshots
from namjai.chat.conversation import Conversations
from namjai.chat.domain.composed import Clinic
from namjai.chat.ports import Desk as Surface
from namjai.chat.ports import Mind
from namjai.chat.records import MemberRecords
from namjai.chat.skills.skill import Skills
from namjai.chat.skills.table import table
from namjai.chat.surroundings import Chat
from namjai.devkit.testing import nats_server, open_log
from namjai.events import Envelope, begin
from namjai.events.member import MemberConsented
from namjai.runtime.lease import Leases
from namjai.runtime.memory_tools import MemoryLeaseStore
from namjai.runtime.metrics import Metrics
from tests.integration.chat.conftest import RULES, Desk

SKILLS = Skills(table())


@dataclass
class Call:
    """One request as the endpoint got it."""

    path: str
    headers: dict[str, str]
    body: Any


@dataclass
class Endpoint:
    """Plays a model's HTTP endpoint: `script` says what comes next, and its last item again and again.

    An item is (status, body), where the body is JSON or text, or one of the words `reset` and `silence`.
    """

    url: str = ""
    script: deque[tuple[int, Any] | str] = field(default_factory=deque)
    calls: list[Call] = field(default_factory=list)
    called: asyncio.Event = field(default_factory=asyncio.Event)
    release: asyncio.Event = field(default_factory=asyncio.Event)

    def says(self, *script: tuple[int, Any] | str) -> None:
        self.script = deque(script)
        self.calls.clear()
        self.called.clear()

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.calls.append(Call(request.path, dict(request.headers), await request.json()))
        self.called.set()
        item = self.script.popleft() if len(self.script) > 1 else self.script[0]
        if item == "reset":
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        if isinstance(item, str):
            await self.release.wait()
            return web.Response()
        status, body = item
        if isinstance(body, str):
            return web.Response(status=status, text=body, content_type="text/html")
        return web.json_response(body, status=status)


@pytest.fixture(scope="session")
async def serving() -> AsyncIterator[Endpoint]:
    endpoint = Endpoint()
    app = web.Application()
    app.router.add_post("/{path:.*}", endpoint.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    endpoint.url = f"http://{host}:{port}"
    yield endpoint
    endpoint.release.set()
    await runner.cleanup()


@pytest.fixture
def endpoint(serving: Endpoint) -> Endpoint:
    serving.says((500, "nobody has said what to answer"))
    return serving


class ModelDesk(Desk):
    """The desk of chat's own tests, with a model beside each replica."""

    async def agree(self, member: str) -> None:
        """Say hello, be greeted, and allow an outside model to word answers."""
        await self.judge(await self.write(member, "hello", 90))
        await self.replies(member, 1)
        fact = MemberConsented(purpose="model", granted=True, text_version="ui/en@1")
        await self.journal.append(
            [begin(fact, source="chat", cause=f"{member}-c", member=member, time=datetime.now(UTC))]
        )

    async def sequence(self, event: Envelope[Any]) -> int:
        """Where an event is in the log."""
        history = await self.journal.history(event.subject)
        return next(stored.sequence for stored in history if stored.event.id == event.id)

    async def worker(self, mind: Mind | None, *, leases: Leases | None = None, wait_s: float = 5.0) -> Conversations:
        """One more chat process that hears only what a test tells it; those that share `leases` share a Redis."""
        granted = leases or Leases(MemoryLeaseStore(), Metrics("chat"))

        @asynccontextmanager
        async def lease(member: str) -> AsyncIterator[bool]:
            async with granted.hold(member) as held:
                yield held is not None

        async def no_dots(_: str) -> None:
            return None

        def lay(member: str, _: object, mine: bool) -> Surface:
            asked = mind if mine or mind is None else Elsewhere(wait_s)
            return Surface(records=MemberRecords(self.journal, member), mind=asked)

        chat = Chat(
            journal=self.journal,
            snapshots=KvSnapshots(await self.nc.jetstream().key_value("snapshots")),
            clinic=Clinic(language="th", country="TH"),
            clock=lambda: datetime.now(UTC),
            lease=lease,
            loading=no_dots,
            turns=lambda _: None,
            skills=lambda: SKILLS,
            desk=lay,
        )
        return Conversations(chat, RULES, states_max=100)

    @asynccontextmanager
    async def replica_with(
        self, mind: Mind | None, *, leases: Leases | None = None, wait_s: float = 5.0
    ) -> AsyncIterator[Conversations]:
        """One more chat process, as far as the log can tell."""
        async with self.at_work(await self.worker(mind, leases=leases, wait_s=wait_s)) as conversations:
            yield conversations


@pytest.fixture(scope="session")
async def model_desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ModelDesk]:
    async with nats_server(tmp_path_factory.mktemp("chat_models")) as server, open_log(server, name="chat") as opened:
        yield ModelDesk(*opened)


@pytest.fixture
def member() -> str:
    return "m" + secrets.token_hex(8)
