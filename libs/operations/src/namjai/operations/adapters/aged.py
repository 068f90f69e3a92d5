"""What lies in a JetStream stream for longer than it should: counted, and purged a bounded run at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import msgspec
from nats.aio.msg import Msg

from namjai.runtime.bus import Requests
from namjai.runtime.errors import LogUnavailable

DEADLINE_S: Final = 30.0
RUN_SEQUENCES: Final = 20_000
"""A purge holds the stream for as long as it takes: many short ones let everybody else in between."""


@dataclass(frozen=True)
class Old:
    """What would go: how many messages on these subjects, the oldest of them, and the sequence they are all below."""

    count: int = 0
    first: int = 0
    below: int = 0
    oldest: datetime | None = None


@dataclass(frozen=True)
class Aged:
    """The messages of one stream on a subject (wildcards allowed). Every method raises `LogUnavailable`."""

    requests: Requests
    stream: str
    subject: str
    durable: str | None = None
    """A consumer that must have acknowledged them first; without one that exists nothing is old."""

    async def older_than(self, cutoff: datetime) -> Old:
        """What was stored before a time."""
        first = await self._at({"seq": 1})
        if first is None:
            return Old()
        start = cutoff.astimezone(UTC).isoformat().replace("+00:00", "Z")
        kept = await self._at({"start_time": start})
        below = kept.sequence if kept is not None else await self._end()
        if self.durable is not None and (floor := await self._floor(self.durable)) < below - 1:
            below = floor + 1
            kept = await self._at({"seq": below})
        count = first.matching - (kept.matching if kept is not None else 0)
        return Old(count, first.sequence, below, first.stored_at) if count > 0 else Old()

    async def purge(self, old: Old) -> int:
        """Let them go. Returns how many went; what is published meanwhile stays."""
        gone, below = 0, old.first
        while old.count and below < old.below:
            below = min(old.below, below + RUN_SEQUENCES)
            answer = await self._api(f"STREAM.PURGE.{self.stream}", {"filter": self.subject, "seq": below})
            gone += int(answer["purged"])
        return gone

    async def _at(self, place: dict[str, Any]) -> _Met | None:
        """The first message from a place on, and how many there are from there."""
        query = msgspec.json.encode({**place, "next_by_subj": self.subject, "batch": 1})
        *found, end = await self.requests.many(
            f"$JS.API.DIRECT.GET.{self.stream}", query, last=_is_end, deadline_s=DEADLINE_S
        )
        status = (end.headers or {}).get("Status")
        if status not in ("204", "404"):
            raise LogUnavailable(f"{self.stream} answered {status}")
        if not found:
            return None
        headers = found[0].headers or {}
        return _Met(
            int(headers["Nats-Sequence"]),
            int((end.headers or {}).get("Nats-Num-Pending", "0")) + 1,
            datetime.fromisoformat(headers["Nats-Time-Stamp"]),
        )

    async def _end(self) -> int:
        return int((await self._api(f"STREAM.INFO.{self.stream}", {}))["state"]["last_seq"]) + 1

    async def _floor(self, durable: str) -> int:
        """Up to where the consumer has acknowledged everything; 0 when there is none."""
        answer = await self._api(f"CONSUMER.INFO.{self.stream}.{durable}", {}, missing=10014)
        return int(answer["ack_floor"]["stream_seq"]) if answer else 0

    async def _api(self, what: str, query: dict[str, Any], missing: int | None = None) -> dict[str, Any]:
        msg = await self.requests.one(f"$JS.API.{what}", msgspec.json.encode(query), deadline_s=DEADLINE_S)
        if not msg.data:
            raise LogUnavailable(f"{what}: no JetStream")
        answer: dict[str, Any] = msgspec.json.decode(msg.data)
        if (error := answer.get("error")) is None:
            return answer
        if missing is not None and error.get("err_code") == missing:
            return {}
        raise LogUnavailable(f"{what}: {error.get('err_code')}")


@dataclass(frozen=True)
class _Met:
    sequence: int
    matching: int
    stored_at: datetime


def _is_end(msg: Msg) -> bool:
    return bool(msg.headers and "Status" in msg.headers and not msg.data)
