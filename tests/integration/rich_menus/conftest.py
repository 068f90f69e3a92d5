"""The strict simulator, and the menus' own client on it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import aiohttp
import pytest

from namjai.devkit.line import SimSettings, Simulator, serve_simulator
from namjai.devkit.line.people import PEOPLE
from namjai.notify.menus.book import Menu, menus
from namjai.notify.menus.line import Hosts, LineMenus, menu_session
from namjai.notify.menus.provision import Wanted, carry_out, look, plan
from namjai.runtime.channel_tokens import FixedToken

PERSON = PEOPLE[0].user_id


@dataclass
class Channel:
    """A channel on LINE whose menus are set up; somebody always watches what a person sees."""

    simulator: Simulator
    line: LineMenus
    said: list[str] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)
    """What the person saw when each step was said."""

    def say(self, words: str) -> None:
        self.said.append(words)
        self.seen.append(self.name_of(PERSON))

    def name_of(self, user: str) -> str:
        shown = self.simulator.platform.menus.shown(user)
        return str(shown.body["name"]) if shown else ""

    async def set_up(self, *wanted: Menu, default: str = "main-th") -> list[str]:
        """Returns what was said."""
        self.said, self.seen = [], []
        found = await look(self.line)
        todo = plan([Wanted.of(menu) for menu in wanted or menus("TH")], found, default)
        await carry_out(self.line, todo, found, self.say)
        return self.said

    def findings(self) -> list[str]:
        return [finding for call in self.simulator.platform.calls.since(0, 1_000) for finding in call.findings]

    def asked(self, method: str, path: str) -> int:
        calls = self.simulator.platform.calls.since(0, 100_000)
        return sum(call.method == method and call.path.split("?")[0].endswith(path) for call in calls)


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with menu_session(5.0) as session:
        yield session


@pytest.fixture
async def channel(session: aiohttp.ClientSession) -> AsyncIterator[Channel]:
    async with serve_simulator(SimSettings()) as simulator:
        token = FixedToken(simulator.platform.settings.access_token)
        yield Channel(simulator, LineMenus(session, token, Hosts(simulator.url, simulator.url)))
