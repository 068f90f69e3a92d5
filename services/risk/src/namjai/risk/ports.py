"""What the handlers need of the world."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from namjai.risk.domain.context import Context
from namjai.risk.domain.policy import Policy
from namjai.runtime.delivery import this_delivery


class History(Protocol):
    """What is on record of a person. Raises `LogUnavailable`."""

    async def context(self, member: str, now: datetime) -> Context: ...


@dataclass(frozen=True)
class Risk:
    """The first verdict, as its handlers see the world."""

    policy: Callable[[], Policy]
    """The policy in force now: ask once for each verdict, so that one verdict rests on one policy throughout."""
    history: History
    clock: Callable[[], datetime]
    attempt: Callable[[], int] = lambda: this_delivery().attempt
    """How often this event was handed to us, this time included."""
