"""Lets a turn be made as long as nothing more important happens meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


async def unless(overtaken: Coroutine[Any, Any, None], work: Coroutine[Any, Any, T]) -> T | None:
    """What `work` returns; None, and `work` is given up, when `overtaken` returns first."""
    async with asyncio.TaskGroup() as group:
        working = group.create_task(work)
        watching = group.create_task(overtaken)
        await asyncio.wait((working, watching), return_when=asyncio.FIRST_COMPLETED)
        working.cancel()
        watching.cancel()
    return None if working.cancelled() else working.result()
