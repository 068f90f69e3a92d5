"""The life of a whole run: started once, mended, stopped in time, and nothing left of it."""

import asyncio
import json
import os
import shutil
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from namjai.devkit import terminal
from namjai.devkit.child import is_alive
from namjai.devkit.terminal import NAMJAI
from namjai.runtime.provision import SERVICES

READY_S = 60.0
STOP_S = 10.0


async def namjai(home: Path, *arguments: str) -> tuple[int, str]:
    done = await terminal.namjai(*arguments, "--home", str(home))
    return done.code, done.all


async def until(condition: Callable[[], Awaitable[bool]], within_s: float = 30.0) -> None:
    async with asyncio.timeout(within_s):
        while not await condition():
            await asyncio.sleep(0.02)


def run_of(home: Path) -> dict[str, Any]:
    return dict(json.loads((home / "run.json").read_text()))


def left_over(home: Path) -> list[str]:
    """Command lines of living processes that name this home or were started for it."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if str(home).encode() in (process / "cmdline").read_bytes() + (process / "environ").read_bytes():
                found.append((process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace"))
        except OSError:
            continue
    return found


@asynccontextmanager
async def up(home: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """`namjai up` until it is ready; killed at the end if the test did not stop it."""
    environment = {**os.environ, "NAMJAI_TEST_HOME": str(home)}  # so that every child can be found again
    with (home.parent / "up.log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            *(*NAMJAI, "up", "--headless", "--home", str(home)), stdout=log, stderr=log, env=environment
        )

    async def ready() -> bool:
        assert process.returncode is None, (home.parent / "up.log").read_text()
        return (home / "run.json").exists()

    try:
        await until(ready, READY_S)
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture(scope="module")
async def mended(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Path]:
    """The home of one run for the tests that leave it whole."""
    home = tmp_path_factory.mktemp("mended") / "home"
    async with up(home):
        yield home


async def test_a_run_starts_answers_refuses_a_second_one_and_stops_in_time(home: Path) -> None:
    async with up(home) as process:
        run = run_of(home)
        assert (home / "run.json").stat().st_mode & 0o777 == 0o600
        assert list(run["services"]) == list(SERVICES)
        async with aiohttp.ClientSession() as session:
            for service in run["services"].values():
                async with session.get(service["health_url"]) as answer:
                    assert answer.status == 200
                async with session.get(service["metrics_url"]) as answer:
                    assert "# TYPE" in await answer.text()

        code, output = await namjai(home, "up", "--headless")
        assert code == 1
        assert "already running" in output

        code, output = await namjai(home, "say", "--as", "alex", "Hello")
        assert code == 0
        assert output.strip()

        code, output = await namjai(home, "status")
        assert code == 0
        assert all(service in output for service in SERVICES)

        began = time.monotonic()
        assert (await namjai(home, "down"))[0] == 0
        assert time.monotonic() - began < STOP_S
        assert await process.wait() == 0
    assert left_over(home) == []
    assert not (home / "run.json").exists()


async def test_a_killed_service_comes_back_and_run_json_knows_its_new_pid(mended: Path) -> None:
    before = run_of(mended)["services"]["chat"]
    os.kill(before["pid"], signal.SIGKILL)

    async def is_back() -> bool:
        return bool(run_of(mended)["services"]["chat"]["pid"] != before["pid"]) and await _ready(before["health_url"])

    await until(is_back)
    assert run_of(mended)["services"]["chat"]["health_url"] == before["health_url"]


async def test_processes_are_added_replaced_and_taken_away_while_it_runs(home: Path) -> None:
    async with up(home):
        before = run_of(home)["services"]
        code, output = await namjai(home, "scale", "gateway=2")
        assert code == 0, output
        assert run_of(home)["services"].keys() == before.keys() | {"gateway-2"}

        code, output = await namjai(home, "roll", "gateway")
        assert code == 0, output
        gateways = {name: run_of(home)["services"][name] for name in ("gateway", "gateway-2")}
        assert before["gateway"]["pid"] not in {gateway["pid"] for gateway in gateways.values()}
        assert not is_alive(before["gateway"]["pid"])
        assert all([await _ready(gateway["health_url"]) for gateway in gateways.values()])

        code, output = await namjai(home, "scale", "gateway=1")
        assert code == 0, output
        await until(lambda: _gone(gateways["gateway-2"]["pid"]))
        assert run_of(home)["services"].keys() == before.keys()
        code, output = await namjai(home, "scale", "gateway=1")
        assert "already" in output
    code, output = await namjai(home, "scale", "gateway=2")
    assert code == 1
    assert "nothing runs" in output


async def test_postgres_on_hold_stays_away_and_comes_back_when_released(mended: Path) -> None:
    processes = json.loads((mended / "processes.json").read_text())
    assert (await namjai(mended, "hold", "postgres"))[0] == 0
    await until(lambda: _gone(processes["postgres"]["pid"]))
    code, output = await namjai(mended, "say", "--as", "alex", "Hello")
    assert code == 0, output
    assert (await namjai(mended, "release", "postgres"))[0] == 0

    async def is_back() -> bool:
        return bool(json.loads((mended / "processes.json").read_text())["postgres"]["restarts"] == 1)

    await until(is_back)


async def test_a_lost_log_comes_back_from_the_archive_while_it_runs_and_at_rest(home: Path) -> None:
    async with up(home):
        assert (await namjai(home, "say", "--as", "alex", "Hello"))[0] == 0
        await until(lambda: _verified(home))
        before = await _log_of(home)
        pid = json.loads((home / "processes.json").read_text())["nats"]["pid"]
        assert (await namjai(home, "hold", "nats"))[0] == 0
        await until(lambda: _gone(pid))
        shutil.rmtree(home / "nats" / "store")
        assert (await namjai(home, "release", "nats"))[0] == 0
        await until(lambda: _restored(home))
        assert (await _log_of(home))[: len(before)] == before
    shutil.rmtree(home / "nats" / "store")
    code, output = await namjai(home, "restore-log")
    assert code == 0
    assert "restore-log: done" in output


async def _log_of(home: Path) -> list[str]:
    """The log as `namjai events` shows it, without the time of storing, which is another when it is stored again."""
    _, output = await namjai(home, "events", "--last", "1000")
    return [line.partition(" ")[2] for line in output.splitlines()]


async def _verified(home: Path) -> bool:
    code, output = await namjai(home, "verify")
    return code == 0 and "not archived yet" not in output


async def _restored(home: Path) -> bool:
    return (await namjai(home, "restore-log"))[0] == 0


async def test_nothing_is_left_when_the_supervisor_itself_is_killed(home: Path) -> None:
    async with up(home) as process:
        assert len(left_over(home)) > len(SERVICES)
        process.kill()
        await process.wait()

        async def nothing_left() -> bool:
            return not left_over(home)

        await until(nothing_left, STOP_S)
    async with up(home):  # the home is free, and its data is still there
        assert (home / "secrets.json").exists()


async def _gone(pid: int) -> bool:
    return not is_alive(pid)


async def _ready(url: str) -> bool:
    try:
        async with aiohttp.ClientSession() as session, session.get(url) as answer:
            return answer.status == 200
    except aiohttp.ClientError:
        return False
