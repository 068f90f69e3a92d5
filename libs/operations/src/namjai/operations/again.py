"""Does again what broke off: a leader changed, a connection was lost, a disk was busy."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from namjai.operations.progress import say
from namjai.runtime.errors import LogUnavailable

TRIES: Final = 4
PAUSE_S: Final = 2.0

T = TypeVar("T")


async def insist(what: str, work: Callable[[], Awaitable[T]]) -> T:
    """Work that can begin anew. Raises `LogUnavailable` at last."""
    for _ in range(TRIES - 1):
        try:
            return await work()
        except LogUnavailable as broken:
            say(f"{what}: once more, {broken}")
            await asyncio.sleep(PAUSE_S)
    return await work()
