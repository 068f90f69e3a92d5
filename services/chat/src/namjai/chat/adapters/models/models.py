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

T = TypeVar("T")
_ODD_ENDS: Final[frozenset[ModelFailure]] = frozenset({"stopped", "empty"})
SHARE: Final = 0.6
"""Of the time that is left, so much for a model that another one stands behind."""
_NOBODY_WOULD_DO_BETTER: Final[frozenset[ModelFailure]] = frozenset({"unscreened", "elsewhere"})
_SPEAKING: Final = PASSING.union(_ODD_ENDS)
"""A speech model now and then ends with OTHER and no sound, for no reason that it tells: it is asked once more."""


@dataclass(frozen=True, kw_only=True)
class Times:
    """How long a turn waits for models at most: for a few kind sentences, and for everything else."""

    talk_s: float
    work_s: float


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


class Models:
    """Who is asked, and in which order."""

    def __init__(self, backends: Sequence[Backend], limits: Limits, metrics: Metrics) -> None:
        self.accounts: Final = Accounts(metrics)
        self._backends = backends
        self._limits = limits
        self._metrics = metrics
        self._fences: dict[str, Fence] = {}

    async def ask(self, turn: Turn, asked: Asked, how: Callable[[Backend, Once], Awaitable[T]]) -> T:
        """What the first backend gives that can do it and does; `how` makes its calls through the `Once` it gets."""
        able = [each for each in self._backends if each.model(asked.work) is not None]
        if not able:
            raise ModelUnavailable("unable")
        open_ = [each for each in able if not self._fence(each, asked.work).is_shut]
        failed = ModelUnavailable("breaker")
        for place, (backend, last) in enumerate(_marked(open_)):
            left_s = turn.left_s(asked.whole_s)
            if left_s <= 0:
                raise ModelUnavailable("deadline")
            once = Once(self, turn, asked, backend, place, left_s if last else left_s * SHARE)
            try:
                return await how(backend, once)
            except ModelUnavailable as failure:
                failed = failure
                if failure.reason in _NOBODY_WOULD_DO_BETTER:
                    break
        raise failed

    def _fence(self, backend: Backend, work: Work) -> Fence:
        """One for each model, whatever it is asked for."""
        name = backend.model(work) or ""
        if (fence := self._fences.get(name)) is None:
            fence = self._fences[name] = Fence(name, self._limits, self._metrics)
        return fence

    async def through(self, once: Once, call: Callable[[], Awaitable[tuple[T, ModelAnswer]]]) -> T:
        """One call inside the fence, with its one second attempt; each attempt goes on record."""
        passing = _SPEAKING if once.asked.work == "speak" else PASSING
        attempt = partial(self._recorded, once, call)
        try:
            return await self._fence(once.backend, once.asked.work).call(
                attempt, within_s=once.left_s(), passing=passing
            )
        except ModelUnavailable as failure:
            if not once.noted:  # it was refused before anything was sent
                self._note(once, failure.reason, None, monotonic())
            raise

    async def _recorded(self, once: Once, call: Callable[[], Awaitable[tuple[T, ModelAnswer]]]) -> T:
        began = monotonic()
        once.noted = True
        try:
            found, account = await call()
        except ModelUnavailable as failure:
            self._note(once, failure.reason, failure.spent, began)
            raise
        except asyncio.CancelledError:  # our time is over, danger came in between, or the words were taken back
            self._note(once, "given_up", None, began)
            raise
        self._note(once, "said", account, began)
        return found

    def _note(self, once: Once, outcome: str, spent: ModelAnswer | None, began: float) -> None:
        model = once.backend.model(once.asked.work) or ""
        used = self.accounts.take(
            model, once.asked.purpose, outcome, spent, fallback=once.place, seconds=monotonic() - began
        )
        once.turn.note(used)


class Once:
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
        self.noted = False
        return await self._models.through(self, call)


def _marked(backends: Sequence[Backend]) -> Iterator[tuple[Backend, bool]]:
    """Each, and whether nobody stands behind it."""
    for place, backend in enumerate(backends, 1):
        yield backend, place == len(backends)
