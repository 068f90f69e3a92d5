"""Questions and commands between services: NATS micro endpoints that answer JSON, and the client that asks them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

import msgspec
import nats.errors
import nats.micro
from nats.aio.client import Client
from nats.micro.request import Request

from namjai.runtime.bus import Requests
from namjai.runtime.errors import Conflict, KeysUnavailable, LogUnavailable
from namjai.runtime.logs import get_logger
from namjai.runtime.metrics import Metrics, timed
from namjai.runtime.tracing import UNTRACED, Tracing, extract, failed, inject

CONCURRENT_MAX: Final = 16
DEADLINE_S: Final = 2.0

_log = get_logger(__name__)


class Refused(Exception):
    """The answer is no: `code` is like an HTTP status, `reason` is for people and repeats nothing personal."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(f"{code} {reason}")
        self.code = code
        self.reason = reason


class Unavailable(Exception):
    """The service does not run, or did not answer in time."""


@dataclass(frozen=True)
class Endpoint:
    """One thing that can be asked: `api.<service>.<name>`. Both sides are structs, so that the schema is published."""

    name: str
    asked: type[msgspec.Struct]
    answered: type[msgspec.Struct]
    answer: Callable[[Any], Awaitable[msgspec.Struct]]


class Endpoints:
    """The endpoints of one replica; NATS shares the requests out among all of them.

    An error is a micro error with `Nats-Service-Error-Code` 400 (the request does not fit), 503 (something it needs is
    away), 500 (a bug), or the code of a `Refused`. `unavailable` names further exceptions that mean 503.
    """

    def __init__(
        self,
        nc: Client,
        service: str,
        endpoints: Sequence[Endpoint],
        metrics: Metrics,
        *,
        version: str,
        description: str,
        unavailable: Mapping[type[Exception], str] | None = None,
        tracing: Tracing = UNTRACED,
    ) -> None:
        self._nc = nc
        self._service = service
        self._endpoints = endpoints
        self._version = version
        self._description = description
        self._unavailable: Mapping[type[Exception], str] = {
            LogUnavailable: "the log cannot be reached now",
            KeysUnavailable: "the keys cannot be reached now",
            Conflict: "somebody else was faster; ask again",
            **(unavailable or {}),
        }
        self._requests = metrics.counter("api_requests", "Micro requests answered.", ("endpoint", "code"))
        self._seconds = metrics.histogram("api_seconds", "Time to answer a micro request.", ("endpoint",))
        self._tracing = tracing

    async def run(self, stop: asyncio.Event) -> None:
        """Answer until `stop`, then finish what was asked before."""
        service = await nats.micro.add_service(
            self._nc, name=self._service, version=self._version, description=self._description
        )
        async with asyncio.TaskGroup() as answers:
            room = asyncio.Semaphore(CONCURRENT_MAX)
            for endpoint in self._endpoints:
                await service.add_endpoint(
                    name=endpoint.name.replace(".", "-"),  # micro allows no dot in a name
                    subject=f"api.{self._service}.{endpoint.name}",
                    handler=self._handler(endpoint, answers, room),
                    metadata={"request_schema": schema(endpoint.asked), "response_schema": schema(endpoint.answered)},
                )
            await stop.wait()
            await service.stop()

    def _handler(
        self, endpoint: Endpoint, answers: asyncio.TaskGroup, room: asyncio.Semaphore
    ) -> Callable[[Request], Awaitable[None]]:
        decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(endpoint.asked)

        async def handle(request: Request) -> None:
            await room.acquire()  # while it is full, requests wait in the subscription
            answers.create_task(respond(request))

        async def respond(request: Request) -> None:
            code, reason, body = 200, "", b""
            asked_by = extract(request.headers or {})
            with (
                timed(self._seconds, endpoint.name),
                self._tracing.endpoint(f"api.{self._service}.{endpoint.name}", asked_by) as span,
            ):
                try:
                    body = msgspec.json.encode(await endpoint.answer(decoder.decode(request.data or b"{}")))
                except Exception as problem:
                    code, reason = self._problem(problem)
                    if code >= 500:
                        failed(span, str(code))
                    if code == 500:
                        _log.exception("api_failed", endpoint=endpoint.name)
                finally:
                    room.release()
            self._requests.labels(endpoint.name, str(code)).inc()
            with suppress(ValueError, nats.errors.Error):  # nobody waits for an answer, or the connection is gone
                await (request.respond(body) if code == 200 else request.respond_error(str(code), reason))

        return handle

    def _problem(self, failed: Exception) -> tuple[int, str]:
        if isinstance(failed, Refused):
            return failed.code, failed.reason
        if isinstance(failed, msgspec.MsgspecError):
            return 400, "the request does not fit the schema"
        away = next((reason for kind, reason in self._unavailable.items() if isinstance(failed, kind)), None)
        return (503, away) if away else (500, "internal error")


class Ask:
    """Asks `api.<service>.…` of whoever listens."""

    def __init__(self, requests: Requests, tracing: Tracing = UNTRACED) -> None:
        self._requests = requests
        self._tracing = tracing

    async def ask(self, subject: str, query: bytes = b"", *, deadline_s: float = DEADLINE_S) -> bytes:
        """The endpoint's answer. Raises `Refused` or `Unavailable`."""
        with self._tracing.question(subject):
            headers: dict[str, str] = {}
            inject(headers)
            return await self._answer(subject, query, headers, deadline_s)

    async def _answer(self, subject: str, query: bytes, sent: Mapping[str, str], deadline_s: float) -> bytes:
        try:
            msg = await self._requests.one(subject, query, deadline_s=deadline_s, headers=sent)
        except LogUnavailable as down:
            raise Unavailable(str(down)) from down
        headers = msg.headers or {}
        if headers.get("Status") == "503":
            raise Unavailable("nobody listens")
        if (code := headers.get("Nats-Service-Error-Code")) is not None:
            raise Refused(int(code) if code.isdecimal() else 500, headers.get("Nats-Service-Error", ""))
        return msg.data


def schema(kind: type[msgspec.Struct]) -> str:
    """The JSON schema of a request or an answer."""
    return msgspec.json.encode(msgspec.json.schema(kind)).decode()
