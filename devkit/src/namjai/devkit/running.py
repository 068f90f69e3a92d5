"""A whole Namjai in a folder of its own, started as people start it, and what a test needs to look at it."""

import asyncio
import json
import os
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar, cast

import aiohttp
from nats.aio.client import Client

from namjai.devkit.home import Home
from namjai.devkit.signing import SIGNATURE_HEADER, sign
from namjai.devkit.terminal import NAMJAI, namjai
from namjai.events import Envelope, Fact, Stored
from namjai.runtime.bus import Requests, connect
from namjai.runtime.errors import LogUnavailable
from namjai.runtime.log import NatsLog, known

F = TypeVar("F", bound=Fact)

READY_S = 60
STOP_S = 15
READ_TRIES_MAX = 5


class Running:
    """One `namjai up --headless`, seen from outside: run.json, the webhook, the simulator, the log."""

    def __init__(self, home: Path, session: aiohttp.ClientSession) -> None:
        self.home = home
        self.http = session

    @property
    def run(self) -> dict[str, Any]:
        """run.json as it is now: a restarted service has a new pid."""
        return dict(json.loads((self.home / "run.json").read_text()))

    async def webhook(self, body: bytes, signature: str | None = None, **headers: str) -> int:
        """Post a body as LINE would; returns the status."""
        run = self.run
        signed = sign(run["channel_secret"], body) if signature is None else signature
        sent = {"Content-Type": "application/json", SIGNATURE_HEADER: signed, **headers}
        async with self.http.post(run["webhook_url"], data=body, headers=sent) as answer:
            return answer.status

    async def send(self, user: str, text: str) -> dict[str, Any]:
        """Somebody writes on their phone."""
        return await self._happen("send", {"user": user, "message": {"type": "text", "text": text}})

    async def event(self, event: dict[str, Any]) -> dict[str, Any]:
        """Anything else happens in LINE."""
        return await self._happen("event", {"event": event})

    async def _happen(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        return dict(await self.sim("POST", path, body))

    async def chat(self, user: str, sender: str = "bot") -> list[dict[str, Any]]:
        """What that person sees, from one side."""
        seen = await self.sim("GET", f"chat/{user}")
        messages = seen if isinstance(seen, list) else seen["messages"]
        return [each for each in messages if each["from"] == sender]

    async def calls(self) -> list[dict[str, Any]]:
        """Every call the simulator received."""
        seen = await self.sim("GET", "calls?since=0")
        return seen if isinstance(seen, list) else list(seen["calls"])

    async def sim(self, method: str, path: str, body: Any = None) -> Any:
        """A control call to the simulator."""
        async with self.http.request(method, f"{self.run['simulator_url']}/_sim/{path}", json=body) as answer:
            assert answer.status < 300, f"{path}: {answer.status} {await answer.text()}"
            return await answer.json(content_type=None) if answer.status != 204 else None

    async def script(self, *lines: dict[str, Any]) -> None:
        """Tell the played model what to answer: lines as `gemini/script.py` has them, before those it has."""
        async with self.http.post(f"{self.run['model_url']}/_fake/script", json=list(lines)) as answer:
            assert answer.status < 300, f"script: {answer.status} {await answer.text()}"

    @asynccontextmanager
    async def log(self) -> AsyncIterator[tuple[Client, NatsLog]]:
        """The log, as an administrator reads it: personal fields stay sealed."""
        nc = await connect(self.run["nats_url"], name="admin")
        try:
            yield nc, NatsLog(await Requests.open(nc))
        finally:
            await nc.close()

    async def events(self) -> list[Stored[Fact]]:
        """Everything in the log."""

        async def everything(log: NatsLog) -> list[Stored[Fact]]:
            return known([raw async for raw in log.read()])

        return await self._read(everything)

    async def story(self, member: str) -> list[Stored[Fact]]:
        """What the log has about one person."""
        return await self._read(lambda log: log.history(member))

    async def _read(self, read: Callable[[NatsLog], Awaitable[list[Stored[Fact]]]]) -> list[Stored[Fact]]:
        """Ask the log, and once more where the machine was too busy to answer: that is nobody's failure."""
        async with self.log() as (_, log):
            for _ in range(READ_TRIES_MAX - 1):
                with suppress(LogUnavailable):
                    return await read(log)
            return await read(log)

    def kill(self, name: str) -> int:
        """kill -9 one process, a service's or a server's; it will be started again. Returns the pid that died."""
        pid = int(json.loads((self.home / "processes.json").read_text())[name]["pid"])
        os.kill(pid, signal.SIGKILL)
        return pid

    @asynccontextmanager
    async def without(self, name: str) -> AsyncIterator[None]:
        """Whoever dies meanwhile under this name stays dead until the end of the block."""
        held = Home(self.home).held(name)
        held.touch()
        try:
            yield
        finally:
            held.unlink()

    async def namjai(self, *arguments: str) -> tuple[int, str]:
        """A command of ours in this home; returns its exit code and what it printed."""
        done = await namjai(*arguments, "--home", str(self.home))
        return done.code, done.all


async def until(condition: Callable[[], Awaitable[Any]], within_s: float = 15, every_s: float = 0.02) -> Any:
    """What `condition` gives once it gives something true."""
    async with asyncio.timeout(within_s):
        while not (found := await condition()):  # noqa: ASYNC110 - any condition, from outside the process
            await asyncio.sleep(every_s)
        return found


@asynccontextmanager
async def namjai_up(home: Path, *options: str, **environment: str) -> AsyncIterator[Running]:
    """Start, wait until everything is ready, and stop; nothing may be left running."""
    command = (*NAMJAI, "up", "--headless", "--home", str(home), *options)
    process = await asyncio.create_subprocess_exec(*command, env={**os.environ, **environment}, stdout=-1, stderr=-2)
    try:
        await until(lambda: _ready(process, home), READY_S, 0.05)
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30)) as session:
            yield Running(home, session)
    finally:
        if process.returncode is None:
            process.terminate()
        started = time.monotonic()
        await asyncio.wait_for(process.communicate(), STOP_S)
        assert time.monotonic() - started < STOP_S


async def _ready(process: asyncio.subprocess.Process, home: Path) -> bool:
    if process.returncode is not None:
        output = await process.stdout.read() if process.stdout else b""
        raise AssertionError(f"namjai up ended with {process.returncode}:\n{output.decode()[-3000:]}")
    return (home / "run.json").exists()


def facts(events: Sequence[Stored[Fact]], kind: type[F]) -> list[Envelope[F]]:
    """The events of one type, oldest first."""
    return [cast(Envelope[F], stored.event) for stored in events if isinstance(stored.event.data, kind)]
