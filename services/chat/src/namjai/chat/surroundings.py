"""What the conversation worker works with."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from namjai.chat.domain.composed import Clinic
from namjai.chat.domain.state import Person, State
from namjai.chat.ports import Desk
from namjai.chat.skills.skill import Skills
from namjai.events import Envelope, Fact
from namjai.events.duty import WatchChanged
from namjai.events.uses import ModelUse
from namjai.runtime.journal import Journal

Perceive = Callable[[Envelope[Any], State], Coroutine[Any, Any, Fact]]
"""Reads a voice message or a picture: what was in it (`MediaTranscribed`), or why nobody knows (`MediaUnread`)."""


class Snapshots(Protocol):
    """Folded states, so that a long history is not read from its beginning. Losing one loses nothing but time."""

    async def load(self, member: str) -> State | None: ...

    async def save(self, member: str, state: State) -> None: ...


def _nobody_knows(_: datetime) -> WatchChanged | None:
    return None


@dataclass(frozen=True, kw_only=True)
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
    skills: Callable[[], Skills]
    """What is on now."""
    desk: Callable[[str, list[ModelUse], bool], Desk]
    """What a skill works with: for a member, with a list that takes down what models were used, and whether this
    replica may ask them (else another one does)."""
    after_turn: Callable[[str, Person], None] | None = None
    """Told that somebody has had a turn; what follows from that is nobody's to wait for."""
    senses: Perceive | None = None
    """None: no voice message and no picture is read."""
