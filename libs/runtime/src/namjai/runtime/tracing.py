"""Traces that follow an event through NATS: costs next to nothing until an OTLP collector is configured."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

from opentelemetry import context as otel_context
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import Link, NoOpTracer, Span, SpanKind, Status, StatusCode, Tracer
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from namjai.events import subjects
from namjai.runtime.settings import ServiceSettings

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

QUEUE_SPANS_MAX = 2_048
EXPORT_DEADLINE_S = 5
LINKS_MAX = 100
"""Of one span: a batch of the projection holds up to a thousand events."""

Attributes = dict[str, str | int | float | bool]

_propagator = TraceContextTextMapPropagator()


def inject(headers: dict[str, str]) -> None:
    """Write the current span into message headers (`traceparent`, `tracestate`); nothing when there is none."""
    _propagator.inject(headers)


def extract(headers: dict[str, str]) -> Context:
    """The context that a message's headers carry; empty when they carry none or it is malformed."""
    return _propagator.extract(headers)


def traceparent() -> str | None:
    """The current span as the envelope's `traceparent` (W3C Trace Context, version 00), or None."""
    span = trace.get_current_span().get_span_context()
    if not span.is_valid:
        return None
    return f"00-{span.trace_id:032x}-{span.span_id:016x}-{span.trace_flags:02x}"


def from_traceparent(value: str | None) -> Context:
    """The context of an envelope's `traceparent`."""
    return extract({"traceparent": value}) if value else Context()


def also_from(traceparents: Iterable[str | None]) -> None:
    """Link what is under way to the other events that it came from: of a batch only one can be the parent."""
    here = trace.get_current_span()
    for link in _links(traceparents):
        if link.context.trace_id != here.get_span_context().trace_id:
            here.add_link(link.context)


def _links(traceparents: Iterable[str | None]) -> list[Link]:
    """One link a trace, to the first event of it that is named."""
    origins: dict[int, Link] = {}
    for value in traceparents:
        origin = trace.get_current_span(from_traceparent(value)).get_span_context()
        if origin.is_valid:
            origins.setdefault(origin.trace_id, Link(origin))
    return list(origins.values())


class Tracing:
    """Makes spans for one service. Without a collector a span is a no-op that still hands on the trace it came with."""

    def __init__(self, tracer: Tracer, provider: "TracerProvider | None" = None) -> None:
        self._tracer = tracer
        self._provider = provider

    @classmethod
    def from_settings(cls, service: str, version: str, settings: ServiceSettings) -> Self:
        """Export over OTLP/HTTP if there is an endpoint; else no exporter, no thread and no import of one."""
        if settings.otlp_endpoint is None:
            return cls(NoOpTracer())
        provider = _provider(service, version, settings.otlp_endpoint, settings.trace_ratio)
        return cls(provider.get_tracer("namjai"), provider)

    @contextmanager
    def producer(self, event_type: str, *, message_id: str, correlation_id: str | None = None) -> Iterator[Span]:
        """A span around an append. The type stands for the destination, because a subject names a member."""
        attributes = _messaging("send", "publish", event_type) | _message(message_id, correlation_id)
        with self._span(f"publish {event_type}", SpanKind.PRODUCER, attributes) as span:
            yield span

    @contextmanager
    def consumer(
        self, event_type: str, *, message_id: str, parent: Context, correlation_id: str | None = None
    ) -> Iterator[Span]:
        """A span around a handler, child of the span that produced the event and linked to it."""
        attributes = _messaging("process", "handle", event_type) | _message(message_id, correlation_id)
        produced_by = trace.get_current_span(parent).get_span_context()
        links = [Link(produced_by)] if produced_by.is_valid else []
        with self._span(f"handle {event_type}", SpanKind.CONSUMER, attributes, parent, links) as span:
            yield span

    @contextmanager
    def timer(self, service: str, kind: str, *, set_by: str | None) -> Iterator[Span]:
        """A span around a timer that came. It begins a trace of its own, linked to the one that set it.

        A reminder sets the next one: as children of each other they would be one trace that never ends.
        """
        attributes = _messaging("process", "handle", f"timer.{service}.{kind}")
        with self._span(f"timer {kind}", SpanKind.CONSUMER, attributes, Context(), _links([set_by])) as span:
            yield span

    @contextmanager
    def batch(self, doing: str, count: int, *, came_from: Iterable[str | None]) -> Iterator[Span]:
        """A span around many events at once, linked to where they came from: none of them can be the parent."""
        attributes = _messaging("process", doing, subjects.EVENTS)
        attributes["messaging.batch.message_count"] = count
        links = _links(came_from)[:LINKS_MAX] if self._provider is not None else []
        with self._span(f"{doing} a batch", SpanKind.CONSUMER, attributes, Context(), links) as span:
            yield span

    @contextmanager
    def question(self, subject: str) -> Iterator[Span]:
        """A span around a question to another service, which is told of our trace (`inject`)."""
        with self._span(f"ask {subject}", SpanKind.CLIENT, _rpc(subject)) as span:
            yield span

    @contextmanager
    def endpoint(self, subject: str, asked_by: Context) -> Iterator[Span]:
        """A span around the answer to a question, in the trace of whoever asked."""
        with self._span(f"answer {subject}", SpanKind.SERVER, _rpc(subject), asked_by) as span:
            yield span

    @contextmanager
    def outside(self, whom: str) -> Iterator[Span]:
        """A span around a call to somebody who is no HTTP API: a mail server, a pager."""
        with self._span(f"call {whom}", SpanKind.CLIENT, {"service.peer.name": whom}) as span:
            yield span

    @contextmanager
    def server(self, method: str, route: str) -> Iterator[Span]:
        """A span around the answer to an HTTP request; `answered` ends it with a status."""
        with self._span(f"{method} {route}", SpanKind.SERVER, _http(method, "http.route", route)) as span:
            yield span

    @contextmanager
    def client(self, method: str, template: str) -> Iterator[Span]:
        """A span around a call to somebody else's HTTP API, who is not told of our trace.

        The template is the path without anybody's id in it.
        """
        with self._span(f"{method} {template}", SpanKind.CLIENT, _http(method, "url.template", template)) as span:
            yield span

    @contextmanager
    def model(self, operation: str, *, provider: str, model: str, purpose: str) -> Iterator[Span]:
        """A span around one request to a model; never what was asked or said. `spoke` adds what it took."""
        attributes: Attributes = {
            "gen_ai.operation.name": operation,
            "gen_ai.provider.name": provider,
            "gen_ai.request.model": model,
            "namjai.purpose": purpose,
        }
        with self._span(f"{operation} {model}", SpanKind.CLIENT, attributes) as span:
            yield span

    @contextmanager
    def span(self, name: str, **attributes: str | int | float | bool) -> Iterator[Span]:
        """A span around anything else, such as a call to a model."""
        with self._span(name, SpanKind.INTERNAL, attributes) as span:
            yield span

    @contextmanager
    def _span(
        self,
        name: str,
        kind: SpanKind,
        attributes: Attributes,
        parent: Context | None = None,
        links: list[Link] | None = None,
    ) -> Iterator[Span]:
        if self._provider is None and not parent:  # nothing is kept, and what is under way stays under way
            yield trace.get_current_span()
            return
        span = self._tracer.start_span(name, parent, kind, attributes, links)
        token = otel_context.attach(trace.set_span_in_context(span, parent))
        try:
            yield span
        except Exception as error:
            # The library's way would record the exception's message, which may hold a person's words.
            span.set_attribute("error.type", type(error).__name__)
            span.set_status(Status(StatusCode.ERROR))
            raise
        finally:
            otel_context.detach(token)
            span.end()

    def close(self) -> None:
        """Send what is left, for at most 5 seconds; blocks, so call it in a thread."""
        if self._provider is not None:
            self._provider.force_flush(EXPORT_DEADLINE_S * 1_000)
            self._provider.shutdown()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.close()


