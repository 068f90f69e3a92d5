"""One whole Namjai for the tests that only talk to it; drills that break things start their own."""

import json
import secrets
from collections.abc import AsyncIterator

import pytest

from namjai.devkit.running import Running, namjai_up

COALESCE_MS = 20
"""People in conversations write one message at a time and wait for its answer."""
REMINDERS_EVERY_S = 1.5
"""Whoever asks for reminders here is not reminded once a day."""


@pytest.fixture(scope="session")
async def namjai(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Running]:
    async with namjai_up(tmp_path_factory.mktemp("namjai") / "home") as running:
        yield running


@pytest.fixture(scope="session")
async def talking(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Running]:
    """One Namjai with a fake model for all conversations and phone pages of the run."""
    home = tmp_path_factory.mktemp("talking") / "home"
    surroundings = {
        "NAMJAI_MODEL": "fake",
        "NAMJAI_COALESCE_MS": str(COALESCE_MS),
        "NAMJAI_MAIL_DNS": "off",
        "NAMJAI_MESSAGES_PER_MINUTE": "120",  # they talk faster than anybody types
        "NAMJAI_REMINDERS_EVERY_S": str(REMINDERS_EVERY_S),
        "NAMJAI_REMINDERS_QUIET_S": "0",
    }
    async with namjai_up(home, **surroundings) as running:
        yield running
        broken = await running.sim("GET", "calls?since=0&findings=1")
        assert not broken, f"calls that LINE would refuse: {json.dumps(broken, ensure_ascii=False)[:2_000]}"


@pytest.fixture
def user() -> str:
    """A LINE id nobody else in the run has."""
    return "U" + secrets.token_hex(16)
