"""What others' failures do to a process: it is not ready, it says why, and nobody restarts it for that."""

import asyncio
import json
from pathlib import Path

from namjai.devkit.running import Running, namjai_up, until
from namjai.devkit.terminal import namjai as command
from namjai.runtime.provision import SERVICES

SERVERS = ("nats", "postgres", "valkey")
PROBES = 15
"""Five times as many as a kubelet needs to end a process."""


async def _status(namjai: Running, service: str, what: str) -> int:
    url = namjai.run["services"][service]["health_url"].replace("/readyz", what)
    async with namjai.http.get(url) as answer:
        return answer.status


async def _all(namjai: Running, what: str) -> set[int]:
    return set(await asyncio.gather(*(_status(namjai, service, what) for service in SERVICES)))


async def test_without_any_server_every_service_lives_is_not_ready_and_recovers_by_itself(tmp_path: Path) -> None:
    async with namjai_up(tmp_path / "home") as namjai:
        before = {name: each["pid"] for name, each in namjai.run["services"].items()}
        assert (await _all(namjai, "/livez"), await _all(namjai, "/readyz")) == ({200}, {200})
        for server in SERVERS:
            assert (await namjai.namjai("hold", server))[0] == 0
        await until(lambda: _are(namjai, 503))
        for _ in range(PROBES):
            assert await _all(namjai, "/livez") == {200}
            await asyncio.sleep(0.1)
        said = await command("status", "--json", "--home", str(namjai.home))
        found = {each["name"]: each for each in json.loads(said.out)}
        assert said.code == 1
        assert {found[server]["state"] for server in SERVERS} == {"on hold"}
        assert {found[service]["state"] for service in SERVICES} == {"not ready"}
        assert all("nats: NotConnected" in found[service]["wrong"] for service in SERVICES)
        assert "redis: RedisUnavailable" in found["chat"]["wrong"]
        assert "postgres: StoreUnavailable" in found["analytics"]["wrong"]
        for server in SERVERS:
            assert (await namjai.namjai("release", server))[0] == 0
        await until(lambda: _are(namjai, 200), 30)
        assert {name: each["pid"] for name, each in namjai.run["services"].items()} == before


async def _are(namjai: Running, status: int) -> bool:
    return await _all(namjai, "/readyz") == {status}
