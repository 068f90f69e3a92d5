"""Three NATS servers keep one log; each that leads is killed under load: nothing accepted is lost, nothing doubled."""

import asyncio
from contextlib import suppress
from pathlib import Path

import nats.errors
import pytest
from nats.js.errors import Error as JetStreamError

from namjai.devkit.running import Running, namjai_up, until
from namjai.runtime.provision import STREAMS
from tests.e2e.drills.proof import Crowd

PEOPLE = 150
RATE_PER_S = 25.0
"""Half of what the other drills offer: two processors are not enough for so many processes and more."""
CALM_S = 3.0
AWAY_S = 2.0
WHOLE_S = 60
GAP_S_MAX = 20.0
"""An election begins four to nine seconds after the last sign of a leader, which NATS has no setting for."""


@pytest.mark.timeout(240)
async def test_the_log_outlives_its_leaders_and_whoever_comes_back_catches_up(tmp_path: Path) -> None:
    crowd, enough = Crowd(PEOPLE, RATE_PER_S), asyncio.Event()
    async with namjai_up(tmp_path / "home", "--nats-nodes", "3", "--replicas", "notify=2,chat=2") as namjai:
        await until(lambda: _whole(namjai), WHOLE_S, 0.2)
        async with asyncio.TaskGroup() as work:
            work.create_task(crowd.write_until(namjai, enough))
            for leader in (_leader_of_the_log, _leader_of_all):
                await asyncio.sleep(CALM_S)
                await _lose(namjai, await leader(namjai))
            enough.set()
        report = await crowd.prove(namjai)
    assert report["longest without a webhook taken s"] < GAP_S_MAX
    assert report["longest without a reply s"] < GAP_S_MAX


async def _lose(namjai: Running, name: str) -> None:
    """Kill a server, keep it away for longer than a blink, let it come back, and wait until every copy is whole."""
    print(f"\nlost: {name}")
    began = asyncio.get_running_loop().time()
    async with namjai.without(name):
        namjai.kill(name)
        await asyncio.sleep(AWAY_S)
    await until(lambda: _whole(namjai), WHOLE_S, 0.2)
    print(f"whole again after {asyncio.get_running_loop().time() - began:.1f} s")


async def _leader_of_the_log(namjai: Running) -> str:
    async with namjai.log() as (nc, _):
        cluster = (await nc.jetstream().stream_info("EVENTS")).cluster
    assert cluster is not None
    return str(cluster.leader)


async def _leader_of_all(namjai: Running) -> str:
    """The server that decides where streams and consumers are."""
    for url in namjai.run["nats_monitor_urls"].values():
        with suppress(OSError):
            async with namjai.http.get(f"{url}/jsz") as answer:
                if leader := (await answer.json())["meta_cluster"].get("leader"):
                    return str(leader)
    raise AssertionError("no server leads")


async def _whole(namjai: Running) -> bool:
    """Whether every stream has a leader and two copies that are as far as it is."""
    try:
        async with namjai.log() as (nc, _):
            infos = [await nc.jetstream(timeout=2).stream_info(str(stream["name"])) for stream in STREAMS]
    except (nats.errors.Error, JetStreamError, TimeoutError):
        return False
    copies = [info.cluster.replicas or [] if info.cluster is not None else [] for info in infos]
    return all([copy.current for copy in each] == [True, True] for each in copies)
