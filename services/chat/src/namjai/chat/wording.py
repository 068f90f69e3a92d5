"""Puts a turn into a model's words, as long as nothing more important happens meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from namjai.chat.domain import guard
from namjai.chat.domain.composed import Composed
from namjai.chat.ports import Model, ModelRequest, ModelUnavailable

T = TypeVar("T")


async def worded(model: Model, question: str, composed: Composed) -> Composed:
    """The turn in the model's words; as it was, when the model has none that may be said."""
    request = ModelRequest(system=guard.system_prompt(composed.language), text=question, language=composed.language)
    try:
        answer = await model.answer(request)
    except ModelUnavailable:  # counted where it happened
        return composed
    return guard.reworded(composed, answer.text, answer.model)


async def unless(overtaken: Coroutine[Any, Any, None], work: Coroutine[Any, Any, T]) -> T | None:
    """What `work` returns; None, and `work` is given up, when `overtaken` returns first."""
    async with asyncio.TaskGroup() as group:
        working = group.create_task(work)
        watching = group.create_task(overtaken)
        await asyncio.wait((working, watching), return_when=asyncio.FIRST_COMPLETED)
        working.cancel()
        watching.cancel()
    return None if working.cancelled() else working.result()
