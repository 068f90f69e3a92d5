"""One trace leads from LINE's webhook through risk, chat and notify back to LINE, and names nobody."""

from __future__ import annotations

import gzip
import re
import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

import pytest
from aiohttp import web
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from namjai.devkit.running import Running, facts, namjai_up, until
from namjai.events import Envelope, Fact
from namjai.events.checkin import RemindersSet
from namjai.events.message import MessageReceived
from namjai.events.subjects import NOBODY

F = TypeVar("F", bound=Fact)
CRISIS = "อยากตาย คืนนี้จะทำแน่ๆ"
WORDS = "I feel bored in the evenings"
SOON_MS = "100"
ATTRIBUTES = frozenset(
    {
        *("messaging.system", "messaging.operation.type", "messaging.operation.name", "messaging.destination.name"),
        *("messaging.message.id", "messaging.message.conversation_id", "messaging.batch.message_count"),
        *("http.request.method", "http.route", "http.response.status_code", "url.template", "error.type"),
        *("rpc.system.name", "rpc.method", "service.peer.name"),
        *("gen_ai.operation.name", "gen_ai.provider.name", "gen_ai.request.model", "gen_ai.response.model"),
        *("gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens", "namjai.purpose"),
    }
)
"""All that a span may say: ids of events, kinds, numbers."""


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
    surroundings = {
        "NAMJAI_TRACE_RATIO": "1",
        "OTEL_BSP_SCHEDULE_DELAY": SOON_MS,
        "NAMJAI_MODEL": "fake",
        "NAMJAI_REMINDERS_EVERY_S": "1",
        "NAMJAI_REMINDERS_QUIET_S": "0",
    }
    home = tmp_path_factory.mktemp("traced") / "home"
    async with (
        _collecting() as collector,
        namjai_up(home, NAMJAI_OTLP_ENDPOINT=collector.url, **surroundings) as namjai,
    ):
        yield namjai, collector


async def _all(namjai: Running, kind: type[F]) -> list[Envelope[F]]:
    return facts(await namjai.events(), kind)


def _id(event: Envelope[Any]) -> bytes:
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


async def test_one_trace_leads_from_webhook_over_risk_and_chat_to_delivery(traced: tuple[Running, Collector]) -> None:
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


async def test_the_same_trace_leads_from_danger_to_the_phone_of_a_clinician(traced: tuple[Running, Collector]) -> None:
    namjai, collector = traced
    await namjai.send("U" + secrets.token_hex(16), CRISIS)
    message = facts(await namjai.events(), MessageReceived)[-1]
    trace = await _whole(collector, _id(message), ("notify", "POST /v2/bot/message/push"))
    told = next(each for each in trace if each.named == ("notify", "POST /v2/bot/message/push"))
    assert _chain(trace, told) == [
        ("gateway", "POST /webhook/line"),
        ("gateway", "publish message.received.v1"),
        ("risk", "handle message.received.v1"),
        ("notify", "handle alert.raised.v1"),
        ("notify", "POST /v2/bot/message/push"),
    ]


async def test_a_reminder_has_a_trace_of_its_own_that_is_linked_to_the_wish_for_it(
    traced: tuple[Running, Collector],
) -> None:
    namjai, collector = traced
    user = "U" + secrets.token_hex(16)
    await namjai.event(
        {
            "type": "postback",
            "source": {"type": "user", "userId": user},
            "postback": {"data": "do=diary.remind_at&hour=20"},
        }
    )
    wish = (await until(lambda: _all(namjai, RemindersSet)))[-1]

    async def reminded() -> Sequence[Seen]:
        linked = [each for each in collector.seen if _id(wish) in {link.trace_id for link in each.span.links}]
        return next(([each] for each in linked if each.named == ("chat", "timer reminder")), [])

    (timer,) = await until(reminded, 20)
    assert timer.span.parent_span_id == b""
    trace = await _whole(collector, timer.span.trace_id, ("notify", "POST /v2/bot/message/push"))
    pushed = next(each for each in trace if each.named == ("notify", "POST /v2/bot/message/push"))
    assert _chain(trace, pushed) == [
        ("chat", "timer reminder"),
        ("chat", "handle checkin.reminder_due.v1"),
        ("notify", "handle reply.issued.v1"),
        ("notify", "POST /v2/bot/message/push"),
    ]


async def test_the_projection_is_linked_to_what_it_projected(traced: tuple[Running, Collector]) -> None:
    namjai, collector = traced
    await namjai.send("U" + secrets.token_hex(16), "hello")
    message = facts(await namjai.events(), MessageReceived)[-1]

    async def projected() -> bool:
        batches = (each for each in collector.seen if each.named == ("analytics", "project a batch"))
        return any(_id(message) in {link.trace_id for link in each.span.links} for each in batches)

    await until(projected, 20)


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
    trace = await _whole(
        collector,
        _id(message),
        ("chat", "ask api.risk.screen"),
        ("risk", "answer api.risk.screen"),
        ("notify", "POST /v2/bot/message/reply"),
    )
    asked = next(each for each in trace if any(one.key == "gen_ai.request.model" for one in each.span.attributes))
    assert asked.service == "chat"
    attributes = {each.key: each.value for each in asked.span.attributes}
    assert attributes["gen_ai.operation.name"].string_value == "chat"
    assert attributes["gen_ai.provider.name"].string_value == "gcp.gemini"
    assert attributes["gen_ai.usage.output_tokens"].int_value > 0


async def test_no_span_of_all_these_names_a_person_or_says_their_words(traced: tuple[Running, Collector]) -> None:
    """The last of this module: everything that was traced for the tests above is looked at."""
    namjai, collector = traced
    members = {stored.event.subject for stored in await namjai.events()} - {NOBODY}
    said = "".join(str(each.span) for each in collector.seen)
    assert {each.service for each in collector.seen} == {"gateway", "risk", "chat", "notify", "analytics"}
    assert not [member for member in members if member in said]
    assert re.search("[UCR][0-9a-f]{32}", said) is None
    assert re.search("[^\\x00-\\x7f]", said) is None
    assert WORDS not in said
    assert {a.key for each in collector.seen for a in each.span.attributes} <= ATTRIBUTES
