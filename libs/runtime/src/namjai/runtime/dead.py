"""Dead letters: what could not be handled, kept with its reason, to be looked at and sent again."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from namjai.events import subjects
from namjai.runtime.bus import Requests
from namjai.runtime.delivery import ORIGINAL_SEQUENCE, Delivery
from namjai.runtime.log import APPEND_DEADLINE_S, READ_DEADLINE_S, STREAM

DEAD_STREAM: Final = "DEAD"
ADVISORY: Final = "$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES"
REASON: Final = "Namjai-Reason"
ATTEMPTS: Final = "Namjai-Attempts"
PAGE_LETTERS: Final = 200


@dataclass(frozen=True)
class Letter:
    """One dead letter. `number` is its place in DEAD; `data` is the original event, personal fields sealed."""

    number: int
    service: str
    subject: str
    reason: str
    attempts: int
    sequence: int
    stored_at: datetime
    data: bytes


def again(service: str) -> str:
    """Where a service hears what is sent again to it alone."""
    return f"again.{service}.>"


class DeadLetters:
    """Write, list and resend. Every method raises `LogUnavailable` when NATS cannot be asked."""

    def __init__(self, requests: Requests) -> None:
        self._requests = requests

    async def put(self, service: str, delivery: Delivery, reason: str) -> None:
        """Set aside what this delivery carries; doing it twice leaves one letter."""
        subject = delivery.msg.subject.removeprefix(f"again.{service}.")
        await self._store(service, subject, delivery.msg.data, reason, delivery.attempt, delivery.sequence)

    async def put_lost(self, service: str, sequence: int, attempts: int) -> None:
        """Set aside an event that the server gave up on: it names the sequence, we fetch the event."""
        query = json.dumps({"seq": sequence}).encode()
        msg = await self._requests.one(f"$JS.API.DIRECT.GET.{STREAM}", query, deadline_s=READ_DEADLINE_S)
        headers = msg.headers or {}
        if "Nats-Subject" in headers:
            await self._store(service, headers["Nats-Subject"], msg.data, "max deliveries", attempts, sequence)

    async def _store(self, service: str, subject: str, data: bytes, reason: str, attempts: int, sequence: int) -> None:
        headers = {
            "Nats-Msg-Id": f"{service}.{sequence}.{attempts}",
            REASON: reason,
            ATTEMPTS: str(attempts),
            ORIGINAL_SEQUENCE: str(sequence),
        }
        await self._requests.one(subjects.dead(service, subject), data, deadline_s=APPEND_DEADLINE_S, headers=headers)

    async def letters(self, service: str | None = None) -> AsyncIterator[Letter]:
        """All letters, oldest first."""
        after = 0
        wanted = f"dead.{service}.>" if service else "dead.>"
        while True:
            query = json.dumps({"seq": after + 1, "next_by_subj": wanted, "batch": PAGE_LETTERS}).encode()
            page = await self._requests.many(
                f"$JS.API.DIRECT.GET.{DEAD_STREAM}", query, last=_is_end, deadline_s=READ_DEADLINE_S
            )
            for msg in page[:-1]:
                letter = _letter(msg.headers or {}, msg.data)
                after = letter.number
                yield letter
            if len(page) <= PAGE_LETTERS:
                return

    async def get(self, number: int) -> Letter | None:
        """One letter by its number."""
        query = json.dumps({"seq": number}).encode()
        msg = await self._requests.one(f"$JS.API.DIRECT.GET.{DEAD_STREAM}", query, deadline_s=READ_DEADLINE_S)
        headers = msg.headers or {}
        return _letter(headers, msg.data) if headers.get("Nats-Subject", "").startswith("dead.") else None

    async def resend(self, letter: Letter) -> None:
        """Hand it to its service once more, and take it off the list."""
        headers = {ORIGINAL_SEQUENCE: str(letter.sequence)}
        event_subject = letter.subject.removeprefix(f"dead.{letter.service}.")
        await self._requests.one(
            f"again.{letter.service}.{event_subject}", letter.data, deadline_s=APPEND_DEADLINE_S, headers=headers
        )
        query = json.dumps({"seq": letter.number, "no_erase": True}).encode()
        await self._requests.one(f"$JS.API.STREAM.MSG.DELETE.{DEAD_STREAM}", query, deadline_s=READ_DEADLINE_S)


def _is_end(msg: Any) -> bool:
    return bool(msg.headers and "Status" in msg.headers)


def _letter(headers: dict[str, str], data: bytes) -> Letter:
    subject = headers["Nats-Subject"]
    return Letter(
        number=int(headers["Nats-Sequence"]),
        service=subject.split(".")[1],
        subject=subject,
        reason=headers.get(REASON, "?"),
        attempts=int(headers.get(ATTEMPTS, "0")),
        sequence=int(headers.get(ORIGINAL_SEQUENCE, "0")),
        stored_at=datetime.fromisoformat(headers["Nats-Time-Stamp"][:19] + "+00:00"),
        data=data,
    )
