"""Where media is worked on: in threads, so many pieces at a time, and with one word for what cannot be read."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Literal, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

Reason = Literal["unreadable", "empty", "too_long", "too_large"]


class Unreadable(Exception):
    """A picture or a sound that cannot be used, whoever is to blame; the person is told kindly."""

    def __init__(self, reason: Reason = "unreadable") -> None:
        super().__init__(reason)
        self.reason: Reason = reason


class Bench:
    """Threads for work that would hold up the event loop. What is on the bench bounds the memory it takes."""

    def __init__(self, at_once: int) -> None:
        self._places = asyncio.Semaphore(at_once)

    async def do(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Wait for a place, then for the work."""
        async with self._places:
            return await asyncio.to_thread(work, *args, **kwargs)
