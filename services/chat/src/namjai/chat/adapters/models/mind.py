"""The models as skills ask them: what was used goes on record with the turn, whether or not anything came of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from time import monotonic
from typing import NoReturn, TypeVar

import msgspec

from namjai.chat.ports import Attachment, Model, ModelAnswer, ModelRequest, ModelUnavailable
from namjai.events.uses import ModelUse

T = TypeVar("T", bound=msgspec.Struct)
Note = Callable[[ModelUse], None]


class OneMind:
    """One model for everything it can do; `note` takes down each use."""

    def __init__(self, model: Model, note: Note) -> None:
        self._model = model
        self._note = note

    async def write(self, request: ModelRequest) -> ModelAnswer:
        """As the port says."""
        began = monotonic()
        try:
            answer = await self._model.answer(request)
        except ModelUnavailable as failure:
            self._note(ModelUse(purpose=request.purpose, model="", outcome=failure.reason, latency_ms=_ms_since(began)))
            raise
        self._note(
            ModelUse(
                purpose=request.purpose,
                model=answer.model,
                tokens_in=answer.tokens_in,
                tokens_out=answer.tokens_out,
                tokens_cached=answer.tokens_cached,
                latency_ms=_ms_since(began),
            )
        )
        return answer

    async def fill(self, request: ModelRequest, shape: type[T]) -> tuple[T, ModelAnswer]:
        """As the port says."""
        raise ModelUnavailable("unable")

    async def listen(self, sound: Attachment, *, languages: Sequence[str]) -> ModelAnswer:
        """As the port says."""
        raise ModelUnavailable("unable")

    async def speak(self, words: str, *, language: str) -> Attachment:
        """As the port says."""
        raise ModelUnavailable("unable")


class Elsewhere:
    """Another replica asks the model for this turn: ours is the answer only if that one dies."""

    def __init__(self, wait_s: float) -> None:
        self._wait_s = wait_s

    async def write(self, request: ModelRequest) -> ModelAnswer:
        """As the port says."""
        return await self._wait()

    async def fill(self, request: ModelRequest, shape: type[T]) -> tuple[T, ModelAnswer]:
        """As the port says."""
        return await self._wait()

    async def listen(self, sound: Attachment, *, languages: Sequence[str]) -> ModelAnswer:
        """As the port says."""
        return await self._wait()

    async def speak(self, words: str, *, language: str) -> Attachment:
        """As the port says."""
        return await self._wait()

    async def _wait(self) -> NoReturn:
        await asyncio.sleep(self._wait_s)
        raise ModelUnavailable("elsewhere")


def _ms_since(began: float) -> int:
    return round((monotonic() - began) * 1_000)
