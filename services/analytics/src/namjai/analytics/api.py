"""What others may ask: `api.analytics.overview` and `api.analytics.timeline`, as NATS micro endpoints.

Requests and answers are JSON. An error is a micro error with `Nats-Service-Error-Code` 400 (the request), 404 (no such
member), 503 (the database is away) or 500 (a bug), and a description that repeats nothing of the request.
The endpoints' metadata carry the JSON schemas (`nats micro info analytics`).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Final, Protocol

import msgspec
from nats.aio.client import Client

from namjai.analytics.adapters.queries import AsOf, Overview, Queries, Timeline
from namjai.analytics.ports import StoreUnavailable
from namjai.runtime.errors import LogUnavailable
from namjai.runtime.metrics import Metrics
from namjai.runtime.micro import Endpoint, Endpoints, Refused
from namjai.runtime.tracing import UNTRACED, Tracing
from namjai.runtime.version import VERSION

ITEMS_MAX: Final = 200


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


def endpoints(nc: Client, queries: Queries, log: Head, metrics: Metrics, tracing: Tracing = UNTRACED) -> Endpoints:
    """What analytics answers."""
    answers = Answers(queries, log)
    return Endpoints(
        nc,
        "analytics",
        (
            Endpoint("overview", OverviewRequest, Overview, answers.overview),
            Endpoint("timeline", TimelineRequest, Timeline, answers.timeline),
        ),
        metrics,
        version=VERSION,
        description="Read models of the log: clear fields only.",
        unavailable={StoreUnavailable: "the read models cannot be asked now"},
        tracing=tracing,
    )


class Answers:
    """The answers, from the read models, each with how old they are."""

    def __init__(self, queries: Queries, log: Head) -> None:
        self._queries = queries
        self._head = log

    async def overview(self, _: OverviewRequest) -> Overview:
        """Figures of today, 7 and 30 days, and of all members; `as_of` says how old they are."""
        found = await self._queries.overview(datetime.now(UTC))
        return msgspec.structs.replace(found, as_of=await self._aged(found.as_of))

    async def timeline(self, asked: TimelineRequest) -> Timeline:
        """One member's events."""
        found = await self._queries.timeline(asked.member, asked.limit, asked.before)
        if found is None:
            raise Refused(404, "no such member")
        return msgspec.structs.replace(found, as_of=await self._aged(found.as_of))

    async def _aged(self, as_of: AsOf) -> AsOf:
        try:
            last = await self._head.last_sequence()
        except LogUnavailable:
            return as_of
        return msgspec.structs.replace(as_of, behind=max(0, last - as_of.sequence))
