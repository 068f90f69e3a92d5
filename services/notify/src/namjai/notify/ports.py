"""What the handlers need of the world."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from prometheus_client import Counter, Histogram

from namjai.events import Envelope
from namjai.events.reply import ReplyIssued
from namjai.events.risk import Level
from namjai.notify.desk import Desk
from namjai.notify.domain.begin import Plan
from namjai.notify.domain.due import Rules
from namjai.notify.domain.outcome import Outcome
from namjai.notify.domain.roster import Staff
from namjai.notify.domain.split import Message
from namjai.notify.domain.wording import Notice

Clock = Callable[[], datetime]
ChannelName = Literal["line", "email", "webhook"]


class Line(Protocol):
    """LINE's send API. Nothing is raised: whatever happens to a call is an outcome."""

    async def reply(self, token: str, messages: Sequence[Message], *, urgent: bool) -> Outcome: ...

    async def push(self, to: str, messages: Sequence[Message], retry_key: str, *, urgent: bool) -> Outcome: ...


class Channel(Protocol):
    """One way to reach staff. Nothing is raised. `key` is the same whenever the same telling is tried again."""

    async def tell(self, staff: Staff, notice: Notice, key: str) -> Outcome: ...


class Letters(Protocol):
    """Mail to somebody who is not staff. Nothing is raised. `key` is the same at every try of the same letter."""

    async def send(
        self, to: str, subject: str, text: str, key: str, at: datetime, *, html: str | None = None, urgent: bool = True
    ) -> Outcome: ...


class Story(Protocol):
    """What the log knows already of replies. Raises `LogUnavailable`."""

    async def is_settled(self, member: str, reply: str, since: datetime) -> bool:
        """Whether a delivery of this reply is on record."""
        ...

    async def last_settled(self, member: str) -> frozenset[str]:
        """The replies that the member's newest delivery facts are about."""
        ...


class Roster(Protocol):
    """Who is told of what, and when: staff, schedules and policies in force, with today's overrides."""

    def plan(self, level: Level) -> Plan:
        """The chain of escalation for alerts of a level."""
        ...

    async def targets(self, policy: str, level: int, at: datetime) -> Sequence[Staff]:
        """Whom a level of a policy means at a time; nobody, if nobody is on call."""
        ...

    def fallback(self, policy: str) -> Sequence[Staff]:
        """Who is told when a chain has ended without anybody."""
        ...

    def staff(self, name: str) -> Staff | None:
        """The member of staff with this name."""
        ...

    def staff_by_line(self, user: str) -> Staff | None:
        """The member of staff with this LINE user id."""
        ...

    def rules(self) -> Rules:
        """When people are asked how they are after an alert."""
        ...


class Answered(Protocol):
    """What a person did about a caring contact. Raises `LogUnavailable`."""

    async def since(self, member: str, at: datetime) -> bool:
        """Whether they have written, or pressed a button, since a time."""
        ...

    async def wants_silence(self, member: str) -> bool:
        """Whether they paused us, blocked us, or were erased."""
        ...


@dataclass(frozen=True)
class Meters:
    """What is counted. Labels are kinds, never people."""

    deliveries: Counter
    reply_seconds: Histogram
    reply_kind: Callable[[str], str]
    """Keeps the kinds of turns finite, whatever a newer chat calls them."""
    alert_seconds: Histogram
    alerts: Counter
    nobody: Counter
    exhausted: Counter
    response_seconds: Histogram
    late_seconds: Histogram
    appended: Callable[[str], None]
    """Counts a fact of this type that was said outside a handler."""


@dataclass(frozen=True)
class Notify:
    """The service, as its handlers see it."""

    line: Line
    desk: Desk
    story: Story
    may_push: Callable[[], bool]
    observed: Callable[[Outcome], None]
    """Hears every outcome of a call: it may say that the month's pushes are used up."""
    meters: Meters
    clock: Clock


ReplyEvent = Envelope[ReplyIssued]
