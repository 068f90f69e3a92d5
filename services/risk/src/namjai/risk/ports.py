"""What the handlers need of the world."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from namjai.risk.domain.model import Past
from namjai.risk.domain.policy import Policy


class History(Protocol):
    """Earlier verdicts of a person. Raises `LogUnavailable`."""

    async def recent(self, member: str, now: datetime) -> Sequence[Past]: ...


@dataclass(frozen=True)
class Risk:
    """The service, as its handlers see it."""

    policy: Callable[[], Policy]
    """The policy in force now: ask once for each verdict, so that one verdict rests on one policy throughout."""
    history: History
    clock: Callable[[], datetime]
