"""Wires the risk service: the only place that knows which adapters stand behind its ports."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final

from namjai.risk import handlers, monitoring, opinions
from namjai.risk.adapters.history import LogHistory
from namjai.risk.adapters.model import load_model
from namjai.risk.adapters.opinion import open_opinion
from namjai.risk.adapters.policies import InForce, PolicyLog, shipped
from namjai.risk.api import endpoints
from namjai.risk.domain.opinion import PROMPT
from namjai.risk.ports import Monitoring, Risk, SecondLooks, SecondOpinion
from namjai.risk.settings import RiskSettings
from namjai.runtime.consumer import Consumer, Handlers, Limits, S
from namjai.runtime.serve import Runtime, runtime, until_stopped
from namjai.runtime.timers import TimerConsumer

OPINION_ACK_WAIT_S: Final = 30.0
"""A model takes seconds; a first verdict's ack wait would have it asked twice."""


async def main(stop: asyncio.Event) -> None:
    """Run until `stop`."""
    await serve(RiskSettings(), stop)


async def serve(settings: RiskSettings, stop: asyncio.Event) -> None:
    """Run with these settings until `stop`."""
    async with (
        runtime(settings, monitoring.SERVICE, stop) as service,
        open_opinion(settings, service.metrics) as second_opinion,
    ):
        history = LogHistory(service.journal.log, settings.watch())
        service.pressure.may_prune("histories", history)
        policies = PolicyLog(service.journal.log, shipped())
        in_force = InForce(policies, service.metrics)
        await in_force.begin()
        classifier = load_model()
        asked = endpoints(
            service.nc,
            service.metrics,
            service.journal,
            policies,
            in_force,
            classifier,
            settings.watch(),
            service.tracing,
        )
        risk = Risk(policy=in_force, history=history, clock=_now, classifier=classifier)
        watching = Monitoring(
            records=history,
            timers=service.timers,
            append=service.journal.append,
            clock=_now,
            watch=settings.watch(),
            patience=timedelta(hours=settings.silence_hours),
        )
        on_due = partial(monitoring.on_due, at_work=watching)
        work = [
            service.consumer(handlers.HANDLERS, risk).run,
            in_force.run,
            asked.run,
            _beside(service, monitoring.SOURCE, monitoring.HANDLERS, watching, service.limits(), in_order=True).run,
            TimerConsumer(service.nc, monitoring.SERVICE, on_due, service.metrics, service.tracing).run,
        ]
        if second_opinion is not None:
            limits = replace(service.limits(), concurrency=settings.opinion_concurrency, ack_wait_s=OPINION_ACK_WAIT_S)
            second = _second_looks(service, history, second_opinion, settings)
            work.append(_beside(service, opinions.SOURCE, opinions.HANDLERS, second, limits).run)
        await until_stopped(service, *work)


def _now() -> datetime:
    return datetime.now(UTC)


def _second_looks(service: Runtime, records: LogHistory, model: SecondOpinion, settings: RiskSettings) -> SecondLooks:
    return SecondLooks(
        records=records,
        model=model,
        by=f"{settings.opinion_named}/{PROMPT}",
        clock=_now,
        age_max=timedelta(seconds=settings.opinion_age_max_s),
        confidence_min=settings.opinion_confidence_min,
        outcomes=service.metrics.counter("opinions", "Messages by what came of a second look.", ("outcome",)),
    )


def _beside(
    service: Runtime, name: str, handlers: Handlers[S], at_work: S, limits: Limits, *, in_order: bool = False
) -> Consumer[S]:
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
        limits=limits,
        in_order=in_order,
    )
