"""What others may ask: `api.analytics.overview` and `api.analytics.timeline`, as NATS micro endpoints.

Requests and answers are JSON. An error is a micro error with `Nats-Service-Error-Code` 400 (the request), 404 (no such
member), 503 (the database is away) or 500 (a bug), and a description that repeats nothing of the request.
The endpoints' metadata carry the JSON schemas (`nats micro info analytics`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Annotated, Any, Final, Protocol

import msgspec
import nats.errors
import nats.micro
from nats.aio.client import Client
from nats.micro.request import Request, ServiceError

from namjai.analytics.adapters.queries import AsOf, Overview, Queries, Timeline
from namjai.analytics.ports import StoreUnavailable
from namjai.runtime.errors import LogUnavailable
from namjai.runtime.logs import get_logger
from namjai.runtime.metrics import Metrics
from namjai.runtime.serve import VERSION

CONCURRENT_MAX: Final = 16
ITEMS_MAX: Final = 200

_log = get_logger(__name__)


class OverviewRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Nothing is asked for; an empty body will do."""


class TimelineRequest(msgspec.Struct, frozen=True, kw_only=True):
    """`{"member": "…", "limit": 50, "before": 1234}`: the newest `limit` events with a sequence below `before`."""

    member: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    limit: Annotated[int, msgspec.Meta(ge=1, le=ITEMS_MAX)] = 50
    before: Annotated[int, msgspec.Meta(ge=1)] | None = None


class Head(Protocol):
    """Where the log ends."""

    async def last_sequence(self) -> int: ...


Answer = Callable[[Any], Awaitable[msgspec.Struct]]


class Api:
    """The endpoints of one replica; NATS shares the requests out among all of them."""

    def __init__(self, nc: Client, queries: Queries, log: Head, metrics: Metrics) -> None:
        self._nc = nc
        self._queries = queries
        self._head = log
        self._requests = metrics.counter("api_requests", "Micro requests answered.", ("endpoint", "code"))

    async def run(self, stop: asyncio.Event) -> None:
        """Answer until `stop`, then finish what was asked before."""
        service = await nats.micro.add_service(
            self._nc, name="analytics", version=VERSION, description="Read models of the log: clear fields only."
        )
        async with asyncio.TaskGroup() as answers:
            room = asyncio.Semaphore(CONCURRENT_MAX)
            for name, asked, answered, answer in (
                ("overview", OverviewRequest, Overview, self._overview),
                ("timeline", TimelineRequest, Timeline, self._timeline),
            ):
                await service.add_endpoint(
                    name=name,
                    subject=f"api.analytics.{name}",
                    handler=self._handler(name, msgspec.json.Decoder(asked), answer, answers, room),
                    metadata={"request_schema": _schema(asked), "response_schema": _schema(answered)},
                )
            await stop.wait()
            await service.stop()

    async def _overview(self, _: OverviewRequest) -> Overview:
        """Figures of today, 7 and 30 days, and of all members; `as_of` says how old they are."""
        found = await self._queries.overview(datetime.now(UTC))
        return msgspec.structs.replace(found, as_of=await self._aged(found.as_of))

    async def _timeline(self, asked: TimelineRequest) -> Timeline:
        """One member's events."""
        found = await self._queries.timeline(asked.member, asked.limit, asked.before)
        if found is None:
            raise ServiceError("404", "no such member")
        return msgspec.structs.replace(found, as_of=await self._aged(found.as_of))

    async def _aged(self, as_of: AsOf) -> AsOf:
        try:
            last = await self._head.last_sequence()
        except LogUnavailable:
            return as_of
        return msgspec.structs.replace(as_of, behind=max(0, last - as_of.sequence))

    def _handler(
        self,
        name: str,
        decoder: msgspec.json.Decoder[Any],
        answer: Answer,
        answers: asyncio.TaskGroup,
        room: asyncio.Semaphore,
    ) -> Callable[[Request], Awaitable[None]]:
        async def handle(request: Request) -> None:
            await room.acquire()  # while it is full, requests wait in the subscription
            answers.create_task(respond(request))

        async def respond(request: Request) -> None:
            code, description, body = "200", "", b""
            try:
                body = msgspec.json.encode(await answer(decoder.decode(request.data or b"{}")))
            except Exception as failed:
                code, description = _problem(failed)
                if code == "500":
                    _log.exception("api_failed", endpoint=name)
            finally:
                room.release()
            self._requests.labels(name, code).inc()
            with suppress(ValueError, nats.errors.Error):  # nobody waits for an answer, or the connection is gone
                await (request.respond(body) if code == "200" else request.respond_error(code, description))

        return handle


def _problem(failed: Exception) -> tuple[str, str]:
    match failed:
        case ServiceError():
            return failed.code, failed.description
        case msgspec.MsgspecError():
            return "400", "the request does not fit the schema"
        case StoreUnavailable():
            return "503", "the read models cannot be asked now"
        case _:
            return "500", "internal error"


def _schema(kind: type[msgspec.Struct]) -> str:
    return msgspec.json.encode(msgspec.json.schema(kind)).decode()
