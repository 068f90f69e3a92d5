"""What the gateway needs of the world."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from namjai.runtime.keyring import Keyring


class Identities(Protocol):
    """Which member a LINE id is. The record holds no LINE id, and once it is forgotten nothing leads from one to us.

    Methods that wait raise `LogUnavailable` when the records cannot be asked.
    """

    def known(self, line_id: str) -> str | None:
        """The member, if this process remembers; never waits."""
        ...

    async def resolve(self, line_id: str) -> str:
        """The member; somebody new becomes one, and only one however many ask at the same time."""
        ...

    async def forget(self, line_id: str, member: str) -> bool:
        """Delete the record for ever. False when it is not there, or belongs to another (who came back since)."""
        ...


@dataclass(frozen=True)
class Gateway:
    """The service, as its handlers see it."""

    identities: Identities
    keyring: Keyring
    clock: Callable[[], datetime]
    erasure_grace_s: float
