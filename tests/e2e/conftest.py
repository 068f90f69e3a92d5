"""One whole Namjai for the tests that only talk to it; drills that break things start their own."""

import secrets
from collections.abc import AsyncIterator

import pytest

from namjai.devkit.running import Running, namjai_up


@pytest.fixture(scope="session")
async def namjai(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Running]:
    async with namjai_up(tmp_path_factory.mktemp("namjai") / "home") as running:
        yield running


@pytest.fixture
def user() -> str:
    """A LINE id nobody else in the run has."""
    return "U" + secrets.token_hex(16)
