"""One trace leads from LINE's webhook through risk, chat and notify back to LINE, and names nobody."""

from __future__ import annotations

import gzip
import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from aiohttp import web
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from namjai.devkit.running import Running, facts, namjai_up, until
from namjai.events import Envelope
from namjai.events.message import MessageReceived

CRISIS = "อยากตาย คืนนี้จะทำแน่ๆ"
WORDS = "I feel bored in the evenings"
SOON_MS = "100"


@dataclass(frozen=True)
class Seen:
    """A span, and whose it is."""

    service: str
    span: Span = field(repr=False)

    @property
    def named(self) -> tuple[str, str]:
        return self.service, self.span.name


@dataclass
class Collector:
    """An OTLP/HTTP collector that keeps everything in memory."""

    url: str = ""
    seen: list[Seen] = field(default_factory=list)

    async def take(self, request: web.Request) -> web.Response:
        body = await request.read()
        if request.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            service = next(a.value.string_value for a in resource.resource.attributes if a.key == "service.name")
            self.seen.extend(Seen(service, span) for scope in resource.scope_spans for span in scope.spans)
        return web.Response(content_type="application/x-protobuf")

    def trace(self, trace_id: bytes) -> Sequence[Seen]:
        """Its spans, those that began first first."""
        own = [each for each in self.seen if each.span.trace_id == trace_id]
        return sorted(own, key=lambda each: each.span.start_time_unix_nano)


@asynccontextmanager
async def _collecting() -> AsyncIterator[Collector]:
    collector = Collector()
    app = web.Application()
    app.router.add_post("/v1/traces", collector.take)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        collector.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield collector
    finally:
        await runner.cleanup()


def _chain(trace: Sequence[Seen], last: Seen) -> list[tuple[str, str]]:
    """From the root down to a span; ends early where a parent is missing."""
    by_id = {each.span.span_id: each for each in trace}
    chain = [last]
    while (parent := by_id.get(chain[0].span.parent_span_id)) is not None:
        chain.insert(0, parent)
    return [each.named for each in chain]


@pytest.fixture(scope="module")
async def traced(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Running, Collector]]:
    """A Namjai with a played model that keeps every trace."""
    surroundings = {"NAMJAI_TRACE_RATIO": "1", "OTEL_BSP_SCHEDULE_DELAY": SOON_MS, "NAMJAI_MODEL": "fake"}
    home = tmp_path_factory.mktemp("traced") / "home"
    async with (
        _collecting() as collector,
        namjai_up(home, NAMJAI_OTLP_ENDPOINT=collector.url, **surroundings) as namjai,
    ):
        yield namjai, collector


def _id(event: Envelope[MessageReceived]) -> bytes:
    assert event.traceparent is not None
    return bytes.fromhex(event.traceparent.split("-")[1])


async def _whole(collector: Collector, trace_id: bytes, *wanted: tuple[str, str]) -> Sequence[Seen]:
    """The trace, once these spans have ended and no span's parent is missing."""

    async def complete() -> Sequence[Seen]:
        trace = collector.trace(trace_id)
        ids = {each.span.span_id for each in trace} | {b""}
        joined = all(each.span.parent_span_id in ids for each in trace)
        return trace if joined and set(wanted) <= {each.named for each in trace} else []

    trace: Sequence[Seen] = await until(complete, 20)
    return trace


async def test_one_trace_leads_from_webhook_to_delivery_and_names_nobody(traced: tuple[Running, Collector]) -> None:
    namjai, collector = traced
    user = "U" + secrets.token_hex(16)
    await namjai.send(user, CRISIS)
    await until(lambda: namjai.chat(user))
    message = facts(await namjai.events(), MessageReceived)[-1]
    trace = await _whole(
        collector,
        _id(message),
        ("gateway", "POST /webhook/line"),
        ("risk", "handle message.received.v1"),
        ("chat", "handle risk.assessed.v1"),
        ("notify", "handle alert.raised.v1"),
        ("notify", "handle reply.issued.v1"),
        ("notify", "POST /v2/bot/message/reply"),
    )
    assert {each.service for each in trace} == {"gateway", "risk", "chat", "notify"}
    assert [each.named for each in trace if not each.span.parent_span_id] == [("gateway", "POST /webhook/line")]

    reply = next(each for each in trace if each.span.name == "POST /v2/bot/message/reply")
    chain = _chain(trace, reply)
    assert chain[:2] == [("gateway", "POST /webhook/line"), ("gateway", "publish message.received.v1")]
    assert chain[-2:] == [("notify", "handle reply.issued.v1"), ("notify", "POST /v2/bot/message/reply")]
    assert "chat" in {service for service, _ in chain}

    said = "".join(str(each.span) for each in trace)
    for secret in (user, CRISIS, message.subject):
        assert secret not in said


async def test_what_a_model_was_asked_belongs_to_its_turn_and_its_words_stay_out(
    traced: tuple[Running, Collector],
) -> None:
    namjai, collector = traced
    user = "U" + secrets.token_hex(16)

    async def turns(count: int) -> bool:
        return len(await namjai.chat(user)) >= count

    await namjai.send(user, "I want to drink less")
    await until(lambda: turns(1))
    seen = len(await namjai.chat(user))
    consent = {"data": "cmd=consent&purpose=model&granted=yes"}
    await namjai.event({"type": "postback", "source": {"type": "user", "userId": user}, "postback": consent})
    await until(lambda: turns(seen + 1))
    await namjai.send(user, WORDS)
    message = facts(await namjai.events(), MessageReceived)[-1]
    trace = await _whole(collector, _id(message), ("notify", "POST /v2/bot/message/reply"))
    asked = next(each for each in trace if any(one.key == "gen_ai.request.model" for one in each.span.attributes))
    assert asked.service == "chat"
    attributes = {each.key: each.value for each in asked.span.attributes}
    assert attributes["gen_ai.operation.name"].string_value == "chat"
    assert attributes["gen_ai.provider.name"].string_value == "gcp.gemini"
    assert attributes["gen_ai.usage.output_tokens"].int_value > 0
    assert WORDS not in "".join(str(each.span) for each in trace)
