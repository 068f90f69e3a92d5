"""Two, three and again one process of every service, some of them killed, under load: order and once-only hold."""

import asyncio
from pathlib import Path

import pytest

from namjai.devkit.running import Running, namjai_up
from tests.e2e.drills.proof import Crowd

pytestmark = pytest.mark.alone
PEOPLE = 150
RATE_PER_S = 25.0
"""Half of what the other drills offer: two processors are not enough for so many processes and more."""
PAUSE_S = 1.0


@pytest.mark.timeout(240)
async def test_replicas_come_go_and_are_killed_and_everybody_is_answered_once_in_order(tmp_path: Path) -> None:
    crowd, enough = Crowd(PEOPLE, RATE_PER_S), asyncio.Event()
    async with namjai_up(tmp_path / "home", "--replicas", "2") as namjai:
        async with asyncio.TaskGroup() as work:
            work.create_task(crowd.write_until(namjai, enough))
            await _kill(namjai, "chat", "risk-2", "notify", "gateway-2", "analytics")
            await _scale(namjai, "3")
            await _kill(namjai, "chat-3", "notify-2", "risk", "gateway")
            await _scale(namjai, "1")
            await asyncio.sleep(PAUSE_S)
            enough.set()
        assert len(namjai.run["services"]) == 5
        await crowd.prove(namjai)


async def _kill(namjai: Running, *names: str) -> None:
    for name in names:
        await asyncio.sleep(PAUSE_S)
        namjai.kill(name)


async def _scale(namjai: Running, wanted: str) -> None:
    code, said = await namjai.namjai("scale", wanted)
    print(f"\n{said}")
    assert code == 0, said
