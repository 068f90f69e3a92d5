"""A closed-loop generator in its own process: `python -m benchmarks.closed webhook|empty SECONDS [URL SECRET]`."""

import asyncio
import json
import sys
import time

import aiohttp
import uvloop

from namjai.devkit.embedded.ports import LOOPBACK, free_port
from namjai.devkit.load import post
from namjai.devkit.running import until
from namjai.devkit.signing import text_event, ulid, user_id, webhook

CONNECTIONS = 64
PEOPLE = 5_000


async def hammer(url: str, secret: str, seconds: float) -> float:
    """Accepted webhooks a second over 64 connections."""
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=CONNECTIONS)) as session:
        counter = iter(range(10**9))

        async def one() -> bool:
            n = next(counter)
            event = text_event(user_id(n % PEOPLE), "สวัสดีค่ะ", event_id=ulid(), message_id=str(n))
            return await post(session, url, secret, webhook(event)) == 200

        await until(one, 10)
        end = time.perf_counter() + seconds

        async def connection() -> int:
            done = 0
            while time.perf_counter() < end:
                done += await one()
            return done

        return sum(await asyncio.gather(*(connection() for _ in range(CONNECTIONS)))) / seconds


async def main(kind: str, seconds: float, url: str = "", secret: str = "secret") -> None:
    """Print {"per_s": …}."""
    server = None
    if kind == "empty":
        port = free_port()
        url = f"http://{LOOPBACK}:{port}/"
        command = (sys.executable, "-m", "namjai.devkit.load", "empty", str(port))
        server = await asyncio.create_subprocess_exec(*command)
    try:
        print(json.dumps({"per_s": await hammer(url, secret, seconds)}))
    finally:
        if server is not None:
            server.terminate()
            await server.wait()


if __name__ == "__main__":
    kind, seconds, *rest = sys.argv[1:]
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main(kind, float(seconds), *rest))
