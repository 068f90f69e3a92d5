"""What conversations need of the world."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from namjai.chat.domain.compose import Clinic
from namjai.chat.domain.state import State
from namjai.events import Fact
from namjai.runtime.journal import Journal


class Snapshots(Protocol):
    """Folded states, so that a long history is not read from its beginning. Losing one loses nothing but time."""

    async def load(self, member: str) -> State | None: ...

    async def save(self, member: str, state: State) -> None: ...


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
