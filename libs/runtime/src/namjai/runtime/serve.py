"""What all services do at start and at stop, so that `app.py` only has to wire its own ports."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from nats.aio.client import Client
from nats.js import JetStreamContext

from namjai.runtime.bus import Requests, connect
from namjai.runtime.consumer import Consumer, Handlers, Limits, S
from namjai.runtime.dead import DeadLetters
from namjai.runtime.health import Health
from namjai.runtime.journal import Journal
from namjai.runtime.keyring import BUCKET, Keyring, MasterKeys, NatsKeyStore
from namjai.runtime.log import NatsLog
from namjai.runtime.logs import configure_logs, get_logger
from namjai.runtime.loop import settle, unless_stopped
from namjai.runtime.metrics import BoundedLabel, Metrics
from namjai.runtime.outside import Outside
from namjai.runtime.pressure import Pressure
from namjai.runtime.private import private_server
from namjai.runtime.settings import ServiceSettings
from namjai.runtime.timers import NatsTimers
from namjai.runtime.tracing import Tracing
from namjai.runtime.version import VERSION
from namjai.runtime.watching import Watching, pressure_of

CLOSE_S: Final = 3.0
FINGERPRINTS_MAX: Final = 50
"""Kinds of failures counted apart: a process with more of them has one trouble, not fifty."""

_log = get_logger(__name__)


class NotConnected(Exception):
    """NATS cannot be reached now."""


@dataclass(frozen=True)
class Runtime:
    """What a service is given: the log, keys, timers, health, metrics, and the sign to stop."""

    name: str
    settings: ServiceSettings
    nc: Client
    js: JetStreamContext
    requests: Requests
    journal: Journal
    keyring: Keyring
    timers: NatsTimers
    dead: DeadLetters
    health: Health
    metrics: Metrics
    tracing: Tracing
    pressure: Pressure
    stop: asyncio.Event

    def limits(self) -> Limits:
        """The consumer limits of the settings."""
        chosen = self.settings
        return Limits(
            concurrency=chosen.consumer_concurrency,
            ack_wait_s=chosen.ack_wait_s,
            max_deliveries=chosen.max_deliveries,
            drain_s=chosen.drain_s,
        )

    @property
    def outside(self) -> Outside:
        """What measures and traces calls to others."""
        return Outside(self.metrics, self.tracing)

    def consumer(self, handlers: Handlers[S], service: S, *, in_order: bool = False) -> Consumer[S]:
        """The frame round this service's handlers."""
        return Consumer(
            self.nc,
            self.journal,
            self.dead,
            self.metrics,
            self.tracing,
            name=self.name,
            handlers=handlers,
            service=service,
            limits=self.limits(),
            in_order=in_order,
        )


@asynccontextmanager
async def runtime(settings: ServiceSettings, name: str, stop: asyncio.Event) -> AsyncIterator[Runtime]:
    """Connect and assemble; on the way out close in the opposite order. Raises `Stopped` when nobody waits any more."""
    metrics = Metrics(name, VERSION)
    fingerprint = BoundedLabel(FINGERPRINTS_MAX)
    configure_logs(
        name,
        VERSION,
        level=settings.log_level,
        log_format=settings.log_format,
        on_error=lambda found: metrics.errors.labels(fingerprint(found)).inc(),
    )
    password = settings.nats_password.get_secret_value() if settings.nats_password else None
    ca_file = str(settings.nats_ca_file) if settings.nats_ca_file else None
    connecting = connect(settings.nats_url, name=name, user=settings.nats_user, password=password, ca_file=ca_file)
    nc = await unless_stopped(stop, connecting)
    try:
        js = nc.jetstream(timeout=settings.publish_deadline_s)
        requests = await Requests.open(nc)
        hits, misses = (metrics.cache.labels("keys", "local", result) for result in ("hit", "miss"))
        store = NatsKeyStore(js, await js.key_value(BUCKET))
        keyring = Keyring(
            store,
            MasterKeys(settings.master_key_ring()),
            cache_entries=settings.member_key_cache_entries,
            cache_ttl_s=settings.member_key_cache_ttl_s,
            looked_up=lambda known: (hits if known else misses).inc(),
        )
        await keyring.follow_destruction(nc)
        journal = Journal(NatsLog(requests), keyring, Outside(metrics))
        pressure = pressure_of(settings, metrics)
        pressure.may_prune("keys", keyring)
        health = Health(
            metrics,
            deadline_s=settings.check_deadline_ms / 1000,
            sign=lambda: (nc.is_connected, nc.stats["reconnects"]),
        )

        async def nats_is_there() -> None:
            if not nc.is_connected:
                raise NotConnected
            await nc.flush(timeout=1)

        health.require("nats", nats_is_there)
        health.report("log", journal.log.last_sequence)  # all replicas share it: none is better off without the others
        traces = Tracing.from_settings(name, VERSION, settings)
        try:
            yield Runtime(
                name=name,
                settings=settings,
                nc=nc,
                js=js,
                requests=requests,
                journal=journal,
                keyring=keyring,
                timers=NatsTimers(requests),
                dead=DeadLetters(requests),
                health=health,
                metrics=metrics,
                tracing=traces,
                pressure=pressure,
                stop=stop,
            )
        finally:
            await asyncio.to_thread(traces.close)
    finally:
        try:
            async with asyncio.timeout(CLOSE_S):
                await nc.close()
        except TimeoutError:
            _log.warning("nats_close_timed_out")


async def until_stopped(service: Runtime, *work: Callable[[asyncio.Event], Awaitable[None]]) -> None:
    """Open the private port, run everything until the sign to stop comes, and let each finish what it has begun."""
    watching = Watching(service.name, service.settings, service.requests, service.metrics, service.pressure)
    async with private_server(service.settings, service.health, service.metrics, watching.describe) as port:
        _log.info("started", port=port)
        async with asyncio.TaskGroup() as tasks:
            beside = [tasks.create_task(each) for each in watching.work()]
            for each in work:
                tasks.create_task(_run(each, service.stop))
            settle()
            await service.stop.wait()
            service.health.drain()
            for task in beside:
                task.cancel()
            _log.info("draining")
    _log.info("stopped")


async def _run(work: Callable[[asyncio.Event], Awaitable[None]], stop: asyncio.Event) -> None:
    await work(stop)
