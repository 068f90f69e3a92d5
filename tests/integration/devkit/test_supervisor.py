"""The supervisor with real processes: order, restarts, holding, and nothing left over."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from namjai.devkit.child import Child, ChildFailed
from namjai.devkit.supervisor import Stage, Supervisor

SLEEPER = [sys.executable, "-c", "import time; time.sleep(600)"]
STUBBORN = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(600)",
]


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.01)


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


@asynccontextmanager
async def supervised(tmp_path: Path, *stages: Stage) -> AsyncIterator[tuple[Supervisor, list[str]]]:
    """Run a supervisor beside the block until the block ends."""
    stop, is_ready, started = asyncio.Event(), asyncio.Event(), list[str]()
    supervisor = Supervisor(stages, changed=lambda: None, held=lambda name: tmp_path / name, started=started.append)

    async def ready() -> None:
        is_ready.set()

    async with asyncio.TaskGroup() as group:
        group.create_task(supervisor.run(stop, ready))
        try:
            async with asyncio.timeout(20):
                await is_ready.wait()
            yield supervisor, started
        finally:
            stop.set()


def child(tmp_path: Path, name: str, argv: list[str] = SLEEPER) -> Child:
    return Child(name=name, argv=argv, log=tmp_path / f"{name}.log", stop_deadline_s=0.3)


async def test_a_stage_starts_after_the_one_before_and_everything_is_gone_at_the_end(tmp_path: Path) -> None:
    server, service = child(tmp_path, "server"), child(tmp_path, "service")
    job = child(tmp_path, "job", [sys.executable, "-c", "print('done')"])
    stages = (Stage("servers", [server]), Stage("jobs", [job], job=True), Stage("services", [service]))
    async with supervised(tmp_path, *stages) as (_, started):
        assert started == ["server", "job", "service"]
        pids = [server.last_pid, service.last_pid]
        assert all(alive(pid) for pid in pids)
    assert not any(alive(pid) for pid in pids)


async def test_a_killed_process_is_started_again_with_a_new_pid(tmp_path: Path) -> None:
    service = child(tmp_path, "service")
    async with supervised(tmp_path, Stage("services", [service])) as (supervisor, _):
        first = service.last_pid
        os.kill(first, signal.SIGKILL)
        await until(lambda: service.last_pid != first)
        assert supervisor.restarts == {"service": 1}
        assert alive(service.last_pid)


async def test_a_process_on_hold_stays_down_until_it_is_released(tmp_path: Path) -> None:
    service = child(tmp_path, "service")
    async with supervised(tmp_path, Stage("services", [service])) as (supervisor, _):
        held = tmp_path / "service"
        held.touch()
        await service.kill()
        await asyncio.sleep(0.5)  # longer than the first back-off
        assert not service.running
        held.unlink()
        await until(lambda: supervisor.restarts == {"service": 1})


async def test_a_process_that_ignores_the_stop_signal_is_killed_at_the_deadline(tmp_path: Path) -> None:
    stubborn = child(tmp_path, "stubborn", STUBBORN)
    async with supervised(tmp_path, Stage("services", [stubborn])):
        await until(lambda: stubborn.log.read_text() == "up\n")
        pid = stubborn.last_pid
    assert not alive(pid)


async def test_what_a_process_started_itself_does_not_outlive_it(tmp_path: Path) -> None:
    spawns = "import subprocess, sys; p = subprocess.Popen(sys.argv[1:]); print(p.pid, flush=True); p.wait()"
    parent = child(tmp_path, "parent", [sys.executable, "-c", spawns, *SLEEPER])
    async with supervised(tmp_path, Stage("services", [parent])):
        await until(lambda: parent.log.read_text().endswith("\n"))
        grandchild = int(parent.log.read_text())
        assert alive(grandchild)
    await until(lambda: not alive(grandchild))


async def test_a_start_that_fails_says_why_and_stops_what_had_started(tmp_path: Path) -> None:
    server = child(tmp_path, "server")
    broken = child(tmp_path, "broken", [sys.executable, "-c", "raise SystemExit('no configuration')"])
    broken.probe = _never
    supervisor = Supervisor(
        [Stage("servers", [server]), Stage("services", [broken])],
        changed=lambda: None,
        held=lambda name: tmp_path / "held" / name,
    )
    with pytest.raises(ChildFailed, match="no configuration"):
        await supervisor.run(asyncio.Event(), _nothing)
    assert not alive(server.last_pid)


async def test_a_stop_during_the_start_does_not_wait_for_the_start(tmp_path: Path) -> None:
    slow = child(tmp_path, "slow")
    slow.probe = _never
    stop = asyncio.Event()
    supervisor = Supervisor([Stage("s", [slow])], changed=lambda: None, held=lambda name: tmp_path / "held" / name)
    async with asyncio.timeout(10), asyncio.TaskGroup() as group:
        group.create_task(supervisor.run(stop, _nothing))
        await until(lambda: slow.running)
        stop.set()
    assert not alive(slow.last_pid)


async def test_a_log_stays_below_its_limit_while_its_process_writes_on(tmp_path: Path) -> None:
    writes = "import time\nwhile True: print('x' * 999, flush=True); time.sleep(0.001)"
    writer = child(tmp_path, "writer", [sys.executable, "-c", writes])
    await writer.start()
    await until(lambda: writer.log.stat().st_size > 20_000)
    writer.rotate_log(10_000)
    assert writer.log.stat().st_size < 20_000
    assert (tmp_path / "writer.log.1").stat().st_size > 10_000
    await until(lambda: writer.log.stat().st_size > 1_000)
    assert set(writer.log.read_bytes()) == {ord("x"), ord("\n")}
    await writer.stop()


async def test_no_process_outlives_a_supervisor_that_was_killed(tmp_path: Path) -> None:
    program = (
        "import asyncio, sys; from pathlib import Path; from namjai.devkit.child import Child\n"
        "async def main():\n"
        "    child = Child(name='c', argv=['sleep', '600'], log=Path(sys.argv[1]))\n"
        "    await child.start(); print(child.pid, flush=True); await asyncio.sleep(600)\n"
        "asyncio.run(main())"
    )
    argv = [sys.executable, "-c", program, str(tmp_path / "c.log")]
    supervisor = await asyncio.create_subprocess_exec(*argv, stdout=asyncio.subprocess.PIPE)
    assert supervisor.stdout is not None
    pid = int(await supervisor.stdout.readline())
    assert alive(pid)
    supervisor.kill()
    await supervisor.wait()
    await until(lambda: not alive(pid))


async def _never() -> bool:
    return False


async def _nothing() -> None:
    return None
