"""Says on standard error how far a long command is, and counts what passes."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import AsyncIterator
from time import monotonic
from typing import Final

SAY_EVERY_S: Final = 2.0


def say(words: str) -> None:
    """One line for whoever watches."""
    print(words, file=sys.stderr, flush=True)


def readable(size: float) -> str:
    """Bytes as people say them."""
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"


class Counted:
    """Passes pieces on, and knows how many bytes they were and what their checksum is."""

    def __init__(self, pieces: AsyncIterator[bytes], what: str | None = None) -> None:
        """With `what`, a line is said now and then."""
        self._pieces = pieces
        self._what = what
        self._hash = hashlib.sha256()
        self._said = monotonic()
        self.bytes = 0

    @property
    def sha256(self) -> str:
        """Of all that passed."""
        return self._hash.hexdigest()

    def __aiter__(self) -> Counted:
        return self

    async def __anext__(self) -> bytes:
        piece = await anext(self._pieces)
        self._hash.update(piece)
        self.bytes += len(piece)
        if self._what and monotonic() - self._said >= SAY_EVERY_S:
            self._said = monotonic()
            say(f"{self._what}: {readable(self.bytes)} …")
        return piece
