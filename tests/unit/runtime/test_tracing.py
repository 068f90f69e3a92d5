"""A trace follows an event from producer to consumer, costs nothing without a collector, and carries no words."""

import asyncio
import gzip
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from opentelemetry import trace
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.semconv._incubating.attributes import error_attributes as error
from opentelemetry.semconv._incubating.attributes import gen_ai_attributes as gen_ai
from opentelemetry.semconv._incubating.attributes import http_attributes as http
from opentelemetry.semconv._incubating.attributes import messaging_attributes as messaging
from opentelemetry.semconv._incubating.attributes import rpc_attributes as rpc
from opentelemetry.semconv._incubating.attributes import service_attributes as service
from opentelemetry.semconv._incubating.attributes import url_attributes as url

from namjai.runtime.settings import ServiceSettings
from namjai.runtime.tracing import (
    LINKS_MAX,
    Tracing,
    also_from,
    answered,
    extract,
    failed,
    from_traceparent,
    inject,
    spoke,
    traceparent,
)

PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
WORDS = "อยากตาย"


@pytest.fixture
async def collector() -> AsyncIterator[tuple[str, list[bytes]]]:
    """An OTLP/HTTP collector on a free port, and the bodies it received."""
    received: list[bytes] = []

    async def take(request: web.Request) -> web.Response:
        body = await request.read()
        received.append(gzip.decompress(body) if request.headers.get("Content-Encoding") == "gzip" else body)
        return web.Response(content_type="application/x-protobuf")

    app = web.Application()
    app.router.add_post("/v1/traces", take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}", received
    await runner.cleanup()


@pytest.fixture
def exporter() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def tracing(exporter: InMemorySpanExporter) -> Tracing:
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    return Tracing(provider.get_tracer("t"), provider)


def test_the_consumer_is_a_child_of_the_producer_over_headers(tracing: Tracing, exporter: InMemorySpanExporter) -> None:
    headers: dict[str, str] = {}
    with tracing.producer("message.received.v1", message_id="e1", correlation_id="c1"):
        inject(headers)
        assert headers["traceparent"] == traceparent()
    with tracing.consumer("message.received.v1", message_id="e1", parent=extract(headers)):
        assert traceparent() != headers["traceparent"]
    produced, consumed = exporter.get_finished_spans()
    assert consumed.parent is not None
    assert consumed.parent.span_id == produced.context.span_id
    assert consumed.context.trace_id == produced.context.trace_id
    assert [link.context.span_id for link in consumed.links] == [produced.context.span_id]


def test_spans_carry_the_conventional_attributes_and_no_subject(
    tracing: Tracing, exporter: InMemorySpanExporter
) -> None:
    with tracing.producer("risk.assessed.v1", message_id="e1", correlation_id="c1"):
        assert traceparent()
    (span,) = exporter.get_finished_spans()
    assert (span.name, span.kind) == ("publish risk.assessed.v1", trace.SpanKind.PRODUCER)
    assert dict(span.attributes or {}) == {
        "messaging.system": "nats",
        "messaging.operation.type": "send",
        "messaging.operation.name": "publish",
        "messaging.destination.name": "risk.assessed.v1",
        "messaging.message.id": "e1",
        "messaging.message.conversation_id": "c1",
    }


def test_a_failure_is_recorded_by_its_type_and_not_by_its_words(
    tracing: Tracing, exporter: InMemorySpanExporter
) -> None:
    with pytest.raises(ValueError, match=WORDS), tracing.span("model", tokens=3):
        raise ValueError(WORDS)
    (span,) = exporter.get_finished_spans()
    assert (span.attributes or {})["error.type"] == "ValueError"
    assert not span.status.is_ok
    assert WORDS not in ReadableSpan.to_json(span)


def test_an_envelopes_traceparent_is_understood() -> None:
    found = trace.get_current_span(from_traceparent(PARENT)).get_span_context()
    assert (f"{found.trace_id:032x}", f"{found.span_id:016x}") == tuple(PARENT.split("-")[1:3])


@pytest.mark.parametrize("value", [None, "", "nonsense", "00-0-0-00"])
def test_a_missing_or_malformed_traceparent_is_no_trace(value: str | None) -> None:
    assert not trace.get_current_span(from_traceparent(value)).get_span_context().is_valid


def test_without_a_collector_a_trace_is_handed_on_and_none_is_begun() -> None:
    with Tracing.from_settings("risk", "1", ServiceSettings()) as tracing:
        with tracing.producer("x.v1", message_id="e"):
            assert traceparent() is None
        with tracing.consumer("x.v1", message_id="e", parent=from_traceparent(PARENT)):
            assert traceparent() == PARENT
        assert traceparent() is None


async def test_with_a_collector_spans_arrive_there(collector: tuple[str, list[bytes]]) -> None:
    url, received = collector
    tracing = Tracing.from_settings("risk", "1.0", ServiceSettings(otlp_endpoint=url, trace_ratio=1))
    with tracing.span("work"):
        assert traceparent()
    await asyncio.to_thread(tracing.close)
    spans = ExportTraceServiceRequest.FromString(received[0]).resource_spans[0]
    assert {each.key: each.value.string_value for each in spans.resource.attributes}["service.name"] == "risk"
    assert [span.name for span in spans.scope_spans[0].spans] == ["work"]


