"""What the projection and its commands need of the world."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from namjai.analytics.batch import Batch
from namjai.runtime.log import Raw


class StoreUnavailable(Exception):
    """PostgreSQL cannot be asked now, or its schema is not there yet; nothing of the batch was written."""


class Moved(Exception):
    """The stored position is not the one that the batch follows: somebody else wrote. Read it and go on from there."""


class Refused(Exception):
    """A command will not do it; the message says why, and what to do."""


class Source(Protocol):
    """Events in their order: the log, or the archive read in its place."""

    def read(self, *, after: int = 0, through: int | None = None) -> AsyncIterator[Raw]: ...

    async def last_sequence(self) -> int: ...


class Leader(Protocol):
    """The one replica that projects. Methods raise `StoreUnavailable`; leadership ends with the connection."""

    async def position(self) -> int:
        """The sequence of the last event that was projected."""
        ...

    async def write(self, after: int, batch: Batch) -> None:
        """Archive, read models and position in one transaction. Raises `Moved`, and then nothing is written."""
        ...


class Store(Protocol):
    """Where the projection is kept."""

    def lead(self) -> AbstractAsyncContextManager[Leader | None]:
        """Try to be the one that projects; None while another one is. Raises `StoreUnavailable`."""
        ...
