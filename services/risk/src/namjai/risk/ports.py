"""What the handlers need of the world."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from namjai.events import Envelope, Fact, Stored
from namjai.risk.domain.context import Context, Watch
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
    attempt: Callable[[], int] = lambda: this_delivery().attempt
    """How often this event was handed to us, this time included."""


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