def test_an_http_span_says_how_it_ended_and_no_address_with_an_id_in_it(
    tracing: Tracing, exporter: InMemorySpanExporter
) -> None:
    with tracing.server("POST", "/webhook/line") as span:
        answered(span, 503)
    with tracing.client("POST", "/v2/bot/message/reply") as span:
        answered(span, 0, "timeout")
    served, called = exporter.get_finished_spans()
    assert (served.name, served.kind) == ("POST /webhook/line", trace.SpanKind.SERVER)
    assert dict(served.attributes or {}) == {
        "http.request.method": "POST",
        "http.route": "/webhook/line",
        "http.response.status_code": 503,
        "error.type": "503",
    }
    assert called.kind == trace.SpanKind.CLIENT
    assert dict(called.attributes or {}) == {
        "http.request.method": "POST",
        "url.template": "/v2/bot/message/reply",
        "error.type": "timeout",
    }
    assert not called.status.is_ok


def test_a_models_span_says_what_it_took_and_nothing_that_was_said(
    tracing: Tracing, exporter: InMemorySpanExporter
) -> None:
    with tracing.model("chat", provider="gcp.gemini", model="m-1", purpose="support") as span:
        spoke(span, model="m-1-002", tokens_in=30, tokens_out=7)
    (asked,) = exporter.get_finished_spans()
    assert (asked.name, asked.kind) == ("chat m-1", trace.SpanKind.CLIENT)
    assert dict(asked.attributes or {}) == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "gcp.gemini",
        "gen_ai.request.model": "m-1",
        "gen_ai.response.model": "m-1-002",
        "gen_ai.usage.input_tokens": 30,
        "gen_ai.usage.output_tokens": 7,
        "namjai.purpose": "support",
    }


def test_what_comes_from_several_events_is_linked_to_those_of_other_traces(
    tracing: Tracing, exporter: InMemorySpanExporter
) -> None:
    with tracing.span("the same trace"):
        also_from([PARENT, traceparent(), None, "nonsense"])
    (span,) = exporter.get_finished_spans()
    assert [f"{link.context.trace_id:032x}" for link in span.links] == [PARENT.split("-")[1]]


def test_nothing_is_linked_where_nothing_is_traced() -> None:
    also_from([PARENT])
    assert traceparent() is None


def test_a_timer_begins_a_trace_of_its_own_that_is_linked_to_the_one_that_set_it(
    tracing: Tracing, exporter: InMemorySpanExporter
) -> None:
    with tracing.span("something else is under way"), tracing.timer("notify", "alert", set_by=PARENT):
        assert traceparent()
    timer, other = exporter.get_finished_spans()
    assert (timer.name, timer.parent, timer.kind) == ("timer alert", None, trace.SpanKind.CONSUMER)
    assert timer.context.trace_id != other.context.trace_id
    assert [f"{link.context.trace_id:032x}" for link in timer.links] == [PARENT.split("-")[1]]


def test_a_batch_is_linked_once_to_each_trace_that_its_events_came_from(
    tracing: Tracing, exporter: InMemorySpanExporter
) -> None:
    sibling = PARENT.replace("00f067aa0ba902b7", "00f067aa0ba902b8")
    other = PARENT.replace("4bf9", "5bf9")
    many = [f"00-{n:032x}-00f067aa0ba902b7-01" for n in range(1, 2 * LINKS_MAX)]
    with tracing.batch("project", 4, came_from=[PARENT, sibling, other, None]):
        assert traceparent()
    with tracing.batch("project", len(many), came_from=many):
        assert traceparent()
    few, full = exporter.get_finished_spans()
    assert (few.name, few.parent) == ("project a batch", None)
    assert {f"{link.context.trace_id:032x}" for link in few.links} == {PARENT.split("-")[1], other.split("-")[1]}
    assert (few.attributes or {})["messaging.batch.message_count"] == 4
    assert len(full.links) == LINKS_MAX


def test_an_answer_belongs_to_the_trace_of_the_question(tracing: Tracing, exporter: InMemorySpanExporter) -> None:
    headers: dict[str, str] = {}
    with tracing.question("api.risk.screen"):
        inject(headers)
    with tracing.endpoint("api.risk.screen", extract(headers)) as span:
        failed(span, "503")
    asked, told = exporter.get_finished_spans()
    assert told.parent is not None
    assert (asked.kind, told.kind) == (trace.SpanKind.CLIENT, trace.SpanKind.SERVER)
    assert told.parent.span_id == asked.context.span_id
    assert dict(asked.attributes or {}) == {"rpc.system.name": "nats", "rpc.method": "api.risk.screen"}
    assert (told.attributes or {})["error.type"] == "503"
    assert not told.status.is_ok


def test_every_attribute_is_one_of_the_conventions_or_our_own(tracing: Tracing, exporter: InMemorySpanExporter) -> None:
    with tracing.producer("a.b.v1", message_id="e", correlation_id="c"), tracing.question("api.a.b"):
        pass
    with tracing.consumer("a.b.v1", message_id="e", parent=from_traceparent(PARENT), correlation_id="c"):
        pass
    with tracing.timer("chat", "reminder", set_by=None), tracing.batch("project", 1, came_from=[]):
        pass
    with tracing.server("POST", "/r") as served, tracing.client("GET", "/t"), tracing.outside("mail") as called:
        answered(served, 500)
        failed(called, "TimeoutError")
    with tracing.model("chat", provider="gcp.gemini", model="m", purpose="support") as asked:
        spoke(asked, model="m", tokens_in=1, tokens_out=1)
    used = {key for span in exporter.get_finished_spans() for key in span.attributes or {}}
    known = {
        value
        for module in (error, gen_ai, http, messaging, rpc, service, url)
        for name, value in vars(module).items()
        if name.isupper() and isinstance(value, str)
    }
    assert {key for key in used if not key.startswith("namjai.")} <= known
