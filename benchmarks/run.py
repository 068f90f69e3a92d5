"""Measures what was promised, in one run on this machine: `make bench`. Ratios count, absolute figures hardly."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks import memory, risk
from namjai.devkit.load import percentile
from namjai.devkit.running import Running, facts, namjai_up, until
from namjai.devkit.signing import user_id
from namjai.events.delivery import DeliverySent
from namjai.events.message import MessageReceived
from namjai.runtime.logs import configure_logs

ROUNDS = 3
SECONDS = 5.0
TARGETS = {
    "gateway ÷ empty handler": ">= 0.30",
    "webhook p99 at 500/s, ms": "<= 15",
    "webhook→reply p50 at 50/s, ms": "<= 8",
    "webhook→reply p99 at 50/s, ms": "<= 50",
    "rebuild, events/s": ">= 20000",
    "risk alone, share screened at 1000/s": "1.0",
    "risk alone, verdict p99 at 1000/s, ms": "<= 250",
    "risk alone, alert p99 at 1000/s, ms": "<= 250",
    "education, cache hits": ">= 0.80",
    **{f"prompt tokens saved at turn 40, full turns, {each}": ">= 0.60" for each in ("th", "en", "zh-TW")},
    "chat, memory after 10000 people, MB": "<= 150",
}


async def _tool(*arguments: str) -> Any:
    """Run the load generator in a process of its own; returns its JSON."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.closed", *arguments, stdout=-1, env=dict(os.environ)
    )
    output, _ = await process.communicate()
    if process.returncode:
        raise RuntimeError(f"the generator ended with {process.returncode}")
    return json.loads(output)


async def _load(namjai: Running, users: int, messages: int, rate: float) -> Any:
    run = namjai.run
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "namjai.devkit.load", "run"),
        *("--webhook-url", run["webhook_url"], "--channel-secret", run["channel_secret"]),
        *("--users", str(users), "--messages", str(messages), "--rate", str(rate)),
        stdout=-1,
    )
    output, _ = await process.communicate()
    return json.loads(output)


async def throughput(namjai: Running) -> dict[str, Any]:
    """Closed loop, 64 connections: our webhook against an aiohttp handler that does nothing, in turns."""
    run = namjai.run
    ours, empty = [], []
    for _ in range(ROUNDS):
        empty.append((await _tool("empty", str(SECONDS)))["per_s"])
        ours.append((await _tool("webhook", str(SECONDS), run["webhook_url"], run["channel_secret"]))["per_s"])
    ratios = [a / b for a, b in zip(ours, empty, strict=True)]
    return {
        "gateway, webhooks/s": round(statistics.median(ours)),
        "empty aiohttp handler, requests/s": round(statistics.median(empty)),
        "gateway ÷ empty handler": round(statistics.median(ratios), 3),
        "gateway ÷ empty handler, range": f"{min(ratios):.3f}-{max(ratios):.3f}",
    }


async def drained(namjai: Running, within_s: float = 180) -> None:
    """Wait until every message has its delivery, so that one measurement does not pay for another's backlog."""

    async def done() -> bool:
        async with namjai.log() as (nc, _):
            for durable in ("risk", "chat", "notify"):
                answer = await nc.request(f"$JS.API.CONSUMER.INFO.EVENTS.{durable}", b"", timeout=5)
                info = json.loads(answer.data)
                if info["num_pending"] or info["num_ack_pending"]:
                    return False
        return True

    await until(done, within_s, 0.5)


async def latency(namjai: Running) -> dict[str, Any]:
    """Open loop at 500 webhooks/s: time to 200, from the scheduled send time."""
    report = await _load(namjai, 2_000, 5, 500.0)
    return {
        "webhook p50 at 500/s, ms": report["p50_ms"],
        "webhook p99 at 500/s, ms": report["p99_ms"],
        "webhooks accepted at 500/s": f"{report['accepted']}/{report['scheduled']}",
        "generator ceiling, webhooks/s": report["generator_ceiling_per_s"],
        "generator late p99, ms": report["late_p99_ms"],
    }


async def reply(namjai: Running) -> dict[str, Any]:
    """50 messages/s for 20 s from people with valid reply tokens: webhook to LINE's answer, as delivery.sent says."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    first = 100_000

    async def one(n: int) -> str:
        await asyncio.sleep(max(0.0, began + n / 50 - loop.time()))
        return str((await namjai.send(user_id(first + n), "อยากเลิกเหล้า ทำยังไงดี"))["webhookEventId"])

    ids = set(await asyncio.gather(*(one(n) for n in range(1_000))))
    await drained(namjai)
    events = await namjai.events()
    members = {e.subject for e in facts(events, MessageReceived) if e.data.webhook_event_id in ids}
    took = [float(e.data.latency_ms) for e in facts(events, DeliverySent) if e.subject in members]
    return {
        "replies measured at 50/s": len(took),
        "webhook→reply p50 at 50/s, ms": percentile(took, 50),
        "webhook→reply p99 at 50/s, ms": percentile(took, 99),
    }


async def rebuild(namjai: Running) -> dict[str, Any]:
    """Read models dropped and filled again from the log."""
    events = len(await namjai.events())
    started = time.perf_counter()
    code, output = await namjai.namjai("rebuild")
    took = time.perf_counter() - started
    if code:
        raise RuntimeError(output)
    return {"events rebuilt": events, "rebuild, events/s": round(events / took), "rebuild, seconds": round(took, 2)}


async def full(namjai: Running) -> dict[str, Any]:
    """2,000 messages at once: from the first in the log to the last delivery, everybody at work on these two cores."""
    before = len(await namjai.events())
    await _load(namjai, 2_000, 1, 2_000.0)
    await drained(namjai)
    events = (await namjai.events())[before:]
    first = min(event.time for event in facts(events, MessageReceived))
    last = max(event.time for event in facts(events, DeliverySent))
    rate = len(facts(events, MessageReceived)) / (last - first).total_seconds()
    return {"fully handled by all services, messages/s": round(rate)}


async def measure(only: Sequence[str]) -> dict[str, Any]:
    """The gateway on an installation where the other services are held, the rest on one without coalescing.

    Then risk with nothing but NATS.
    """
    found: dict[str, Any] = {}
    alone = {"latency": latency, "throughput": throughput}
    together = {"reply": reply, "full": full, "rebuild": rebuild}
    for steps, held in ((alone, ("risk", "chat", "notify", "analytics")), (together, ())):
        chosen = {name: step for name, step in steps.items() if not only or name in only}
        if not chosen:
            continue
        with tempfile.TemporaryDirectory() as folder:
            async with namjai_up(Path(folder) / "home", NAMJAI_COALESCE_MS="0") as namjai:
                for service in held:
                    await namjai.namjai("hold", service)
                for name, step in chosen.items():
                    sys.stderr.write(f"{name} …\n")
                    found |= await step(namjai)
    if not only or "risk" in only:
        sys.stderr.write("risk …\n")
        found |= await risk.measure()
    if not only or "memory" in only:
        sys.stderr.write("memory …\n")
        found |= await memory.measure()
    return found


def main() -> int:
    """Print a table, or JSON for a machine."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description=__doc__)
    parser.add_argument(
        "only", nargs="*", help="latency, throughput, reply, full, rebuild, risk, memory; all when none is named"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object")
    chosen = parser.parse_args()
    configure_logs("bench", "0", level="error")
    found = asyncio.run(measure(chosen.only))
    if chosen.json:
        print(json.dumps(found, indent=2, ensure_ascii=False))
        return 0
    for name, value in found.items():
        print(f"{name:60} {value!s:>12}   {TARGETS.get(name, '')}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
