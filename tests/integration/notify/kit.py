"""What the tests of the alert inbox share: a roster as the clinic writes it, staff who ask, and a past in the log."""

from __future__ import annotations

import json
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec

from namjai.devkit.line.people import DR_CHEN, NURSE_PLOY
from namjai.events import Envelope, Fact, Sealed, begin
from namjai.events.alert import AlertRaised
from namjai.events.message import MessageReceived
from namjai.events.risk import Level
from namjai.runtime.bus import Requests
from namjai.runtime.config import NatsConfigStore
from namjai.runtime.micro import Ask, Refused
from tests.integration.notify.conftest import PERSON, AtWork, Office

PLOY: Final[dict[str, Any]] = {"name": "ploy", "line_user": NURSE_PLOY.user_id}
CHEN: Final[dict[str, Any]] = {"name": "chen", "line_user": DR_CHEN.user_id}
AWAY: Final[dict[str, Any]] = {"name": "noi", "email": "noi@clinic.example", "active": False}
FIRST: Final[dict[str, Any]] = {"targets": ["person:ploy"]}
SLOW_MIN: Final = 30.0
SECOND_MIN: Final = 1 / 60


def policy(*levels: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """An escalation policy; what is not said is so slow that it does not happen within a test."""
    return {"levels": list(levels) or [FIRST], "round_min": SLOW_MIN, "ack_timeout_min": SLOW_MIN, **more}


@dataclass
class Staffroom:
    """The service at work, asked as staff asks it."""

    office: Office
    requests: Requests

    async def ask(self, verb: str, alert: Envelope[Any] | str | None = None, **fields: Any) -> dict[str, Any]:
        """`api.notify.alerts.<verb>`, as JSON. Raises `Refused`."""
        if alert is not None:
            fields["alert"] = alert if isinstance(alert, str) else alert.id
        answer = await Ask(self.requests).ask(f"api.notify.alerts.{verb}", msgspec.json.encode(fields), deadline_s=10)
        answered: dict[str, Any] = json.loads(answer)
        return answered

    async def refused(self, verb: str, alert: Envelope[Any] | str | None = None, **fields: Any) -> tuple[int, str]:
        """Why it may not be: the code and the reason."""
        try:
            answer = await self.ask(verb, alert, **fields)
        except Refused as no:
            return no.code, no.reason
        raise AssertionError(f"{verb} was not refused: {answer['status']}")

    async def kinds(self, member: str, *left_out: str) -> list[str]:
        """The alert facts about a member, by their short names, in the order of the log."""
        found = [each.event.type.split(".") for each in await self.office.journal.history(member)]
        return [fact for area, fact, _ in found if area == "alert" and fact not in left_out]


@asynccontextmanager
async def staffroom(
    office: Office, at_work: AtWork, *, section: Mapping[str, Any] | None = None, **settings: Any
) -> AsyncIterator[Staffroom]:
    """The service with a roster in force: Ploy is called first, and nothing else happens soon."""
    written = {"staff": [PLOY, CHEN, AWAY], "policies": {"default": policy(), "inbox": policy()}, **(section or {})}
    store = NatsConfigStore(await office.nc.jetstream().key_value("config"))
    await store.put("alerts", json.dumps(written).encode())
    async with at_work(**settings):
        yield Staffroom(office, await Requests.open(office.nc))


async def happened(
    office: Office, member: str, *facts: Fact, ago_s: float = 0.0, source: str = "notify-alerts"
) -> list[Envelope[Fact]]:
    """Facts that are in the log already, said some time ago."""
    at = datetime.now(UTC) - timedelta(seconds=ago_s)
    events = [begin(fact, source=source, cause=str(uuid.uuid4()), member=member, time=at) for fact in facts]
    await office.journal.append(events)
    return events


async def raised(office: Office, member: str, *, ago_s: float = 0.0, **more: Any) -> Envelope[AlertRaised]:
    """An alert that was raised some time ago; `id` may be chosen."""
    level: Level = more.pop("level", "high")
    name = more.pop("id", None)
    at = datetime.now(UTC) - timedelta(seconds=ago_s)
    key = f"{member}:{more.pop('key', 'suicide')}"
    fact = AlertRaised(level=level, category="suicide", merge_key=key, message=more.pop("message", "m0"), **more)
    event = begin(fact, source="risk", cause=str(uuid.uuid4()), member=member, time=at)
    event = msgspec.structs.replace(event, id=name) if name else event
    await office.journal.append([event])
    return event


def message(words: str, n: int = 0, *, sender: str = PERSON) -> MessageReceived:
    """A message as the gateway puts it into the log."""
    now = datetime.now(UTC)
    return MessageReceived(
        kind="text",
        message_id=str(n),
        webhook_event_id=str(n),
        source_kind="user",
        mode="active",
        sent_at=now,
        received_at=now,
        sender=Sealed(sender),
        text=Sealed(words),
        raw=Sealed("{}"),
    )
