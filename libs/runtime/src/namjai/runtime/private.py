"""The private port: liveness, readiness and metrics of one process, for the machine that runs it and nobody else."""

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
from aiohttp import web
from prometheus_client.exposition import choose_encoder

from namjai.runtime.health import Health, Readiness
from namjai.runtime.metrics import Metrics
from namjai.runtime.report import Report, text
from namjai.runtime.settings import ServiceSettings

SHUTDOWN_S = 2.0
JSON = "application/json"
Describe = Callable[[Readiness], Awaitable[Report]]


def private_app(health: Health, metrics: Metrics, describe: Describe) -> web.Application:
    """The three endpoints as an aiohttp application.

    `/livez` says only that the event loop turns: a process whose database is down must not be restarted for that.
    `/readyz` is 200 or 503, and asks the dependencies only; `?verbose` adds what the process can say of itself, as
    lines, or as JSON to whoever accepts that (`Report`).
    """

    async def livez(_: web.Request) -> web.Response:
        return web.Response(text="ok\n")

    async def readyz(request: web.Request) -> web.Response:
        readiness = await health.ready()
        status = 200 if readiness.ready else 503
        if "verbose" not in request.query:
            return web.Response(text="ready\n" if readiness.ready else "not ready\n", status=status)
        said = await describe(readiness)
        if JSON in request.headers.get("Accept", ""):
            return web.Response(body=msgspec.json.encode(said), status=status, content_type=JSON)
        return web.Response(text=text(said), status=status)

    async def export(request: web.Request) -> web.Response:
        encode, content_type = choose_encoder(request.headers.get("Accept", ""))
        return web.Response(body=encode(metrics.registry), headers={"Content-Type": content_type})

    app = web.Application(client_max_size=1_024)
    app.add_routes([web.get("/livez", livez), web.get("/readyz", readyz), web.get("/metrics", export)])
    return app


@asynccontextmanager
async def private_server(
    settings: ServiceSettings, health: Health, metrics: Metrics, describe: Describe
) -> AsyncIterator[int]:
    """Serve the private port while the block runs; yields the port that was really taken."""
    runner = web.AppRunner(private_app(health, metrics, describe), access_log=None, shutdown_timeout=SHUTDOWN_S)
    await runner.setup()
    try:
        site = web.TCPSite(runner, settings.private_host, settings.private_port)
        await site.start()
        port = int(runner.addresses[0][1])
        if settings.ready_file is not None:
            _write_whole(settings.ready_file, f"{port}\n")
        try:
            yield port
        finally:
            if settings.ready_file is not None:
                settings.ready_file.unlink(missing_ok=True)
    finally:
        await runner.cleanup()


def _write_whole(path: Path, text: str) -> None:
    """Write by rename, so that whoever waits for the file never reads half of it."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_text(text)
    draft.replace(path)
