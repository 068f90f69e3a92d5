"""Every service replaced by a new process while 50 messages a second come in: nobody notices an upgrade."""

import asyncio
from pathlib import Path

import pytest

from namjai.devkit.running import Running, namjai_up
from tests.e2e.drills.machine import watched
from tests.e2e.drills.proof import Crowd

pytestmark = pytest.mark.alone
PEOPLE = 300
REPLY_P99_S_MAX = 1.5
BEFORE_AND_AFTER_S = 2.0


@pytest.mark.timeout(180)
async def test_every_service_is_replaced_under_load_and_nothing_is_lost_doubled_or_slow(tmp_path: Path) -> None:
    crowd, enough = Crowd(PEOPLE), asyncio.Event()
    async with namjai_up(tmp_path / "home") as namjai:
        before = _pids(namjai)
        with watched(namjai) as machine:
            async with asyncio.TaskGroup() as work:
                work.create_task(crowd.write_until(namjai, enough))
                await asyncio.sleep(BEFORE_AND_AFTER_S)
                code, said = await namjai.namjai("roll")
                print(f"\n{said}")
                await asyncio.sleep(BEFORE_AND_AFTER_S)
                enough.set()
        after = _pids(namjai)
        report = await crowd.prove(namjai)
    assert code == 0, said
    assert before.keys() == after.keys()
    assert not set(before.values()) & set(after.values())
    if machine.is_ours:  # each of these has a deadline in it: the webhook's, the verdict's, and the person's patience
        assert report["webhooks refused at first"] == 0
        assert report["turns marked unscreened (crisis lines sent along)"] == 0
        assert report["reply p99 s"] < machine.allows(REPLY_P99_S_MAX)


def _pids(namjai: Running) -> dict[str, int]:
    return {name: service["pid"] for name, service in namjai.run["services"].items()}
