"""All models of this process in the order in which they are asked, each behind its fence."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from time import monotonic
from typing import Final, TypeVar

from namjai.chat.adapters.models.account import Accounts, Note
from namjai.chat.adapters.models.backend import Backend, Work
from namjai.chat.adapters.models.fence import PASSING, Fence, Limits
from namjai.chat.ports import ModelAnswer, ModelFailure, ModelUnavailable
from namjai.runtime.metrics import Metrics
from namjai.runtime.tracing import UNTRACED, Tracing, spoke

T = TypeVar("T")
_ODD_ENDS: Final[frozenset[ModelFailure]] = frozenset({"stopped", "empty"})
SHARE: Final = 0.6
"""Of the time that is left, so much for a model that another one stands behind."""
NEARLY_S: Final = 0.01
"""A call that is given up so near the end of its time was given up because of it."""
_SPEAKING: Final = PASSING.union(_ODD_ENDS)
"""A speech model now and then ends with OTHER and no sound, for no reason that it tells: it is asked once more."""


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """How long a turn waits for models at most, for a few kind sentences and for everything else, and how many tokens
    everything else may be."""

    talk_s: float
    work_s: float
    work_tokens_max: int = 8_192


@dataclass
class Turn:
    """One turn's own: what it used, and until when it may ask. Its time begins with its first question."""

    note: Note
    began: float | None = None

    def left_s(self, whole_s: float) -> float:
        """How much of the time is left."""
        if self.began is None:
            self.began = monotonic()
        return self.began + whole_s - monotonic()


@dataclass(frozen=True)
class Asked:
    """What is asked of a backend: which work, for what, and how long it may take from the turn's first question."""

    work: Work
    purpose: str
    whole_s: float
    on_record: bool = True


class Models:
    """Who is asked, and in which order."""

    def __init__(
        self, backends: Sequence[Backend], limits: Limits, metrics: Metrics, tracing: Tracing = UNTRACED
    ) -> None:
        self.accounts: Final = Accounts(metrics)
        self._backends = backends
        self._limits = limits
        self._metrics = metrics
        self._tracing = tracing
        self._fences: dict[tuple[int, str], Fence] = {}

    async def ask(self, turn: Turn, asked: Asked, how: Callable[[Backend, Chance], Awaitable[T]]) -> T:
        """What the first backend gives that can do it and does; `how` makes its calls through the `Chance` it gets."""
        able = [each for each in self._backends if each.model(asked.work) is not None]
        if not able:
            raise ModelUnavailable("unable")
        ready = [each for each in able if not self._fence(each, asked.work).is_shut]
        if not ready:
            self._note(Chance(self, turn, asked, able[0], 0, 0), "breaker", None, monotonic())
        failed = ModelUnavailable("breaker")
        for place, (backend, last) in enumerate(_marked(ready)):
            left_s = turn.left_s(asked.whole_s)
            if left_s <= 0:
                raise ModelUnavailable("deadline")
            chance = Chance(self, turn, asked, backend, place, left_s if last else left_s * SHARE)
            try:
                return await how(backend, chance)
            except ModelUnavailable as failure:
                failed = failure
                if failure.reason == "unscreened":  # risk would not read another one's answer either
                    break
        raise failed

    def _fence(self, backend: Backend, work: Work) -> Fence:
        """One for each model of each backend, whatever it is asked for."""
        name = backend.model(work) or ""
        key = (id(backend), name)
        if (fence := self._fences.get(key)) is None:
            fence = self._fences[key] = Fence(name, self._limits, self._metrics)
        return fence

    async def through(self, chance: Chance, call: Callable[[], Awaitable[tuple[T, ModelAnswer]]]) -> T:
        """One call inside the fence, with its one second attempt; each attempt goes on record."""
        passing = _SPEAKING if chance.asked.work == "speak" else PASSING
        attempt = partial(self._recorded, chance, call)
        try:
            return await self._fence(chance.backend, chance.asked.work).call(
                attempt, within_s=chance.left_s(), passing=passing
            )
        except ModelUnavailable as failure:
            if not chance.noted:  # it was refused before anything was sent
                self._note(chance, failure.reason, None, monotonic())
            raise

    async def _recorded(self, chance: Chance, call: Callable[[], Awaitable[tuple[T, ModelAnswer]]]) -> T:
        began = monotonic()
        chance.noted = True
        try:
            found, account = await self._traced(chance, call)
        except ModelUnavailable as failure:
            self._note(chance, failure.reason, failure.spent, began)
            raise
        except asyncio.CancelledError:  # our time is over, danger came in between, or the words were taken back
            self._note(chance, "deadline" if chance.left_s() < NEARLY_S else "overtaken", None, began)
            raise
        except Exception:  # the fence says that this is a bug, and of what kind
            self._note(chance, "bug", None, began)
            raise
        self._note(chance, "said", account, began)
        return found

    async def _traced(
        self, chance: Chance, call: Callable[[], Awaitable[tuple[T, ModelAnswer]]]
    ) -> tuple[T, ModelAnswer]:
        work, provider = chance.asked.work, chance.backend.provider
        model = chance.backend.model(work) or ""
        operation = "generate_content" if work in ("listen", "speak") else "chat"
        with self._tracing.model(operation, provider=provider, model=model, purpose=chance.asked.purpose) as span:
            found, account = await call()
            spoke(span, model=account.model, tokens_in=account.tokens_in, tokens_out=account.tokens_out)
        return found, account

    def _note(self, chance: Chance, outcome: str, spent: ModelAnswer | None, began: float) -> None:
        model = chance.backend.model(chance.asked.work) or ""
        used = self.accounts.take(
            model, chance.asked.purpose, outcome, spent, fallback=chance.place, seconds=monotonic() - began
        )
        if chance.asked.on_record:
            chance.turn.note(used)


class Chance:
    """One backend's chance within a turn: its share of the time."""

    def __init__(self, models: Models, turn: Turn, asked: Asked, backend: Backend, place: int, within_s: float) -> None:
        self.turn = turn
        self.asked = asked
        self.backend = backend
        self.place = place
        self.noted = False
        self._models = models
        self._until = monotonic() + within_s

    def left_s(self) -> float:
        """How much of the share is left."""
        return self._until - monotonic()

    async def call(self, call: Callable[[], Awaitable[tuple[T, ModelAnswer]]]) -> T:
        """One call; it gives what is wanted, and what it cost. Raises `ModelUnavailable`."""
        if self.left_s() <= 0:  # a repair for which no time is left says nothing against the model
            raise ModelUnavailable("deadline")
        self.noted = False
        return await self._models.through(self, call)


def _marked(backends: Sequence[Backend]) -> Iterator[tuple[Backend, bool]]:
    """Each, and whether nobody stands behind it."""
    for place, backend in enumerate(backends, 1):
        yield backend, place == len(backends)
