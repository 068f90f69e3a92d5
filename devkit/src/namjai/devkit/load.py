"""An open-loop load generator for the webhook: `python -m namjai.devkit.load run --help`.

A request is sent when its time has come, whether or not earlier ones were answered, and its latency counts from that
time: a gateway that stalls is charged for the queue that it caused. The generator is a process of its own, and
`ceiling` measures how much it can send at all, so that nobody mistakes its limit for the gateway's.
"""

import asyncio
import math
import secrets
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

import aiohttp
import msgspec
import typer
import uvloop
from aiohttp import web

from namjai.devkit.embedded.ports import LOOPBACK, free_port
from namjai.devkit.signing import SIGNATURE_HEADER, sign, text_event, ulid, user_id, webhook
from namjai.runtime.loop import settle

CONNECTIONS_MAX = 256
REQUESTS_MAX = 1_000_000
DEADLINE_S = 10.0
REDELIVER_WAIT_S = 0.5
PREPARE_AHEAD_S = 0.5
CEILING_CONNECTIONS = 64
POLL_S = 0.05
TEXTS = ("สวัสดีค่ะ", "วันนี้ไม่ค่อยดีเลย", "อยากเลิกเหล้า ทำยังไงดี", "I slept badly again", "我今天沒有喝酒")


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Who says how much, how fast. Everybody writes in turn, so one person's messages are `users / rate` s apart."""

    users: int
    messages: int
    rate_per_s: float
    first_user: int = 0
    texts: Sequence[str] = TEXTS
    redeliveries_max: int = 0
    """How often a webhook that was not answered with 200 is sent again, as LINE does when redelivery is on."""
    simulator_url: str | None = None
    """The platform that makes the events, so that it knows their reply tokens; without it they are invented."""

    @property
    def total(self) -> int:
        """Webhooks in all."""
        return self.users * self.messages


