"""Where a channel access token comes from, for whoever calls LINE: settings, a file that is rotated, or LINE."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from time import monotonic
from typing import Final, NamedTuple, Protocol

ISSUE_AGAIN_S: Final = 30.0
EXPIRY_MARGIN_S: Final = 60.0


class Issued(NamedTuple):
    """A stateless token; LINE's live for 15 minutes."""

    token: str
    expires_in_s: float


class TokenSource(Protocol):
    """Gives the token to use, and a newer one when LINE refuses that."""

    async def current(self) -> str: ...

    async def renewed(self, refused: str) -> str | None:
        """A token other than the refused one, or None when there is none to be had now."""
        ...


class FixedToken:
    """A token from the settings: a refused one cannot be renewed."""

    def __init__(self, token: str) -> None:
        self._token = token

    async def current(self) -> str:
        return self._token

    async def renewed(self, refused: str) -> str | None:
        return self._token if self._token != refused else None


class FileToken:
    """A token in a mounted secret: read again when LINE refuses what was read last."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._token = ""

    async def current(self) -> str:
        if not self._token:
            await self._read()
        return self._token

    async def renewed(self, refused: str) -> str | None:
        await self._read()
        return self._token if self._token and self._token != refused else None

    async def _read(self) -> None:
        try:
            self._token = (await asyncio.to_thread(self._path.read_text)).strip()
        except OSError:
            return  # while the file is being replaced the last token stays


class IssuedToken:
    """Stateless tokens from LINE's issue endpoint, renewed before they expire, and once when one is refused."""

    def __init__(self, issue: Callable[[], Awaitable[Issued | None]]) -> None:
        self._issue = issue
        self._token = ""
        self._expires_at = 0.0
        self._asked_at = -ISSUE_AGAIN_S
        self._asking = asyncio.Lock()

    async def current(self) -> str:
        if monotonic() >= self._expires_at:
            await self._renew(self._token)
        return self._token

    async def renewed(self, refused: str) -> str | None:
        await self._renew(refused)
        return self._token if self._token and self._token != refused else None

    async def _renew(self, old: str) -> None:
        async with self._asking:
            if self._token != old or monotonic() - self._asked_at < ISSUE_AGAIN_S:
                return  # somebody else has just asked; never in a loop
            self._asked_at = monotonic()
            if (issued := await self._issue()) is not None:
                self._token = issued.token
                self._expires_at = monotonic() + max(0.0, issued.expires_in_s - EXPIRY_MARGIN_S)
