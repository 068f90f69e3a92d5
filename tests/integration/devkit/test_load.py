"""The load generator keeps its schedule whatever the server does, and sends again what was refused."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import msgspec
from aiohttp import web

from namjai.devkit.load import Load, Plan, ceiling
from namjai.devkit.signing import SIGNATURE_HEADER, sign

Handler = Callable[[web.Request], Awaitable[web.Response]]


@asynccontextmanager
async def serving(handler: Handler) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_post("/webhook/line", handler)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/webhook/line"
    finally:
        await runner.cleanup()


async def test_every_message_is_signed_sent_once_and_accounted_for() -> None:
    seen: list[str] = []

    async def accept(request: web.Request) -> web.Response:
        body = await request.read()
        assert request.headers[SIGNATURE_HEADER] == sign("secret", body)
        seen.extend(event["webhookEventId"] for event in msgspec.json.decode(body)["events"])
        return web.Response()

    async with serving(accept) as url:
        load = Load(url, "secret", Plan(users=10, messages=4, rate_per_s=400))
        report = await load.run()
    assert sorted(seen) == sorted(one.event_id for one in load.sent)
    assert (report.scheduled, report.accepted, report.redelivered) == (40, 40, 0)
    assert len({one.user for one in load.sent}) == 10
    assert 0 < report.p50_ms <= report.p99_ms <= report.max_ms


async def test_what_was_refused_is_sent_again_and_its_latency_is_the_first_trys() -> None:
    tries: dict[str, list[bool]] = {}

    async def refuse_once(request: web.Request) -> web.Response:
        event = msgspec.json.decode(await request.read())["events"][0]
        flags = tries.setdefault(event["webhookEventId"], [])
        flags.append(event["deliveryContext"]["isRedelivery"])
        return web.Response(status=503 if len(flags) == 1 else 200)

    async with serving(refuse_once) as url:
        report = await Load(url, "secret", Plan(users=5, messages=1, rate_per_s=500, redeliveries_max=3)).run()
    assert report.accepted == 5
    assert report.redelivered == 5
    assert all(flags == [False, True] for flags in tries.values())
    assert report.max_ms < 500


async def test_a_server_that_is_not_there_is_reported_and_not_raised() -> None:
    report = await Load("http://127.0.0.1:9/", "secret", Plan(users=2, messages=1, rate_per_s=100)).run()
    assert report.statuses == {0: 2}


async def test_the_generator_knows_its_own_ceiling() -> None:
    assert await ceiling(seconds=0.3) > 100
