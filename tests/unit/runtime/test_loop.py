"""A process ends when it is told, in order; when told twice, at once."""

import asyncio
import gc
import signal
import sys
import time
from asyncio.subprocess import PIPE, Process

import pytest

from namjai.runtime.lag import LoopLag
from namjai.runtime.loop import GC_THRESHOLD, settle
from namjai.runtime.metrics import Metrics

PROGRAM = """
import asyncio
from namjai.runtime import loop
from namjai.runtime.logs import configure_logs

configure_logs("t", "0", log_format="json")

async def main(stop):
    print(type(asyncio.get_running_loop()).__module__, flush=True)
    if {crash}:
        raise ValueError("อยากตาย")
    await stop.wait()
    if {stubborn}:
        print("draining", flush=True)
        await asyncio.Event().wait()
    print("finished", flush=True)

loop.run(main)
"""


async def start(*, stubborn: bool = False, crash: bool = False) -> Process:
    program = PROGRAM.format(stubborn=stubborn, crash=crash)
    return await asyncio.create_subprocess_exec(sys.executable, "-c", program, stdout=PIPE, stderr=PIPE)


async def line(process: Process) -> str:
    assert process.stdout is not None
    return (await process.stdout.readline()).decode().strip()


async def test_it_runs_on_uvloop_and_finishes_what_it_has_at_sigterm() -> None:
    process = await start()
    assert (await line(process)).startswith("uvloop")
    process.send_signal(signal.SIGTERM)
    assert await line(process) == "finished"
    assert await process.wait() == 0


async def test_ctrl_c_is_the_same_and_leaves_no_traceback() -> None:
    process = await start()
    await line(process)
    process.send_signal(signal.SIGINT)
    stdout, stderr = await process.communicate()
    assert (stdout, process.returncode) == (b"finished\n", 0)
    assert b"Traceback" not in stderr


async def test_a_second_signal_cancels_what_does_not_finish_and_says_so() -> None:
    process = await start(stubborn=True)
    await line(process)
    process.send_signal(signal.SIGTERM)
    assert await line(process) == "draining"
    process.send_signal(signal.SIGTERM)
    _, stderr = await process.communicate()
    assert process.returncode == 1
    assert b"stopped_early" in stderr


async def test_a_bug_ends_the_process_with_an_error_that_repeats_no_words() -> None:
    process = await start(crash=True)
    _, stderr = await process.communicate()
    assert process.returncode == 1
    assert b"ValueError" in stderr
    assert "อยากตาย".encode() not in stderr


async def test_settings_that_are_wrong_end_the_process_with_their_name_and_without_their_value() -> None:
    program = (
        "from namjai.runtime import loop\nfrom namjai.runtime.settings import ServiceSettings\n"
        "async def main(stop): ServiceSettings(drain_s='hunter2')\nloop.run(main)"
    )
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", program, stdout=PIPE, stderr=PIPE)
    _, stderr = await process.communicate()
    assert process.returncode == 1
    assert b"drain_s: float_parsing" in stderr
    assert b"hunter2" not in stderr


async def test_a_loop_that_is_held_up_is_seen() -> None:
    metrics = Metrics("t")
    lag = LoopLag(metrics, every_s=0.01)
    sampling = asyncio.ensure_future(lag.run())
    await asyncio.sleep(0)
    time.sleep(0.05)  # noqa: ASYNC251  # holding up the loop is the point
    await asyncio.sleep(0.02)
    sampling.cancel()
    await asyncio.gather(sampling, return_exceptions=True)
    assert (metrics.registry.get_sample_value("namjai_loop_lag_seconds_sum") or 0) >= 0.03
    assert lag.p99_s >= 0.03


STUCK = """
import asyncio, time
from namjai.runtime import loop

def endless():
    words = "อยากตาย"
    {how}

async def main(stop):
    for _ in range(3):
        await asyncio.sleep(0.2)
        time.sleep(0.2)  # slow, but it comes round
    print("works", flush=True)
    endless()

loop.run(main, stuck_s=1.0)
"""


@pytest.mark.parametrize("how", ["time.sleep(60)", "__import__('re').match('(a+)+$', 'a' * 40 + 'b')"])
async def test_a_loop_that_is_stuck_ends_its_process_and_says_where_without_anybodys_words(how: str) -> None:
    """Also inside one call into C that never lets go."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", STUCK.format(how=how), stdout=PIPE, stderr=PIPE
    )
    stdout, stderr = await asyncio.wait_for(process.communicate(), 30)
    assert (stdout, process.returncode) == (b"works\n", 1)
    assert b"in endless" in stderr
    assert "อยากตาย".encode() not in stderr


async def test_a_process_that_is_only_slow_or_ends_in_time_is_left_alone() -> None:
    program = STUCK.format(how="time.sleep(0.3)") + "\ntime.sleep(1.5)\nprint('ended by itself', flush=True)"
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", program, stdout=PIPE, stderr=PIPE)
    stdout, _ = await asyncio.wait_for(process.communicate(), 30)
    assert (stdout, process.returncode) == (b"works\nended by itself\n", 0)


def test_settling_takes_what_lives_now_out_of_the_collectors_sight() -> None:
    threshold = gc.get_threshold()
    settle()
    try:
        assert gc.get_freeze_count() > 0
        assert gc.get_threshold() == GC_THRESHOLD
    finally:
        gc.unfreeze()
        gc.set_threshold(*threshold)


WAITING = """
import asyncio
from namjai.runtime import loop

async def main(stop):
    print("waits", flush=True)
    await loop.unless_stopped(stop, asyncio.Event().wait())
    print("never", flush=True)

loop.run(main, about="Waits for somebody who does not come.")
"""


async def test_a_process_that_still_waits_to_begin_ends_at_once_when_told() -> None:
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", WAITING, stdout=PIPE, stderr=PIPE)
    assert await line(process) == "waits"
    process.send_signal(signal.SIGTERM)
    async with asyncio.timeout(10):
        stdout, _ = await process.communicate()
    assert (b"never" in stdout, process.returncode) == (False, 0)


async def test_a_program_says_what_it_is_about_and_takes_no_other_words() -> None:
    for word, code, said in (("--help", 0, "Waits for somebody who does not come."), ("--loud", 2, "--loud")):
        process = await asyncio.create_subprocess_exec(sys.executable, "-c", WAITING, word, stdout=PIPE, stderr=PIPE)
        stdout, stderr = await process.communicate()
        assert process.returncode == code
        assert said in (stdout + stderr).decode()
