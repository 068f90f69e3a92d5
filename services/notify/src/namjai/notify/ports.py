"""What the handlers need of the world."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from prometheus_client import Counter, Histogram
from pydantic import BaseModel, ConfigDict, Field

from namjai.events import Envelope, Fact
from namjai.events.alert import AlertRaised
from namjai.events.reply import ReplyIssued
from namjai.notify.desk import Desk
from namjai.notify.domain.merge import Raised
from namjai.notify.domain.outcome import Outcome
from namjai.notify.domain.split import Message
from namjai.notify.domain.wording import Notice

ChannelName = Literal["line", "email", "webhook"]


class Line(Protocol):
    """LINE's send API. Nothing is raised: whatever happens to a call is an outcome."""

    async def reply(self, token: str, messages: Sequence[Message], *, urgent: bool) -> Outcome: ...

    async def push(self, to: str, messages: Sequence[Message], retry_key: str, *, urgent: bool) -> Outcome: ...


class Staff(BaseModel):
    """A person, or a machine, that is told of alerts. What is not given is not used."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    name: str = Field(min_length=1, max_length=100)
    """Stands in the log for who was told: a staff name or number, never a patient's."""
    level: int = Field(1, ge=1, le=10)
    line_user: str | None = Field(None, pattern=r"^U[0-9a-f]{32}$", repr=False)
    email: str | None = Field(None, max_length=254, repr=False)
    webhook: str | None = Field(None, pattern=r"^https?://", max_length=2_000, repr=False)
    webhook_kind: Literal["generic", "pagerduty"] = "generic"
    webhook_secret: str | None = Field(None, repr=False)
    """Signs a generic webhook (HMAC-SHA256), or is PagerDuty's routing key."""


class Channel(Protocol):
    """One way to reach staff. Nothing is raised. `key` is the same whenever the same telling is tried again."""

    async def tell(self, staff: Staff, notice: Notice, key: str) -> Outcome: ...


class Story(Protocol):
    """What the log knows already. Raises `LogUnavailable`."""

    async def is_settled(self, member: str, reply: str, since: datetime) -> bool:
        """Whether a delivery of this reply is on record."""
        ...

    async def last_settled(self, member: str) -> frozenset[str]:
        """The replies that the member's newest delivery facts are about."""
        ...

    async def alerts(self, member: str, now: datetime) -> Sequence[Raised]:
        """The member's alerts of the last days, oldest first."""
        ...

    async def record(self, cause: Envelope[AlertRaised], fact: Fact) -> None:
        """Append a fact at once, for a handler that is going to be tried again; the same fact is said once."""
        ...


@dataclass(frozen=True)
class Meters:
    """What is counted. Labels are kinds, never people."""

    deliveries: Counter
    reply_seconds: Histogram
    alert_seconds: Histogram
    alerts: Counter
    nobody: Counter


@dataclass(frozen=True)
class Notify:
    """The service, as its handlers see it."""

    line: Line
    desk: Desk
    story: Story
    channels: dict[ChannelName, Channel]
    staff: Callable[[], Sequence[Staff]]
    may_push: Callable[[], bool]
    observed: Callable[[Outcome], None]
    """Hears every outcome of a call: it may say that the month's pushes are used up."""
    notice: Callable[[Envelope[AlertRaised]], Notice]
    meters: Meters
    clock: Callable[[], datetime]


ReplyEvent = Envelope[ReplyIssued]
AlertEvent = Envelope[AlertRaised]
