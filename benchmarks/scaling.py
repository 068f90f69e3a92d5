"""What a message costs each process, and so what to scale first: `python -m benchmarks.scaling --replicas chat=2`.

Time on the processor is counted by the kernel for each process, so the figures hold on a busy machine, too; how long
people wait does not, and is printed to show how busy it was. Each message is a webhook of its own; people are as many
as they would be, so that most turns answer one message.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from namjai.devkit.load import percentile
from namjai.devkit.running import Running, facts, namjai_up, until
from namjai.devkit.signing import user_id
from namjai.events.delivery import DeliverySent

TICKS_PER_S = os.sysconf("SC_CLK_TCK")
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
SETTLE_S = 180.0
WARM_UP = 200
PER_PERSON = 5
"""Fewer than a person may write in a minute before they are throttled."""
TEXTS = ("สวัสดีค่ะ", "อยากเลิกเหล้า ทำยังไงดี", "I slept badly again", "我今天沒有喝酒", "วันนี้ไม่ค่อยดีเลย")


@dataclass(frozen=True)
class Used:
    """What a process has used so far."""

    cpu_s: float
    memory_mib: float


def used(pid: int) -> Used:
    """Read it from the kernel."""
    after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return Used((int(after_name[11]) + int(after_name[12])) / TICKS_PER_S, pages * PAGE_BYTES / 2**20)


def family(pid: int) -> list[int]:
    """A process and what it started: PostgreSQL is many."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(each for child in children for each in family(int(child)))]


def everybody(namjai: Running) -> dict[str, Used]:
    """By the name of the process; replicas apart."""
    processes: Mapping[str, Any] = json.loads((namjai.home / "processes.json").read_text())
    found = {}
    for name, process in processes.items():
        parts = [used(pid) for pid in family(process["pid"])]
        found[name] = Used(sum(part.cpu_s for part in parts), sum(part.memory_mib for part in parts))
    return found


async def offer(namjai: Running, messages: int, rate_per_s: float, first: int) -> None:
    """Open loop: each message at its time."""
    loop = asyncio.get_running_loop()
    began, people = loop.time(), max(1, messages // PER_PERSON)
    async with asyncio.TaskGroup() as sending:
        for number in range(messages):
            await asyncio.sleep(max(0.0, began + number / rate_per_s - loop.time()))
            text = TEXTS[number // people % len(TEXTS)]
            sending.create_task(namjai.send(user_id(first + number % people), text))


async def settled(namjai: Running, deliveries: int) -> list[float] | None:
    """How long the replies took, once there are so many; None before."""
    sent = facts(await namjai.events(), DeliverySent)
    return [each.data.latency_ms / 1_000 for each in sent] if len(sent) >= deliveries else None


async def measure(arguments: argparse.Namespace) -> dict[str, Any]:
    """One run: warm up, offer, wait until everybody is answered, and count."""
    options = [part for each in arguments.replicas for part in ("--replicas", each)]
    options += ["--nats-nodes", str(arguments.nats_nodes)]
    with tempfile.TemporaryDirectory() as folder:
        async with namjai_up(Path(folder) / "home", *options) as namjai:
            await offer(namjai, WARM_UP, arguments.rate, 0)
            await asyncio.sleep(3)
            warm, before = len(facts(await namjai.events(), DeliverySent)), everybody(namjai)
            loop = asyncio.get_running_loop()
            began = loop.time()
            await offer(namjai, arguments.messages, arguments.rate, WARM_UP)
            # Messages of one person that come close together are one turn, so there may be a few replies less.
            took = (await until(lambda: settled(namjai, warm + round(arguments.messages * 0.98)), SETTLE_S, 0.5))[warm:]
            lasted_s, after = loop.time() - began, everybody(namjai)
    return {
        "offered per s": arguments.rate,
        "handled per s": round(arguments.messages / lasted_s, 1),
        "reply p50 s": percentile(took, 50),
        "reply p99 s": percentile(took, 99),
        "processes": {
            name: {
                "cpu ms/message": round((after[name].cpu_s - before[name].cpu_s) * 1_000 / arguments.messages, 2),
                "memory MiB": round(after[name].memory_mib),
            }
            for name in before
        },
        "cpu ms/message in all": round(
            sum(after[name].cpu_s - before[name].cpu_s for name in before) * 1_000 / arguments.messages, 1
        ),
    }


def main() -> None:
    """For the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--replicas", action="append", default=[], metavar="SERVICE=N")
    parser.add_argument("--nats-nodes", type=int, default=1)
    parser.add_argument("--rate", type=float, default=20.0, help="messages a second")
    parser.add_argument("--messages", type=int, default=600)
    print(json.dumps(asyncio.run(measure(parser.parse_args())), indent=2))


if __name__ == "__main__":
    main()
