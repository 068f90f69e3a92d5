"""Wires the analytics service: the only place that knows which adapters stand behind its ports."""

import asyncio

from namjai.analytics.adapters.postgres import query_pool
from namjai.analytics.adapters.queries import Queries
from namjai.analytics.adapters.store import PostgresStore
from namjai.analytics.api import endpoints
from namjai.analytics.project import Projector
from namjai.analytics.settings import AnalyticsSettings
from namjai.runtime.serve import runtime, until_stopped


async def main(stop: asyncio.Event) -> None:
    """Run until `stop`. PostgreSQL may come and go; the log must be there."""
    settings = AnalyticsSettings()
    async with runtime(settings, "analytics", stop) as service, query_pool(settings) as pool:
        log = service.journal.log
        queries = Queries(pool, settings, service.outside)
        projector = Projector(log, PostgresStore(settings), settings, service.metrics, service.tracing)
        service.health.report("postgres", queries.ping)
        service.health.report("projection", projector.healthy)
        answers = endpoints(service.nc, queries, log, service.metrics, service.tracing)
        await until_stopped(service, projector.run, answers.run)