@dataclass(kw_only=True)
class Sent:
    """One message: what it was, and what became of its webhook. Times in seconds since the run began."""

    user: str
    number: int
    scheduled_s: float
    event_id: str = ""
    message_id: str = ""
    started_s: float = 0.0
    answered_s: float = 0.0
    status: int = 0
    """The last answer's; 0 when there was none."""
    tries: int = 0


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What was measured. Latencies of first tries, from the scheduled time to the answer."""

    scheduled: int
    accepted: int
    statuses: dict[int, int]
    redelivered: int
    rate_per_s: float
    p50_ms: float
    p90_ms: float
    p99_ms: float
    max_ms: float
    late_p99_ms: float
    """How late the generator itself was; when this is not small, the other figures are about it and not the gateway."""


@dataclass
class Load:
    """Sends a plan to one webhook. `sent` has every message, for whoever checks what came of each."""

    url: str
    channel_secret: str
    plan: Plan
    sent: list[Sent] = field(default_factory=list)
    _first_ms: list[float] = field(default_factory=list)
    _began: float = 0.0

    async def run(self) -> Report:
        """Send everything at its time and wait for the last answer."""
        if self.plan.total > REQUESTS_MAX:
            raise ValueError(f"at most {REQUESTS_MAX} webhooks a run")
        connector = aiohttp.TCPConnector(limit=CONNECTIONS_MAX)
        timeout = aiohttp.ClientTimeout(total=DEADLINE_S)
        async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
            self._began = time.perf_counter()
            lead_s = PREPARE_AHEAD_S if self.plan.simulator_url else 0.0
            async with asyncio.TaskGroup() as group:
                for number in range(self.plan.total):
                    due_s = lead_s + number / self.plan.rate_per_s
                    await asyncio.sleep(max(0.0, due_s - lead_s - self._now()))
                    group.create_task(self._deliver(session, self._message(number, due_s)))
        return self.report()

    def report(self) -> Report:
        """The figures of what was sent so far."""
        last_s = max((one.answered_s for one in self.sent), default=0.0)
        return Report(
            scheduled=len(self.sent),
            accepted=sum(one.status == web.HTTPOk.status_code for one in self.sent),
            statuses=dict(Counter(one.status for one in self.sent)),
            redelivered=sum(one.tries - 1 for one in self.sent),
            rate_per_s=round(len(self.sent) / last_s, 1) if last_s else 0.0,
            p50_ms=percentile(self._first_ms, 50),
            p90_ms=percentile(self._first_ms, 90),
            p99_ms=percentile(self._first_ms, 99),
            max_ms=percentile(self._first_ms, 100),
            late_p99_ms=percentile([(one.started_s - one.scheduled_s) * 1000 for one in self.sent], 99),
        )

    def _message(self, number: int, due_s: float) -> Sent:
        message = Sent(
            user=user_id(self.plan.first_user + number % self.plan.users),
            number=number // self.plan.users,
            scheduled_s=due_s,
        )
        self.sent.append(message)
        return message

    async def _deliver(self, session: aiohttp.ClientSession, message: Sent) -> None:
        event = await self._event(session, message)
        if self.plan.simulator_url:
            await asyncio.sleep(max(0.0, message.scheduled_s - self._now()))
        message.started_s = self._now()
        while True:
            message.tries += 1
            message.status = await post(session, self.url, self.channel_secret, webhook(event))
            message.answered_s = self._now()
            if message.tries == 1:
                self._first_ms.append((message.answered_s - message.scheduled_s) * 1000)
            if message.status == web.HTTPOk.status_code or message.tries > self.plan.redeliveries_max:
                return
            event["deliveryContext"] = {"isRedelivery": True}
            await asyncio.sleep(REDELIVER_WAIT_S)

    async def _event(self, session: aiohttp.ClientSession, message: Sent) -> dict[str, Any]:
        text = self.plan.texts[message.number % len(self.plan.texts)]
        if self.plan.simulator_url is None:
            message.event_id, message.message_id = ulid(), str(10**17 + secrets.randbelow(10**17))
            return text_event(message.user, text, event_id=message.event_id, message_id=message.message_id)
        wanted = {"type": "message", "message": {"type": "text", "text": text}}
        asked = {"user": message.user, "event": wanted, "post": False}
        async with session.post(f"{self.plan.simulator_url}/_sim/event", json=asked) as answer:
            event: dict[str, Any] = (await answer.json())["events"][0]
        message.event_id, message.message_id = event["webhookEventId"], event["message"]["id"]
        return event

    def _now(self) -> float:
        return time.perf_counter() - self._began


async def post(session: aiohttp.ClientSession, url: str, channel_secret: str, body: bytes) -> int:
    """Sign and send one webhook. Returns the status of the answer, 0 when there was none."""
    headers = {"Content-Type": "application/json; charset=utf-8", SIGNATURE_HEADER: sign(channel_secret, body)}
    try:
        async with session.post(url, data=body, headers=headers) as answer:
            await answer.read()
            return answer.status
    except (aiohttp.ClientError, TimeoutError):
        return 0


def percentile(values: Sequence[float], share: float) -> float:
    """The nearest-rank percentile, to a hundredth; 0 for nothing."""
    if not values:
        return 0.0
    return round(sorted(values)[max(0, math.ceil(share / 100 * len(values)) - 1)], 2)


async def ceiling(seconds: float = 2.0) -> float:
    """Webhooks a second that this generator can sign and send to a handler that does nothing, in its own process."""
    port = free_port()
    server = await asyncio.create_subprocess_exec(sys.executable, "-m", "namjai.devkit.load", "empty", str(port))
    try:
        return await _closed_loop(f"http://{LOOPBACK}:{port}/", seconds)
    finally:
        server.terminate()
        await server.wait()


async def _closed_loop(url: str, seconds: float) -> float:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=CEILING_CONNECTIONS)) as session:

        async def answered() -> bool:
            event = text_event(user_id(0), TEXTS[0], event_id=ulid(), message_id="1")
            return await post(session, url, "secret", webhook(event)) == web.HTTPOk.status_code

        async with asyncio.timeout(DEADLINE_S):
            while True:
                if await answered():
                    break
                await asyncio.sleep(POLL_S)
        end = time.perf_counter() + seconds

        async def one_connection() -> int:
            done = 0
            while time.perf_counter() < end:
                done += await answered()
            return done

        return sum(await asyncio.gather(*(one_connection() for _ in range(CEILING_CONNECTIONS)))) / seconds


app = typer.Typer(no_args_is_help=True, add_completion=False, help=__doc__)


@app.command()
def run(
    webhook_url: Annotated[str, typer.Option(help="Where to send, as in run.json.")],
    channel_secret: Annotated[str, typer.Option(envvar="NAMJAI_CHANNEL_SECRET", help="What to sign with.")],
    users: Annotated[int, typer.Option(min=1, help="How many people write.")] = 500,
    messages: Annotated[int, typer.Option(min=1, help="How many messages each of them writes.")] = 4,
    rate: Annotated[float, typer.Option(min=0.1, help="Webhooks a second.")] = 50.0,
    redeliveries: Annotated[int, typer.Option(min=0, help="Send again what was not accepted, so many times.")] = 0,
    simulator_url: Annotated[
        str | None, typer.Option(help="Let the simulator make the events and their tokens.")
    ] = None,
) -> None:
    """Measure this generator's ceiling, send the plan, and print one JSON report."""
    plan = Plan(
        users=users, messages=messages, rate_per_s=rate, redeliveries_max=redeliveries, simulator_url=simulator_url
    )
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        most = runner.run(ceiling())
        settle()
        report = runner.run(Load(webhook_url, channel_secret, plan).run())
    shown = {"generator_ceiling_per_s": round(most, 1), **msgspec.structs.asdict(report)}
    print(msgspec.json.format(msgspec.json.encode(shown), indent=2).decode())


@app.command()
def empty(port: int) -> None:
    """Serve a handler that does nothing: what any measurement is compared with."""

    async def answer(_: web.Request) -> web.Response:
        return web.Response()

    handler = web.Application()
    handler.router.add_post("/", answer)
    web.run_app(handler, host=LOOPBACK, port=port, print=None, access_log=None, loop=uvloop.new_event_loop())


if __name__ == "__main__":
    app()
