"""The public door: LINE's webhook, links to media, and a friendly word for everybody else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from socket import socket
from time import perf_counter
from typing import Final

import msgspec
from aiohttp import web

from namjai.gateway.adapters.secrets import ChannelSecrets
from namjai.gateway.domain.line import NotAWebhook
from namjai.gateway.media import MediaDoor
from namjai.gateway.settings import GatewaySettings
from namjai.gateway.webhook import TooManyEvents, Webhook
from namjai.runtime.errors import KeysUnavailable, LogUnavailable
from namjai.runtime.logs import get_logger
from namjai.runtime.media_links import PATH
from namjai.runtime.metrics import Metrics
from namjai.runtime.tracing import Tracing, answered

WEBHOOK_PATH: Final = "/webhook/line"
SHUTDOWN_S: Final = 2.0
KEEP_ALIVE_S: Final = 75.0
BACKLOG: Final = 1_024
GOODBYE_S: Final = 0.5

_SAID: Final = {
    200: b"{}",
    400: b'{"error":"This is not a webhook from LINE."}',
    401: b'{"error":"The signature does not fit this body."}',
    404: b'{"error":"There is nothing here. LINE\'s webhook is at /webhook/line."}',
    405: b'{"error":"LINE sends its webhooks here by POST."}',
    408: b'{"error":"The body took too long."}',
    413: b'{"error":"This is too large."}',
    500: b'{"error":"Something went wrong here. Please send it again."}',
    503: b'{"error":"The log does not take it now. Please send it again."}',
}
_WHAT: Final = msgspec.json.encode(
    {"service": "Namjai", "what": "A LINE companion for people who want to cut down on drugs and alcohol."}
)
_log = get_logger(__name__)


def _answer(status: int, body: bytes | None = None) -> web.Response:
    return web.Response(status=status, body=body or _SAID[status], content_type="application/json")


class WebhookDoor:
    """`POST /webhook/line`: 200 means that the log has every event; anything else means that LINE should send again."""

    def __init__(
        self,
        webhook: Webhook,
        secrets: ChannelSecrets,
        metrics: Metrics,
        settings: GatewaySettings,
        connected: Callable[[], bool],
        tracing: Tracing,
    ) -> None:
        self._webhook = webhook
        self._secrets = secrets
        self._connected = connected
        self._tracing = tracing
        self._deadline_s = settings.webhook_deadline_ms / 1000
        self._body_bytes_max = settings.body_bytes_max
        self._in_flight_max = settings.webhooks_in_flight_max
        self._in_flight = 0
        self._seconds = metrics.http_seconds.labels(WEBHOOK_PATH, "POST")
        self._by_status = {
            status: metrics.http.labels(WEBHOOK_PATH, "POST", str(status)) for status in _SAID if status != 404
        }

    async def post(self, request: web.Request) -> web.Response:
        """Answer one webhook."""
        started = perf_counter()
        self._in_flight += 1
        try:
            with self._tracing.server("POST", WEBHOOK_PATH) as span:
                status = await self._status(request)
                answered(span, status)
        finally:
            self._in_flight -= 1
        self._by_status[status].inc()
        self._seconds.observe(perf_counter() - started)
        return _answer(status)

    async def _status(self, request: web.Request) -> int:
        if self._in_flight > self._in_flight_max or not self._connected():
            return 503
        if (request.content_length or 0) > self._body_bytes_max:
            return 413
        body = None
        try:
            async with asyncio.timeout(self._deadline_s):
                body = await request.read()
                if not self._secrets.verifier.signed(body, request.headers.get("x-line-signature")):
                    return 401
                await self._webhook.accept(body)
        except TimeoutError:
            return 408 if body is None else 503
        except (LogUnavailable, KeysUnavailable) as down:
            _log.warning("webhook_not_accepted", reason=str(down))
            return 503
        except NotAWebhook:
            return 400
        except (web.HTTPRequestEntityTooLarge, TooManyEvents):
            return 413
        except (web.RequestPayloadError, ConnectionError):
            return 400
        except Exception:
            _log.exception("webhook_failed")
            return 500
        return 200


def nothing_here() -> web.Response:
    """What every address gets that leads nowhere."""
    return _answer(404)


def public_app(door: WebhookDoor, media: MediaDoor, settings: GatewaySettings) -> web.Application:
    """All that can be reached from outside. Staff routes come with their log-in, not before."""

    async def what(_: web.Request) -> web.Response:
        return _answer(200, _WHAT)

    async def only_post(_: web.Request) -> web.Response:
        return _answer(405)

    async def nothing(_: web.Request) -> web.Response:
        return nothing_here()

    app = web.Application(client_max_size=settings.body_bytes_max)
    app.add_routes(
        [
            web.post(WEBHOOK_PATH, door.post),
            web.route("*", WEBHOOK_PATH, only_post),
            web.get(f"{PATH}{{token}}", media.get),
            web.get("/", what),
            web.route("*", "/{path:.*}", nothing),
        ]
    )
    return app


def _site(runner: web.AppRunner, settings: GatewaySettings) -> web.BaseSite:
    if settings.public_socket is not None:
        return web.SockSite(runner, socket(fileno=settings.public_socket), backlog=BACKLOG)
    return web.TCPSite(runner, settings.public_host, settings.public_port, backlog=BACKLOG)


@asynccontextmanager
async def public_server(app: web.Application, settings: GatewaySettings) -> AsyncIterator[int]:
    """Serve the public port while the block runs; yields the port that was really taken."""
    leaving = asyncio.Event()

    async def say_goodbye(_: web.Request, response: web.StreamResponse) -> None:
        if leaving.is_set():
            response.force_close()
            response.headers["Connection"] = "close"

    app.on_response_prepare.append(say_goodbye)
    # A signature is over the bytes as they were sent, so nothing is unpacked; that is also why no bomb goes off.
    runner = web.AppRunner(
        app, access_log=None, shutdown_timeout=SHUTDOWN_S, keepalive_timeout=KEEP_ALIVE_S, auto_decompress=False
    )
    await runner.setup()
    try:
        site = _site(runner, settings)
        await site.start()
        yield int(runner.addresses[0][1])
        # Whoever keeps a connection open may be sending on it at this moment: each is told with its next answer.
        leaving.set()
        await site.stop()
        await asyncio.sleep(GOODBYE_S)
    finally:
        await runner.cleanup()
