"""The response cache: an answer is written once for everybody who asks, and written again before it is old."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

import msgspec

from namjai.chat.adapters.answers.asked import AskedMost
from namjai.chat.adapters.answers.vault import Kept, Vault
from namjai.chat.adapters.models.account import Note
from namjai.chat.ports import Answers, Common, Mind, ModelUnavailable, Writer
from namjai.events.uses import ModelUse
from namjai.runtime.cache import Cache
from namjai.runtime.limiter import LocalLimiter
from namjai.runtime.logs import get_logger
from namjai.runtime.metrics import Metrics

Found = Literal["hit", "miss", "stale"]
RENEWING_MAX: Final = 100
"""Answers that wait to be written again; more are found stale once more by the next who ask."""
TELL_EVERY_S: Final = 30.0

_log = get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Terms:
    """How long an answer is as good as new, seconds, and how many are written ahead after a start."""

    fresh_s: float
    warm_max: int


class CommonAnswers:
    """The answers of this process; `run` renews and warms them up behind everybody's back, within its own limit.

    `writers` are those of the skills, by name: who writes again what was asked before a start.
    """

    def __init__(
        self,
        cache: Cache,
        vault: Vault,
        asked_most: AskedMost,
        mind: Callable[[Note], Mind],
        writers: Mapping[str, Writer],
        *,
        terms: Terms,
        limiter: LocalLimiter,
        metrics: Metrics,
        clock: Callable[[], datetime],
    ) -> None:
        self._cache = cache
        self._vault = vault
        self._asked_most = asked_most
        self._mind = mind
        self._writers = writers
        self._terms = terms
        self._limiter = limiter
        self._clock = clock
        self._renewing: dict[Common, Writer] = {}
        self._news = asyncio.Event()
        self._found = metrics.counter("common_answers", "Questions that are nobody's own.", ("skill", "found"))

    async def get(self, asked: Common, writer: Writer, mind: Mind) -> tuple[Kept, Found]:
        """The answer; `mind` writes it where nobody has. Raises `ModelUnavailable`, and what the writer raises."""
        self._asked_most.count(asked)
        kept, found = await self._look(asked, writer, mind)
        if found == "stale":
            self._renew(asked, writer)
        self._found.labels(asked.skill, found).inc()
        return kept, found

    async def run(self, stop: asyncio.Event) -> None:
        """Warm up, then renew what is found stale, and tell what is asked, until `stop`."""
        async with asyncio.TaskGroup() as work:
            tasks = [work.create_task(self._warm_up()), work.create_task(self._renew_all())]
            tasks.append(work.create_task(self._tell()))
            await stop.wait()
            for task in tasks:
                task.cancel()
        await self._asked_most.tell()

    def prune(self, keep: float) -> int:
        """Forget here what was not asked for longest."""
        return self._cache.prune(keep)

    async def close(self) -> None:
        """Stop what is being written."""
        await self._cache.close()

    async def _look(self, asked: Common, writer: Writer, mind: Mind) -> tuple[Kept, Found]:
        name = self._vault.name(asked)
        written: list[Kept] = []

        async def write() -> bytes:
            written.append(await self._written(asked, writer, mind))
            return self._vault.seal(name, written[0])

        for _ in range(2):
            try:
                box = await self._cache.get_or_load(name, write)
            except TimeoutError:
                raise ModelUnavailable("deadline") from None
            if written:
                return written[0], "miss"
            if (kept := self._vault.open(name, box)) is not None:
                return kept, "stale" if self._age_s(kept) > self._terms.fresh_s else "hit"
            await self._cache.invalidate(name)  # damaged
        raise ModelUnavailable("misshapen")

    async def _written(self, asked: Common, writer: Writer, mind: Mind) -> Kept:
        answer = await writer.write(asked, mind)
        return Kept(self._clock().timestamp(), answer.model, answer.body)

    def _age_s(self, kept: Kept) -> float:
        return self._clock().timestamp() - kept.at

    def _renew(self, asked: Common, writer: Writer) -> None:
        if len(self._renewing) < RENEWING_MAX:
            self._renewing[asked] = writer
            self._news.set()

    async def _renew_all(self) -> None:
        while True:
            while not self._renewing:
                self._news.clear()
                await self._news.wait()
            asked = next(iter(self._renewing))
            await self._room()
            await self._again(asked, self._renewing[asked])
            del self._renewing[asked]

    async def _again(self, asked: Common, writer: Writer) -> None:
        """Write it anew; if that fails the old answer stands until its time is over."""
        name = self._vault.name(asked)
        try:
            kept = await self._written(asked, writer, self._mind(_nobody))
        except Exception as failed:
            _log.info("answer_not_renewed", skill=asked.skill, error=type(failed).__name__)
            return
        await self._cache.put(name, self._vault.seal(name, kept))
        self._found.labels(asked.skill, "renewed").inc()

    async def _warm_up(self) -> None:
        """What is asked most is there before it is asked: from Redis, or else written."""
        for asked in await self._asked_most.top(self._terms.warm_max):
            if (writer := self._writers.get(asked.skill)) is None:
                continue
            current = msgspec.structs.replace(asked, version=writer.version())
            await self._room()
            try:
                await self._look(current, writer, self._mind(_nobody))
            except Exception as failed:
                _log.info("answer_not_warmed", skill=asked.skill, error=type(failed).__name__)
                continue
            self._found.labels(asked.skill, "warmed").inc()

    async def _tell(self) -> None:
        while True:
            await asyncio.sleep(TELL_EVERY_S)
            await self._asked_most.tell()

    async def _room(self) -> None:
        """Wait until our own part of the model's limit has room: people go first."""
        while True:
            decision = self._limiter.hit("answers")
            if decision.allowed:
                return
            await asyncio.sleep(decision.retry_after_s)


class TurnAnswers(Answers):
    """The answers as one turn asks for them, with each use on its record."""

    def __init__(self, common: CommonAnswers, mind: Mind, uses: list[ModelUse]) -> None:
        self._common = common
        self._mind = mind
        self._uses = uses

    async def get(self, asked: Common, writer: Writer) -> bytes:
        """As the port says."""
        before = len(self._uses)
        try:
            kept, found = await self._common.get(asked, writer, self._mind)
        finally:  # also what was asked in vain was asked because it was not there
            self._uses[before:] = [msgspec.structs.replace(use, cache="miss") for use in self._uses[before:]]
        if found != "miss":
            self._uses.append(ModelUse(purpose=writer.purpose, model=kept.model, cache=found))
        return kept.body


def _nobody(_: ModelUse) -> None:
    """What is written in nobody's turn is counted, and on nobody's record."""
