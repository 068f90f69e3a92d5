"""500 people, four messages each, 50 a second, every process killed in turn: nothing lost, nothing twice."""

import asyncio
import os
from pathlib import Path

import pytest

from namjai.devkit.running import Running, namjai_up
from tests.e2e.drills.proof import RATE_PER_S, Crowd

PEOPLE = int(os.environ.get("NAMJAI_DRILL_PEOPLE", "500"))
MESSAGES = 4
VICTIMS = ("risk", "chat", "notify", "gateway", "analytics", "nats")


@pytest.mark.timeout(300)
async def test_nothing_is_lost_doubled_or_unscreened_while_everything_is_killed(tmp_path: Path) -> None:
    crowd = Crowd(PEOPLE)
    async with namjai_up(tmp_path / "home") as namjai:
        async with asyncio.TaskGroup() as work:
            work.create_task(crowd.write(namjai, PEOPLE * MESSAGES))
            work.create_task(_kill_in_turn(namjai))
        await crowd.prove(namjai)


async def _kill_in_turn(namjai: Running) -> None:
    pause = PEOPLE * MESSAGES / RATE_PER_S / (len(VICTIMS) + 1)
    for victim in VICTIMS:
        await asyncio.sleep(pause)
        namjai.kill(victim)
