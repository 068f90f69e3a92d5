"""A process ends when it is told, in order; when told twice, at once."""

import asyncio
import gc
import signal
import sys
import time
from asyncio.subprocess import PIPE, Process

from namjai.runtime.loop import GC_THRESHOLD, sample_lag, settle
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
    sampling = asyncio.ensure_future(sample_lag(metrics, every_s=0.01))
    await asyncio.sleep(0)
    time.sleep(0.05)  # noqa: ASYNC251  # holding up the loop is the point
    await asyncio.sleep(0.02)
    sampling.cancel()
    await asyncio.gather(sampling, return_exceptions=True)
    assert (metrics.registry.get_sample_value("namjai_loop_lag_seconds_sum") or 0) >= 0.03


def test_settling_takes_what_lives_now_out_of_the_collectors_sight() -> None:
    threshold = gc.get_threshold()
    settle()
    try:
        assert gc.get_freeze_count() > 0
        assert gc.get_threshold() == GC_THRESHOLD
    finally:
        gc.unfreeze()
        gc.set_threshold(*threshold)
