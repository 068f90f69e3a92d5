"""What the commands need of the world, and how it fails."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from typing import Protocol


class Refused(Exception):
    """A command will not do it; the message says why, and what to do."""


class StoreUnavailable(Exception):
    """The place of the backups cannot be used now; the message says what was tried."""


class Damaged(Exception):
    """A backup is not what its manifest says, or cannot be decrypted; nothing was restored from it."""


class Locked(Damaged):
    """None of the secret keys that were given opens it."""


class Store(Protocol):
    """A place of backups: a folder, or a bucket with a prefix. Every method raises `StoreUnavailable`."""

    @property
    def address(self) -> str:
        """Where it is, for messages."""
        ...

    async def put(self, path: str, content: AsyncIterator[bytes]) -> None:
        """Write a file of any size; it is there whole, or not at all. What `content` raises comes out as it is."""
        ...

    def get(self, path: str) -> AsyncGenerator[bytes, None]:
        """Read a file, piece by piece. FileNotFoundError when it is not there."""
        ...

    async def folders(self) -> list[str]:
        """The names of the folders at the top, in their order."""
        ...

    async def remove(self, folder: str, *, first: str) -> None:
        """Remove a folder's files, the one called `first` before all others."""
        ...