def answered(span: Span, status: int, reason: str = "") -> None:
    """Write down how an HTTP request ended; 0 is no answer at all, for a reason."""
    if status:
        span.set_attribute("http.response.status_code", status)
    if status == 0 or status >= 500:
        span.set_attribute("error.type", str(status or reason))
        span.set_status(Status(StatusCode.ERROR))


def failed(span: Span, why: str) -> None:
    """Write down that it did not work, by the name of the reason: never by its words."""
    span.set_attribute("error.type", why)
    span.set_status(Status(StatusCode.ERROR))


def spoke(span: Span, *, model: str, tokens_in: int, tokens_out: int) -> None:
    """Write down which model it was by its own account, and what it read and wrote."""
    span.set_attributes(
        {
            "gen_ai.response.model": model,
            "gen_ai.usage.input_tokens": tokens_in,
            "gen_ai.usage.output_tokens": tokens_out,
        }
    )


def _http(method: str, where: str, path: str) -> Attributes:
    """Attributes after OpenTelemetry's semantic conventions for HTTP."""
    return {"http.request.method": method, where: path}


UNTRACED: Final = Tracing(NoOpTracer())
"""For whoever is not traced: hands on what is under way and keeps nothing."""


def _messaging(operation_type: str, operation: str, destination: str) -> Attributes:
    """Attributes after OpenTelemetry's semantic conventions for messaging; a destination names no member."""
    return {
        "messaging.system": "nats",
        "messaging.operation.type": operation_type,
        "messaging.operation.name": operation,
        "messaging.destination.name": destination,
    }


def _message(message_id: str, correlation_id: str | None) -> Attributes:
    """Attributes of one message."""
    attributes: Attributes = {"messaging.message.id": message_id}
    if correlation_id is not None:
        attributes["messaging.message.conversation_id"] = correlation_id
    return attributes


def _rpc(subject: str) -> Attributes:
    """Attributes after OpenTelemetry's semantic conventions for RPC."""
    return {"rpc.system.name": "nats", "rpc.method": subject}


def _provider(service: str, version: str, endpoint: str, ratio: float) -> "TracerProvider":
    # Imported here: the exporter brings protobuf and an HTTP client, which a service without a collector need not load.
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor
    from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased

    resource = Resource({"service.name": service, "service.version": version, "service.namespace": "namjai"})
    provider = TracerProvider(resource=resource, sampler=ParentBased(TraceIdRatioBased(ratio)), shutdown_on_exit=False)
    exporter = OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces", timeout=EXPORT_DEADLINE_S)
    provider.add_span_processor(BatchSpanProcessor(exporter, max_queue_size=QUEUE_SPANS_MAX))
    return provider
