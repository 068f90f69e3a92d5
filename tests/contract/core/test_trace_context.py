"""A trace goes on through everything that services send each other: events of the log, and questions."""

import asyncio
from datetime import datetime

import msgspec
import pytest
from nats.aio.client import Client
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from namjai.events import begin, subjects
from namjai.events.risk import MonitoringEnded
from namjai.runtime.bus import Requests
from namjai.runtime.journal import Journal
from namjai.runtime.keyring import Keyring, MasterKeys
from namjai.runtime.log import NatsLog
from namjai.runtime.memory import MemoryKeyStore
from namjai.runtime.metrics import Metrics
from namjai.runtime.micro import Ask, Endpoint, Endpoints, Unavailable
from namjai.runtime.outside import Outside
from namjai.runtime.tracing import Tracing, from_traceparent, traceparent

OLDER = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


class Nothing(msgspec.Struct, frozen=True):
    """Asked and answered."""


@pytest.fixture
def spans() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def tracing(spans: InMemorySpanExporter) -> Tracing:
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(spans))
    return Tracing(provider.get_tracer("t"), provider)


async def test_an_event_carries_the_span_that_it_is_said_in_for_us_and_for_others(
    nc: Client, requests: Requests, tracing: Tracing, member: str, now: datetime
) -> None:
    """In its envelope, which the second copy of the log has too, and in the header that other tools look at."""
    metrics = Metrics("t")
    journal = Journal(NatsLog(requests), Keyring(MemoryKeyStore(), MasterKeys({"k": b"k" * 32})), Outside(metrics))
    fact = MonitoringEnded(started="s", reason="time")
    with tracing.consumer("a.b.v1", message_id="e", parent=from_traceparent(OLDER)):
        here = traceparent()
        await journal.append([begin(fact, source="t", cause=member, member=member, time=now, traceparent=OLDER)])
    [stored] = await journal.history(member)
    message = await nc.jetstream().get_last_msg("EVENTS", subjects.event(fact.TYPE, member))
    assert stored.event.traceparent == here != OLDER
    assert (message.headers or {})["traceparent"] == here
    appended = metrics.registry.get_sample_value("namjai_outside_calls_total", {"to": "log", "outcome": "ok"})
    assert appended == 1


async def test_an_event_that_is_said_outside_of_any_trace_keeps_what_it_has(
    nc: Client, requests: Requests, member: str, now: datetime
) -> None:
    journal = Journal(NatsLog(requests), Keyring(MemoryKeyStore(), MasterKeys({"k": b"k" * 32})))
    fact = MonitoringEnded(started="s", reason="time")
    for n, origin in enumerate((None, OLDER)):
        await journal.append([begin(fact, source="t", cause=member, member=member, time=now, n=n, traceparent=origin)])
    assert [stored.event.traceparent for stored in await journal.history(member)] == [None, OLDER]


async def test_the_answer_to_a_question_is_in_the_trace_of_whoever_asked(
    nc: Client, requests: Requests, tracing: Tracing, spans: InMemorySpanExporter
) -> None:
    metrics, stop = Metrics("t"), asyncio.Event()

    async def answer(_: Nothing) -> Nothing:
        return Nothing()

    offered = [Endpoint("who", Nothing, Nothing, answer)]
    endpoints = Endpoints(nc, "traced", offered, metrics, version="0.0.1", description="t", tracing=tracing)
    async with asyncio.TaskGroup() as work:
        work.create_task(endpoints.run(stop))
        while not await _listens(requests):
            await asyncio.sleep(0.01)
        spans.clear()
        with tracing.span("work"):
            await Ask(requests, tracing).ask("api.traced.who")
        stop.set()
    told, asked, at_work = spans.get_finished_spans()
    assert [each.name for each in (told, asked, at_work)] == ["answer api.traced.who", "ask api.traced.who", "work"]
    assert told.parent is not None
    assert asked.parent is not None
    assert (told.parent.span_id, asked.parent.span_id) == (asked.context.span_id, at_work.context.span_id)
    assert metrics.registry.get_sample_value("namjai_api_seconds_count", {"endpoint": "who"}) == 2


async def _listens(requests: Requests) -> bool:
    try:
        await Ask(requests).ask("api.traced.who")
    except Unavailable:
        return False
    return True
