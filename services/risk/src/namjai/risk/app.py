"""Wires the risk service: the only place that knows which adapters stand behind its ports."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from functools import partial

from namjai.risk import handlers, monitoring
from namjai.risk.adapters.history import LogHistory
from namjai.risk.ports import Monitoring, Risk
from namjai.risk.rules import load
from namjai.risk.settings import RiskSettings
from namjai.runtime.consumer import Consumer, Handlers, S
from namjai.runtime.serve import Runtime, runtime, until_stopped
from namjai.runtime.timers import TimerConsumer


async def main(stop: asyncio.Event) -> None:
    """Run until `stop`."""
    await serve(RiskSettings(), stop)


async def serve(settings: RiskSettings, stop: asyncio.Event) -> None:
    """Run with these settings until `stop`."""
    async with runtime(settings, monitoring.SERVICE, stop) as service:
        history = LogHistory(service.journal.log, settings.watch())
        shipped = load()
        risk = Risk(policy=lambda: shipped, history=history, clock=_now)
        watching = Monitoring(
            records=history,
            timers=service.timers,
            append=service.journal.append,
            clock=_now,
            watch=settings.watch(),
            patience=timedelta(hours=settings.silence_hours),
        )
        await until_stopped(
            service,
            service.consumer(handlers.HANDLERS, risk).run,
            _beside(service, monitoring.SOURCE, monitoring.HANDLERS, watching, in_order=True).run,
            TimerConsumer(service.nc, monitoring.SERVICE, partial(monitoring.on_due, at_work=watching)).run,
        )


def _now() -> datetime:
    return datetime.now(UTC)


def _beside(service: Runtime, name: str, handlers: Handlers[S], at_work: S, *, in_order: bool = False) -> Consumer[S]:
    """A consumer with a position of its own, so that it can never hold up a first verdict."""
    return Consumer(
        service.nc,
        service.journal,
        service.dead,
        service.metrics,
        service.tracing,
        name=name,
        handlers=handlers,
        service=at_work,
        limits=service.limits(),
        in_order=in_order,
    )
