"""What conversations need of the world."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from namjai.chat.content import Language
from namjai.chat.domain.composed import Clinic
from namjai.chat.domain.state import State
from namjai.events import Fact
from namjai.events.duty import WatchChanged
from namjai.runtime.journal import Journal


class Snapshots(Protocol):
    """Folded states, so that a long history is not read from its beginning. Losing one loses nothing but time."""

    async def load(self, member: str) -> State | None: ...

    async def save(self, member: str, state: State) -> None: ...


@dataclass(frozen=True, kw_only=True)
class ModelRequest:
    """What a model reads: our instruction and the words of one turn. Nothing that says whose words they are."""

    system: str
    text: str
    language: Language


@dataclass(frozen=True, kw_only=True)
class ModelAnswer:
    """What a model wrote, which model that was, and what it cost."""

    text: str
    model: str
    tokens_in: int = 0
    tokens_out: int = 0


ModelFailure = Literal[
    "unreachable",
    "deadline",
    "server",
    "quota",
    "denied",
    "refused",
    "unreadable",
    "blocked",
    "empty",
    "truncated",
    "stopped",
    "limited",
    "breaker",
    "guard",
    "bug",
]


class ModelUnavailable(Exception):
    """No words that may be said came from the model; the person gets the curated answer."""

    def __init__(self, reason: ModelFailure) -> None:
        super().__init__(reason)
        self.reason: ModelFailure = reason


class Model(Protocol):
    """Something outside that words answers (ADR-9)."""

    async def answer(self, request: ModelRequest) -> ModelAnswer:
        """Raises `ModelUnavailable` and nothing else."""
        ...


def _nobody_knows(_: datetime) -> WatchChanged | None:
    return None


@dataclass(frozen=True)
class Chat:
    """The service's surroundings, as the conversation worker sees them."""

    journal: Journal
    snapshots: Snapshots
    clinic: Clinic
    clock: Callable[[], datetime]
    lease: Callable[[str], AbstractAsyncContextManager[bool]]
    """Whether this replica alone composes for a member now; True where nobody can say."""
    loading: Callable[[str], Awaitable[None]]
    """Show the three dots to a LINE user; its failure is harmless."""
    turns: Callable[[Fact], None]
    """Count a turn."""
    watch: Callable[[datetime], WatchChanged | None] = _nobody_knows
    """Whether somebody of the clinic watches, as far as is known at a time."""
    model: Model | None = None
    """Words supportive answers of people who agreed to it; None: the offline responder does all."""
    model_wait_s: float = 10.0
    """How long another replica may have been asking the model before this one answers offline, seconds."""
