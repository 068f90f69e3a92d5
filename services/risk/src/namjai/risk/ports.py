"""What the handlers need of the world."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol

from prometheus_client import Counter

from namjai.events import Envelope, Fact, Stored
from namjai.risk.domain.assess import Classifier
from namjai.risk.domain.context import Context, Watch
from namjai.risk.domain.opinion import Opinion
from namjai.risk.domain.policy import Policy
from namjai.runtime.delivery import this_delivery
from namjai.runtime.timers import Timers


class History(Protocol):
    """What is on record of a person. Raises `LogUnavailable`."""

    async def context(self, member: str, now: datetime) -> Context: ...


class Records(Protocol):
    """What the log says of a person. Raises `LogUnavailable`."""

    async def since(self, member: str, facts: Sequence[type[Fact]], since: datetime) -> Sequence[Stored[Fact]]:
        """Their events of these kinds since a time, oldest first."""
        ...


@dataclass(frozen=True)
class Risk:
    """The first verdict, as its handlers see the world."""

    policy: Callable[[], Policy]
    """The policy in force now: ask once for each verdict, so that one verdict rests on one policy throughout."""
    history: History
    clock: Callable[[], datetime]
    classifier: Classifier | None = None
    """The learned model that may find what the rules missed."""
    attempt: Callable[[], int] = lambda: this_delivery().attempt
    """How often this event was handed to us, this time included."""


OpinionFailure = Literal[
    "limited", "breaker", "deadline", "unreachable", "server", "quota", "denied", "refused", "blocked", "invalid", "bug"
]


class OpinionUnavailable(Exception):
    """There is no second opinion on this message; the first verdict stands."""

    def __init__(self, reason: OpinionFailure) -> None:
        super().__init__(reason)
        self.reason = reason


class SecondOpinion(Protocol):
    """A model that rates words. Raises `OpinionUnavailable`, within its deadline."""

    async def opinion(self, words: str) -> Opinion: ...


@dataclass(frozen=True)
class SecondLooks:
    """Second opinions, as their handler sees the world."""

    records: Records
    model: SecondOpinion
    by: str
    """What stands in the log for who looked again: model and prompt."""
    clock: Callable[[], datetime]
    age_max: timedelta
    """Nobody is helped by a second opinion on words older than this."""
    confidence_min: float
    outcomes: Counter


@dataclass(frozen=True)
class Monitoring:
    """Watching people, as its handlers and timers see the world."""

    records: Records
    timers: Timers
    append: Callable[[Sequence[Envelope[Fact]]], Awaitable[object]]
    """Says facts that no event at hand has caused: a timer came due. Raises `Duplicate` or `LogUnavailable`."""
    clock: Callable[[], datetime]
    watch: Watch
    patience: timedelta
    """How long a silence after a high verdict may last before somebody is asked to look."""
