"""A stream that is filled again: every event at the sequence it had, and nothing where there was nothing.

Found out on nats-server 2.15 (tests/integration/analytics/test_restore.py holds it to this): `STREAM.PURGE {"seq": n}`
on an empty stream makes n the next sequence; placeholders that are published into gaps and purged by their subject at
the end leave the same gaps; `Nats-Expected-Last-Sequence` makes each publish land on its sequence or nowhere, also
when many are under way. What cannot be kept is the time of storing: that is the time of the restore.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Any, Final

from nats.aio.client import Client
from nats.js.api import PubAck
from nats.js.errors import APIError

from namjai.analytics.adapters.archive import Saved
from namjai.analytics.ports import Refused
from namjai.runtime.log import STREAM

PLACEHOLDER: Final = "evt.restore.gap.nobody"
API_DEADLINE_S: Final = 30.0
ACK_DEADLINE_S: Final = 60.0


class EventStream:
    """EVENTS, while nobody else writes to it."""

    def __init__(self, nc: Client, stream: str = STREAM) -> None:
        self._nc = nc
        self._js = nc.jetstream(timeout=API_DEADLINE_S)
        self._stream = stream

    async def last_sequence(self) -> int:
        """Raises `Refused` when there is no stream."""
        answer = await self._api("INFO", {})
        return int(answer["state"]["last_seq"])

    async def begin_at(self, sequence: int) -> None:
        """Let an empty stream begin there."""
        await self._api("PURGE", {"seq": sequence})

    async def open_gaps(self) -> None:
        """Take the placeholders out; their sequences stay used."""
        await self._api("PURGE", {"filter": PLACEHOLDER})

    async def put(self, events: Sequence[Saved]) -> None:
        """Store a run of events, each on its sequence. Raises `Refused` when somebody else writes."""
        left = list(events)
        while left:
            stored = await self._publish(left)
            if not stored:
                # Its id was stored before, within the duplicate window: the log had it twice, and so it shall again.
                if left[0].id is None:
                    raise Refused(f"event {left[0].sequence} is not taken: is a service writing, or the disk full?")
                left[0] = left[0]._replace(id=None)
            left = left[stored:]

    async def _publish(self, events: Sequence[Saved]) -> int:
        """All at once, in order; returns how many of them are stored, up to the first that is not."""
        acks = []
        for event in events:
            headers = {"Nats-Expected-Last-Sequence": str(event.sequence - 1)}
            if event.id is not None:
                headers["Nats-Msg-Id"] = event.id
            acks.append(await self._js.publish_async(event.subject, event.data, headers=headers))
        async with asyncio.timeout(ACK_DEADLINE_S):
            results = await asyncio.gather(*acks, return_exceptions=True)
        for n, (event, result) in enumerate(zip(events, results, strict=True)):
            if isinstance(result, BaseException) and not isinstance(result, APIError):
                raise result
            if not isinstance(result, PubAck) or result.duplicate or result.seq != event.sequence:
                return n
        return len(events)

    async def _api(self, verb: str, query: dict[str, Any]) -> dict[str, Any]:
        subject = f"$JS.API.STREAM.{verb}.{self._stream}"
        message = await self._nc.request(subject, json.dumps(query).encode(), timeout=API_DEADLINE_S)
        answer: dict[str, Any] = json.loads(message.data)
        if "error" in answer:
            raise Refused(f"the stream {self._stream}: {answer['error'].get('description')}; provision it first")
        return answer


def placeholder(sequence: int) -> Saved:
    """What keeps the place of an event that is gone."""
    return Saved(sequence, PLACEHOLDER, None, b"")
