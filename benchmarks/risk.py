"""risk alone: messages offered to NATS and one risk process, nothing else. `python -m benchmarks.risk --help`.

Times are those that NATS stored the events at: one clock, and an event counts once it is safe.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import os
import secrets
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from nats.aio.client import Client

from benchmarks.offer import is_crisis
from namjai.devkit.child import Child
from namjai.devkit.load import percentile
from namjai.devkit.running import until
from namjai.devkit.testing import NatsServer, nats_server
from namjai.events import codec
from namjai.events.alert import AlertRaised
from namjai.events.message import MessageReceived
from namjai.events.risk import RiskAssessed
from namjai.runtime.bus import Requests, connect
from namjai.runtime.log import NatsLog
from namjai.runtime.logs import configure_logs
from namjai.runtime.provision import provision

RATE_PER_S = 1_000
SECONDS = 30
DRAINED_WITHIN_S = 300
RISK = (sys.executable, "-m", "namjai.risk")
_TICKS_PER_S = os.sysconf("SC_CLK_TCK")


@dataclass
class Seen:
    """What the log says came of each message, by the id of its event."""

    messages: dict[str, datetime] = field(default_factory=dict)
    due: dict[str, datetime] = field(default_factory=dict)
    crises: set[str] = field(default_factory=set)
    verdicts: dict[str, datetime] = field(default_factory=dict)
    alerts: dict[str, datetime] = field(default_factory=dict)


@dataclass(frozen=True)
class Spent:
    """What the run cost, from the first message on."""

    cpu_s: Mapping[str, float]
    """Processor time of each process."""
    idle: float
    """Share of the machine that nobody used: near 0 the machine was the limit, whoever used it."""
    deliveries: int
    """How often NATS handed a message over: more than there are messages means that some were late."""
    memory_mb: float


async def measure(rate: float = RATE_PER_S, seconds: float = SECONDS) -> dict[str, Any]:
    """Offer messages at a rate, wait until the last one is screened, and read in the log what came of them."""
    keys = f"bench:{base64.b64encode(secrets.token_bytes(32)).decode()}"
    with tempfile.TemporaryDirectory() as folder:
        async with nats_server(Path(folder)) as server:
            nc = await connect(server.url, name="admin")
            try:
                await provision(nc)
                async with _risk(Path(folder), server, keys) as child:
                    pids = {"risk": child.last_pid, "NATS": server.child.last_pid}
                    offered, spent = await _run(nc, (server.url, keys, str(rate), str(seconds)), pids)
                seen = await _read(NatsLog(await Requests.open(nc)))
            finally:
                await nc.close()
    return _figures(seen, offered, spent, rate)


async def _run(nc: Client, plan: Sequence[str], pids: Mapping[str, int]) -> tuple[Mapping[str, float], Spent]:
    """Let the generator offer its messages, and wait until risk has nothing left to do."""
    command = (sys.executable, "-m", "benchmarks.offer", *plan)
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    if await process.stdout.readline() == b"ready\n":
        cpu_s = {name: _cpu_s(pid) for name, pid in pids.items()}
        idle_s, began = _idle_s(), time.monotonic()
    output, _ = await process.communicate()
    if process.returncode:
        raise RuntimeError(f"the generator ended with {process.returncode}")
    await until(lambda: _drained(nc), DRAINED_WITHIN_S, 0.2)
    took_s = time.monotonic() - began
    return json.loads(output), Spent(
        cpu_s={name: _cpu_s(pid) - cpu_s[name] for name, pid in pids.items()},
        idle=(_idle_s() - idle_s) / (took_s * (os.cpu_count() or 1)),
        deliveries=(await _consumer(nc))["delivered"]["consumer_seq"],
        memory_mb=_memory_mb(pids["risk"]),
    )


def _figures(seen: Seen, offered: Mapping[str, float], spent: Spent, rate: float) -> dict[str, Any]:
    at = f"at {rate:g}/s"
    messages, screened = len(seen.messages), [each for each in seen.messages if each in seen.verdicts]
    verdict_ms = [_ms(seen.messages[each], seen.verdicts[each]) for each in screened]
    alerted = [each for each in seen.crises if each in seen.alerts]
    alert_ms = [_ms(seen.messages[each], seen.alerts[each]) for each in alerted]
    from_due_ms = [_ms(seen.due[each], seen.verdicts[each]) for each in screened]
    took_s = (max(seen.verdicts.values()) - min(seen.messages.values())).total_seconds()
    return {
        f"risk alone, messages taken {at}": f"{messages}/{offered['offered']:.0f}",
        f"risk alone, share screened {at}": round(len(screened) / messages, 6),
        f"risk alone, crises alerted {at}": f"{len(alerted)}/{len(seen.crises)}",
        f"risk alone, verdicts/s {at}": round(len(screened) / took_s),
        f"risk alone, verdict p50 {at}, ms": percentile(verdict_ms, 50),
        f"risk alone, verdict p99 {at}, ms": percentile(verdict_ms, 99),
        f"risk alone, alert p99 {at}, ms": percentile(alert_ms, 99),
        f"risk alone, verdict p99 from due time {at}, ms": percentile(from_due_ms, 99),
        f"risk alone, append of a message p99 {at}, ms": offered["append_p99_ms"],
        f"risk alone, generator late p99 {at}, ms": offered["late_p99_ms"],
        f"risk alone, deliveries a message {at}": round(spent.deliveries / messages, 3),
        f"risk alone, share of the machine idle {at}": round(spent.idle, 2),
        **{f"risk alone, CPU of {name} a message, ms": round(s * 1e3 / messages, 3) for name, s in spent.cpu_s.items()},
        "risk alone, highest memory of risk, MB": round(spent.memory_mb),
    }


@asynccontextmanager
async def _risk(folder: Path, server: NatsServer, keys: str) -> AsyncIterator[Child]:
    ready = folder / "risk.port"
    settings = {"NAMJAI_NATS_URL": server.url, "NAMJAI_MASTER_KEYS": keys, "NAMJAI_READY_FILE": str(ready)}

    async def is_ready() -> bool:
        return ready.exists()

    child = Child(name="risk", argv=RISK, log=folder / "risk.log", env={**os.environ, **settings}, probe=is_ready)
    await child.start()
    try:
        yield child
    finally:
        await child.stop()


async def _consumer(nc: Client) -> dict[str, Any]:
    answer = await nc.request("$JS.API.CONSUMER.INFO.EVENTS.risk", b"", timeout=5)
    return dict(json.loads(answer.data))


async def _drained(nc: Client) -> bool:
    info = await _consumer(nc)
    return not info["num_pending"] and not info["num_ack_pending"]


async def _read(log: NatsLog) -> Seen:
    seen = Seen()
    async for raw in log.read():
        event = codec.decode(raw.data)
        match event.data:
            case MessageReceived():
                seen.messages[event.id], seen.due[event.id] = raw.stored_at, event.time
                if is_crisis(int(event.source.removeprefix("bench/"))):
                    seen.crises.add(event.id)
            case RiskAssessed(message=judged, outcome="screened"):
                seen.verdicts[judged] = raw.stored_at
            case AlertRaised(message=judged):
                seen.alerts[judged] = raw.stored_at
            case _:
                continue
    return seen


def _ms(earlier: datetime, later: datetime) -> float:
    return (later - earlier).total_seconds() * 1000


def _cpu_s(pid: int) -> float:
    """Processor time that a process has used, from Linux's own account."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS_PER_S


def _idle_s() -> float:
    """Processor time that nobody used, all processors together."""
    fields = Path("/proc/stat").read_text().split("\n", 1)[0].split()
    return (int(fields[4]) + int(fields[5])) / _TICKS_PER_S


def _memory_mb(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:"))


def main() -> int:
    """Print the figures of one rate."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.risk", description=__doc__)
    parser.add_argument("--rate", type=float, default=RATE_PER_S, help="messages a second")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="how long")
    chosen = parser.parse_args()
    configure_logs("bench", "0", level="error")
    for name, value in asyncio.run(measure(chosen.rate, chosen.seconds)).items():
        print(f"{name:55} {value!s:>14}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
