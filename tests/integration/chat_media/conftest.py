"""Chat's way to content, against the simulated LINE, which refuses what LINE refuses."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest

from namjai.chat.adapters.content import Content, LineContents, open_contents
from namjai.chat.settings import ChatSettings
from namjai.devkit.line import SimSettings, Simulator, serve_simulator
from namjai.runtime.metrics import Metrics

FROM_LINE = json.dumps({"contentProvider": {"type": "line"}})


@dataclass
class Line:
    """The simulator from both sides: what people upload there, and what it was asked for."""

    sim: Simulator
    http: aiohttp.ClientSession

    async def upload(self, data: bytes, mime: str = "audio/x-m4a", **how: Any) -> str:
        """A message's content; returns the message's id."""
        path = self.sim.url + "/_sim/upload"
        async with self.http.post(path, params=how, data=data, headers={"Content-Type": mime}) as answer:
            assert answer.status == 200, await answer.text()
            return str((await answer.json())["messageId"])

    async def fault(self, **rule: Any) -> None:
        async with self.http.put(self.sim.url + "/_sim/faults", json=[{"path": "*/content", **rule}]) as answer:
            assert answer.status == 200

    def asked(self) -> list[tuple[str, int]]:
        """The calls of chat: their last word, and how they were answered."""
        return [(call.path.rpartition("/")[2], call.status) for call in self.sim.platform.calls.since(0, 1_000)]

    def findings(self) -> list[str]:
        return [found for call in self.sim.platform.calls.since(0, 1_000) for found in call.findings]

    @asynccontextmanager
    async def contents(self, **more: Any) -> AsyncIterator[LineContents]:
        """The adapter as the service opens it; `more` are settings."""
        given: dict[str, Any] = {
            "line_api_url": self.sim.url,
            "line_data_url": self.sim.url,
            "line_channel_access_token": self.sim.platform.settings.access_token,
            "content_poll_ms": 50,
            "content_deadline_s": 5,
            **more,
        }
        async with open_contents(ChatSettings(**given), Metrics("chat")) as contents:
            assert contents is not None
            yield contents

    async def fetch(self, message_id: str, raw: str = FROM_LINE, **more: Any) -> Content:
        async with self.contents(**more) as contents:
            return await contents.fetch(message_id, raw)


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    async with serve_simulator(SimSettings()) as sim, aiohttp.ClientSession() as http:
        yield Line(sim, http)
