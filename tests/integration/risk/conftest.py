"""The risk service, whole and in this process, on a NATS of its own with production's permissions."""

from __future__ import annotations

import asyncio
import base64
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
from nats.aio.client import Client

from namjai.devkit.testing import NatsServer, NatsUser, nats_server, open_log
from namjai.events import Envelope, Fact, Sealed, begin
from namjai.events.alert import AlertRaised
from namjai.events.media import MediaTranscribed
from namjai.events.message import MessageReceived
from namjai.events.risk import Level, RiskAssessed
from namjai.risk.app import serve
from namjai.risk.settings import RiskSettings
from namjai.runtime.journal import Journal
from namjai.runtime.provision import ACCOUNTS
from namjai.runtime.settings import parse_master_keys
from namjai.runtime.timers import NatsTimers

MASTER_KEYS = "k:" + base64.b64encode(b"k" * 32).decode()
F = TypeVar("F", bound=Fact)


@dataclass
class Person:
    """Somebody who writes, and what is on record of them."""

    member: str
    journal: Journal
    timers: NatsTimers
    nc: Client
    _n: int = 0

    async def happens(self, fact: Fact) -> Envelope[Fact]:
        self._n += 1
        event = begin(fact, source="test", cause=f"{self.member}-{self._n}", member=self.member, time=_now())
        await self.journal.append([event])
        return event

    async def was_judged(self, level: Level, ago_s: float) -> None:
        """A verdict with its alert that nobody has looked at since: the service was away."""
        at = _now() - timedelta(seconds=ago_s)
        verdict = RiskAssessed(message="w", outcome="screened", level=level, category="suicide", policy="test")
        alert = AlertRaised(level=level, category="suicide", merge_key="k", message="w")
        facts: tuple[Fact, ...] = (verdict, alert)
        await self.journal.append(
            [
                begin(fact, source="test", cause=f"{self.member}-w", member=self.member, time=at, n=n)
                for n, fact in enumerate(facts)
            ]
        )

    async def writes(self, words: str, **more: Any) -> Envelope[Fact]:
        now = _now()
        chosen: dict[str, Any] = {
            "kind": "text",
            "message_id": secrets.token_hex(4),
            "webhook_event_id": secrets.token_hex(4),
            "source_kind": "user",
            "mode": "active",
            "sent_at": now,
            "received_at": now,
            "text": Sealed(words),
            "raw": Sealed("{}"),
            **more,
        }
        return await self.happens(MessageReceived(**chosen))

    async def says(self, words: str) -> Envelope[Fact]:
        """A voice message, and a moment later what was heard in it; returns the latter."""
        voice = await self.writes("", kind="audio", text=None, raw=Sealed('{"type": "audio"}'))
        return await self.happens(
            MediaTranscribed(message=voice.id, message_id="v", kind="audio", text=Sealed(words), received_at=voice.time)
        )

    async def said(self, kind: type[F], count: int = 1, within_s: float = 15) -> list[F]:
        """The facts of a kind about this person, once there are so many."""
        async with asyncio.timeout(within_s):
            while len(found := await self._all(kind)) < count:
                await asyncio.sleep(0.01)
        return found

    async def has_said(self, kind: type[F], after_s: float = 0.0) -> list[F]:
        """What there is of a kind after a while in which more could have come."""
        await asyncio.sleep(after_s)
        return await self._all(kind)

    async def _all(self, kind: type[F]) -> list[F]:
        stored = await self.journal.history(self.member)
        return [each.event.data for each in stored if isinstance(each.event.data, kind)]


@pytest.fixture(scope="session")
async def risk_nats(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[NatsServer]:
    may = ACCOUNTS["risk"]
    users = (
        NatsUser(name="admin", password="a", publish=(">",), subscribe=(">",)),
        NatsUser(name="risk", password="r", publish=may.publish, subscribe=may.subscribe),
    )
    async with nats_server(tmp_path_factory.mktemp("risk"), users=users) as server:
        yield server


@pytest.fixture(scope="session")
async def people(risk_nats: NatsServer) -> AsyncIterator[Callable[[], Person]]:
    keys = parse_master_keys(MASTER_KEYS)
    async with open_log(risk_nats, master_keys=keys, user="admin", password="a") as (nc, requests, journal):
        yield lambda: Person("m" + secrets.token_hex(8), journal, NatsTimers(requests), nc)


@pytest.fixture
def person(people: Callable[[], Person]) -> Person:
    return people()


AtWork = Callable[..., AbstractAsyncContextManager[None]]


@pytest.fixture
def at_work(risk_nats: NatsServer, people: Callable[[], Person], tmp_path: Path) -> AtWork:
    """The service as a block, from when it is ready; `more` are settings."""

    @asynccontextmanager
    async def run(**more: Any) -> AsyncIterator[None]:
        ready = tmp_path / f"ready-{secrets.token_hex(4)}"
        chosen: dict[str, Any] = {
            "nats_url": risk_nats.url,
            "nats_user": "risk",
            "nats_password": "r",
            "master_keys": MASTER_KEYS,
            "drain_s": 2.0,
            "log_format": "json",
            "ready_file": ready,
            **more,
        }
        stop = asyncio.Event()
        async with asyncio.TaskGroup() as work:
            work.create_task(serve(RiskSettings(**chosen), stop))
            try:
                async with asyncio.timeout(15):
                    while not ready.exists():
                        await asyncio.sleep(0.01)
                yield
            finally:
                stop.set()

    return run


def _now() -> datetime:
    return datetime.now(UTC)
