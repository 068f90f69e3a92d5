"""The models as skills ask them: in order, in time, held to their guard, and each use on record."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import NoReturn, TypeVar

import msgspec

from namjai.chat.adapters.models.account import Note
from namjai.chat.adapters.models.backend import Backend, work_of
from namjai.chat.adapters.models.models import Asked, Bounds, Chance, Models, Turn
from namjai.chat.adapters.models.shapes import Misshapen, again, filled, schema_of, strings
from namjai.chat.domain.faults import fault
from namjai.chat.ports import Attachment, ModelAnswer, ModelRequest, ModelUnavailable

T = TypeVar("T", bound=msgspec.Struct)
R = TypeVar("R")
Screened = Callable[[str, ModelRequest], Awaitable[bool]]
"""Whether risk finds nothing in an answer that speaks against saying it. Raises `ModelUnavailable("unscreened")`."""


class TurnMind:
    """The mind of one turn."""

    def __init__(self, models: Models, bounds: Bounds, screened: Screened, note: Note) -> None:
        self._models = models
        self._bounds = bounds
        self._screened = screened
        self._turn = Turn(note)

    async def write(self, request: ModelRequest) -> ModelAnswer:
        """As the port says."""
        request = self._bounded(request)

        async def call(backend: Backend) -> tuple[ModelAnswer, ModelAnswer]:
            answer = await backend.answer(request)
            await self._hold(answer.text, answer, request)
            return answer, answer

        return await self._once(self._asked(request), call)

    async def fill(self, request: ModelRequest, shape: type[T]) -> tuple[T, ModelAnswer]:
        """As the port says."""
        schema, request = schema_of(shape), self._bounded(request)

        async def call(backend: Backend, asked: ModelRequest) -> tuple[tuple[T, ModelAnswer], ModelAnswer]:
            answer = await backend.answer(asked, schema)
            value = filled(answer, shape)
            await self._hold("\n".join(strings(value)), answer, request)
            return (value, answer), answer

        async def repaired(backend: Backend, chance: Chance) -> tuple[T, ModelAnswer]:
            try:
                return await chance.call(partial(call, backend, request))
            except Misshapen as wrong:
                repair = again(request, wrong)
            return await chance.call(partial(call, backend, repair))

        return await self._models.ask(self._turn, self._asked(request), repaired)

    async def listen(self, sound: Attachment, *, languages: Sequence[str]) -> ModelAnswer:
        """As the port says; what was heard is the person's own, and is held to nothing."""

        async def call(backend: Backend) -> tuple[ModelAnswer, ModelAnswer]:
            heard = await backend.listen(sound, languages)
            return heard, heard

        return await self._once(Asked("listen", "listen", self._bounds.work_s), call)

    async def speak(self, words: str, *, language: str) -> Attachment:
        """As the port says."""

        async def call(backend: Backend) -> tuple[Attachment, ModelAnswer]:
            spoken = await backend.speak(words, language)
            return spoken.sound, spoken.account

        return await self._once(Asked("speak", "speak", self._bounds.work_s), call)

    async def count(self, words: str) -> int:
        """As the port says; it costs nothing, and is not on record."""

        async def call(backend: Backend) -> tuple[int, ModelAnswer]:
            return await backend.count(words), ModelAnswer(text="", model=backend.model("text") or "")

        return await self._once(Asked("text", "count", self._bounds.talk_s, on_record=False), call)

    async def _once(self, asked: Asked, call: Callable[[Backend], Awaitable[tuple[R, ModelAnswer]]]) -> R:
        """What one call of the first model gives that can do it and does."""
        return await self._models.ask(self._turn, asked, lambda backend, chance: chance.call(partial(call, backend)))

    def _bounded(self, request: ModelRequest) -> ModelRequest:
        if request.guard == "talk" or request.tokens_max is not None:
            return request
        return replace(request, tokens_max=self._bounds.work_tokens_max)

    def _asked(self, request: ModelRequest) -> Asked:
        whole_s = self._bounds.talk_s if request.guard == "talk" else self._bounds.work_s
        return Asked(work_of(request), request.purpose, whole_s)

    async def _hold(self, words: str, answer: ModelAnswer, request: ModelRequest) -> None:
        """Raises `ModelUnavailable` for words that may not be said."""
        wrong = fault(words, request.language, request.guard, source=request.source or request.text)
        try:
            if wrong is None and (request.guard == "data" or await self._screened(words, request)):
                return
        except ModelUnavailable as unread:
            raise ModelUnavailable(unread.reason, answer) from None
        self._models.accounts.kept_back(request.guard, wrong or "risk")
        raise ModelUnavailable("guard", answer)


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

    async def count(self, words: str) -> int:
        """As the port says."""
        return await self._wait()

    async def _wait(self) -> NoReturn:
        await asyncio.sleep(self._wait_s)
        raise ModelUnavailable("elsewhere")
