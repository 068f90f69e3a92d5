"""Structured logs: one JSON object a line on stderr, with the correlation id and nothing personal in it."""

import asyncio
import logging
import sys
from collections.abc import Callable, MutableMapping
from contextlib import AbstractContextManager
from typing import Any, Literal, TextIO

import msgspec
import structlog
from opentelemetry import trace
from structlog.typing import EventDict, FilteringBoundLogger, Processor, WrappedLogger

from namjai.runtime.redact import REDACTED, clean, describe, is_denied, mask, mask_foreign

Format = Literal["auto", "json", "console"]
LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}
# Chatty at info, and their debug output repeats headers and bodies.
QUIET_LIBRARIES = ("asyncio", "aiohttp.access", "google", "httpx", "httpcore", "urllib3", "botocore")

_encode_json = msgspec.json.Encoder(enc_hook=lambda value: f"<{type(value).__name__}>").encode


class _Stderr:
    """Writes lines to whatever `sys.stderr` is now, so that a redirect after start (a test's) is honoured."""

    def __init__(self, stream: TextIO | None, name: str = "root") -> None:
        self._stream = stream
        self.name = name

    def msg(self, line: str) -> None:
        stream = self._stream or sys.stderr
        stream.write(line + "\n")
        stream.flush()

    debug = info = warning = warn = error = critical = fatal = exception = log = msg


class _StderrHandler(logging.Handler):
    """Brings the standard library's loggers (nats, aiohttp, redis) to the same place in the same shape."""

    def __init__(self, out: _Stderr, formatter: logging.Formatter) -> None:
        super().__init__()
        self._out = out
        self.setFormatter(formatter)

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self._out.msg(self.format(record))
        except Exception:
            self._out.msg(f'{{"level":"error","event":"a log record could not be formatted","logger":"{record.name}"}}')


def _constant(service: str, version: str) -> Processor:
    def add(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
        event["service"] = service
        event["version"] = version
        return event

    return add


def _traced(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """The span that is under way, under the names that OpenTelemetry gives them in logs: from a line to its trace."""
    span = trace.get_current_span().get_span_context()
    if span.is_valid:
        event["trace_id"] = format(span.trace_id, "032x")
        event["span_id"] = format(span.span_id, "016x")
    return event


def _describing(on_error: Callable[[str], None]) -> Processor:
    """Puts what `describe` allows in the place of an exception; `on_error` hears its fingerprint."""

    def replace(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
        if (error := _exception_of(event)) is not None:
            event["exception"] = described = describe(error)
            on_error(described["fingerprint"])
        return event

    return replace


def _exception_of(event: EventDict) -> BaseException | None:
    """Taken out of the record, which would otherwise be printed with its words."""
    found = event.pop("exc_info", None)
    match found:
        case True:
            return sys.exc_info()[1]
        case (_, BaseException() as raised, _):
            return raised
        case BaseException():
            return found
    return None


def _redact(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """The last step before rendering: every field passes through the one list of what must not be written."""
    foreign = event.pop("_from_structlog", True) is False
    event.pop("_record", None)
    for key, value in event.items():
        if key == "event":
            event[key] = mask_foreign(str(value)) if foreign else mask(str(value))
        elif key != "exception":  # already described
            event[key] = REDACTED if is_denied(key) else clean(value)
    return event


def _to_json(_: WrappedLogger, __: str, event: EventDict) -> str:
    return _encode_json(event).decode()


def _to_console(colors: bool) -> Processor:
    render = structlog.dev.ConsoleRenderer(colors=colors)

    def to_text(logger: WrappedLogger, name: str, event: EventDict) -> str:
        exception: MutableMapping[str, Any] | None = event.pop("exception", None)
        line = str(render(logger, name, event))
        if exception is None:
            return line
        frames = "".join(f"\n    {frame}" for frame in exception["frames"])
        return f"{line}\n  {exception['error']}: {exception['error_message']} [{exception['fingerprint']}]{frames}"

    return to_text


def _uncounted(_: str) -> None:
    """For processes without metrics."""


def configure_logs(
    service: str,
    version: str,
    *,
    level: str = "info",
    log_format: Format = "auto",
    stream: TextIO | None = None,
    on_error: Callable[[str], None] = _uncounted,
) -> None:
    """Send this process's logs, ours and libraries', through one chain to stderr (or `stream`). Call once, first.

    `on_error` hears the fingerprint of every exception that is logged.
    """
    terminal = (stream or sys.stderr).isatty()
    console = log_format == "console" or (log_format == "auto" and terminal)
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
        _constant(service, version),
        _traced,
        _describing(on_error),
    ]
    last: list[Processor] = [_redact, _to_console(terminal) if console else _to_json]
    structlog.configure(
        processors=[*shared, *last],
        wrapper_class=structlog.make_filtering_bound_logger(LEVELS[level]),
        logger_factory=lambda *names: _Stderr(stream, *names),
        cache_logger_on_first_use=stream is None,  # a test's stream must not outlive the test in a cached logger
    )
    formatter = structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=last)
    root = logging.getLogger()
    root.handlers[:] = [_StderrHandler(_Stderr(stream), formatter)]
    root.setLevel(LEVELS[level])
    for name in QUIET_LIBRARIES:
        logging.getLogger(name).setLevel(max(logging.WARNING, LEVELS[level]))


def get_logger(name: str) -> FilteringBoundLogger:
    """A logger whose records say where they come from: `log = get_logger(__name__)` at the top of a module."""
    logger: FilteringBoundLogger = structlog.get_logger(name)
    return logger


def correlated(correlation_id: str, **fields: str | int) -> AbstractContextManager[None]:
    """Everything logged inside, in this task and those it starts, carries the correlation id (and `fields`)."""
    return structlog.contextvars.bound_contextvars(correlation_id=correlation_id, **fields)


def correlation_id() -> str:
    """The matter at hand; empty where there is none."""
    return str(structlog.contextvars.get_contextvars().get("correlation_id", ""))


def exception_handler(log: FilteringBoundLogger) -> Callable[[asyncio.AbstractEventLoop, dict[str, Any]], None]:
    """An asyncio exception handler that logs what nobody awaited, without the reprs asyncio would print."""

    def handle(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        task = context.get("task") or context.get("future")
        name = task.get_name() if isinstance(task, asyncio.Task) else None
        log.error("unhandled_in_event_loop", what=context.get("message"), task=name, exc_info=context.get("exception"))

    return handle
