"""The wiring: platform, endpoints, control and mail, on one loopback port each for HTTP and SMTP."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial

import aiohttp
from aiohttp import web

from namjai.devkit.line.api import channel, chat, content, richmenu, send
from namjai.devkit.line.api.door import BODY_BYTES_MAX, receive
from namjai.devkit.line.api.endpoint import API, Answer, Asked, Endpoint, error
from namjai.devkit.line.control import Control
from namjai.devkit.line.menus import Phones
from namjai.devkit.line.platform import Clock, Platform
from namjai.devkit.line.settings import SimSettings
from namjai.devkit.line.webhook import Webhooks
from namjai.devkit.mail import serve_mail

ENDPOINTS: tuple[Endpoint, ...] = (
    *send.ENDPOINTS,
    *chat.ENDPOINTS,
    *content.ENDPOINTS,
    *channel.ENDPOINTS,
    *richmenu.ENDPOINTS,
)


@dataclass(frozen=True)
class Simulator:
    """A running simulator."""

    url: str
    port: int
    smtp_port: int
    platform: Platform
    webhooks: Webhooks


def _no_such_endpoint(_platform: Platform, asked: Asked) -> Answer:
    asked.finding(f"path: LINE has no {asked.call.method} {asked.call.path}, or the simulator does not play it")
    return error(404, "Not found")


_ELSEWHERE = Endpoint("*", "/{anywhere:.*}", _no_such_endpoint, host=API, bearer=False)


def build_app(platform: Platform, control: Control, phones: Phones) -> web.Application:
    app = web.Application(client_max_size=max(BODY_BYTES_MAX, platform.settings.upload_bytes_max))
    app.add_routes([*control.routes(), *phones.routes()])
    for endpoint in (*ENDPOINTS, _ELSEWHERE):
        app.router.add_route(endpoint.method, endpoint.path, partial(receive, platform, endpoint))
    return app


@asynccontextmanager
async def serve_simulator(settings: SimSettings, clock: Clock = time.time) -> AsyncIterator[Simulator]:
    """Play LINE until the block is left."""
    platform = Platform(settings, clock)
    connector = aiohttp.TCPConnector(limit=1_000)
    async with (
        serve_mail(platform.mailbox, settings.host, settings.smtp_port) as smtp_port,
        aiohttp.ClientSession(connector=connector) as session,
    ):
        webhooks = Webhooks(platform, session)
        levers = build_app(platform, Control(platform, webhooks), Phones(platform, webhooks))
        runner = web.AppRunner(levers, access_log=None, shutdown_timeout=0.5)
        await runner.setup()
        redelivering = asyncio.create_task(webhooks.redeliver_forever(), name="webhook redelivery")
        try:
            site = web.TCPSite(runner, settings.host, settings.port, backlog=1024)
            await site.start()
            port: int = runner.addresses[0][1]
            yield Simulator(f"http://{settings.host}:{port}", port, smtp_port, platform, webhooks)
        finally:
            redelivering.cancel()
            with suppress(asyncio.CancelledError):
                await redelivering
            await runner.cleanup()
