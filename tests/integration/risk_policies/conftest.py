"""Replicas of risk, whole and in this process, on a NATS of each test's own with production's permissions."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import secrets
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from namjai.devkit.testing import NatsServer, NatsUser, nats_server, open_log
from namjai.events import Envelope, Fact, Sealed, Stored, begin
from namjai.events.message import MessageReceived
from namjai.events.risk import RiskAssessed
from namjai.risk.app import serve
from namjai.risk.settings import RiskSettings
from namjai.runtime.journal import Journal
from namjai.runtime.micro import Ask, Refused, Unavailable
from namjai.runtime.provision import ACCOUNTS
from namjai.runtime.settings import parse_master_keys

MASTER_KEYS = "k:" + base64.b64encode(b"k" * 32).decode()


@dataclass
class Clinic:
    """The log with people writing into it, staff asking, and as many replicas of risk as a test wants."""

    server: NatsServer
    journal: Journal
    asking: Ask
    folder: Path
    _n: int = 0

    async def writes(self, member: str, words: str, *, ago: timedelta = timedelta(0)) -> Envelope[Fact]:
        at = datetime.now(UTC) - ago
        fact = MessageReceived(
            kind="text",
            message_id=secrets.token_hex(4),
            webhook_event_id=secrets.token_hex(4),
            source_kind="user",
            mode="active",
            sent_at=at,
            received_at=at,
            text=Sealed(words),
            raw=Sealed("{}"),
        )
        return await self.happens(member, fact, ago=ago)

    async def happens(self, member: str, fact: Fact, *, ago: timedelta = timedelta(0)) -> Envelope[Fact]:
        self._n += 1
        at = datetime.now(UTC) - ago
        event = begin(fact, source="test", cause=f"{member}-{self._n}", member=member, time=at)
        await self.journal.append([event])
        return event

    async def verdict(self, message: Envelope[Fact], within_s: float = 10) -> Stored[RiskAssessed]:
        async with asyncio.timeout(within_s):
            while True:
                for each in await self.journal.history(message.subject):
                    if isinstance(each.event.data, RiskAssessed) and each.event.data.message == message.id:
                        return each  # type: ignore[return-value]  # narrowed
                await asyncio.sleep(0.01)

    async def ask(self, endpoint: str, /, **query: Any) -> Any:
        """The answer, or the code and reason of a refusal; a replica that has just started is asked again."""
        body = json.dumps(query).encode()
        async with asyncio.timeout(20):
            while True:
                try:
                    return json.loads(await self.asking.ask(f"api.risk.{endpoint}", body, deadline_s=10))
                except Refused as refused:
                    return refused.code, refused.reason
                except Unavailable:
                    await asyncio.sleep(0.02)

    def settings(self, **more: Any) -> dict[str, Any]:
        return {
            "nats_url": self.server.url,
            "nats_user": "risk",
            "nats_password": "r",
            "master_keys": MASTER_KEYS,
            "drain_s": 2.0,
            "log_format": "json",
            **more,
        }

    @asynccontextmanager
    async def replica(self) -> AsyncIterator[None]:
        """The service as a block, from when it is ready."""
        ready, stop = self.folder / f"ready-{secrets.token_hex(4)}", asyncio.Event()
        async with asyncio.TaskGroup() as work:
            work.create_task(serve(RiskSettings(**self.settings(ready_file=ready)), stop))
            try:
                async with asyncio.timeout(20):
                    while not ready.exists():
                        await asyncio.sleep(0.01)
                yield
            finally:
                stop.set()

    async def command(self, module: str, *arguments: str) -> tuple[int, str, str]:
        """A command of the service as somebody calls it: exit code, output, errors."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", f"namjai.risk.{module}", *arguments),
            env={
                **os.environ,
                "NAMJAI_NATS_URL": self.server.url,
                "NAMJAI_NATS_USER": "risk",
                "NAMJAI_NATS_PASSWORD": "r",
                "NAMJAI_MASTER_KEYS": MASTER_KEYS,
            },
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        output, errors = await process.communicate()
        return process.returncode or 0, output.decode(), errors.decode()


@pytest.fixture
async def clinic(tmp_path: Path) -> AsyncIterator[Clinic]:
    may = ACCOUNTS["risk"]
    users = (
        NatsUser(name="admin", password="a", publish=(">",), subscribe=(">",)),
        NatsUser(name="risk", password="r", publish=may.publish, subscribe=may.subscribe),
    )
    keys = parse_master_keys(MASTER_KEYS)
    async with (
        nats_server(tmp_path, users=users) as server,
        open_log(server, master_keys=keys, user="admin", password="a") as opened,
    ):
        yield Clinic(server, opened.journal, Ask(opened.requests), tmp_path)
