"""Sums up long conversations between turns: nobody waits for it, and when it fails a model just reads more turns."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Final

from cachetools import LRUCache

from namjai.chat import remembered
from namjai.chat.content import UiLanguage
from namjai.chat.desk import MindFor
from namjai.chat.domain import summary
from namjai.chat.domain.context import Exchange
from namjai.chat.domain.recall import Known
from namjai.chat.domain.state import Person
from namjai.chat.ports import ModelRequest, ModelUnavailable
from namjai.chat.records import MemberRecords
from namjai.chat.taken_back import retold
from namjai.events import Envelope, Fact, derive_id, subjects
from namjai.events.message import MessageUnsent
from namjai.events.uses import ModelUse
from namjai.runtime.errors import Conflict, Duplicate, KeysUnavailable, LogUnavailable, Reject
from namjai.runtime.journal import Journal
from namjai.runtime.limiter import LocalLimiter
from namjai.runtime.log import Expect
from namjai.runtime.logs import get_logger
from namjai.runtime.metrics import Metrics

SOURCE: Final = "chat.memory"
PURPOSE: Final = "summary"
WAITING_MAX: Final = 1_000
"""People whose conversation waits to be summed up; more are asked for again by their next turn."""
AT_ONCE: Final = 2
RESTING_MAX: Final = 10_000
REST_FIRST_S: Final = 60.0
REST_MAX_S: Final = 3_600.0
"""After a failure the same person's conversation rests so long, twice as long after each further one."""

_log = get_logger(__name__)


@dataclass(frozen=True)
class Rest:
    """How often it failed in a row, and until when it is left alone, by a clock that only runs forward."""

    failures: int
    until: float


class Summaries:
    """Told of every turn (`after_turn`), at work in the background (`run`).

    What waits is in memory only: who was forgotten with a process that died is due again with their next turn. Two
    replicas never sum up the same turns: the facts are appended only if nothing was said of that memory meanwhile.
    """

    def __init__(
        self,
        journal: Journal,
        mind: MindFor,
        *,
        lease: Callable[[str], AbstractAsyncContextManager[bool]],
        clock: Callable[[], datetime],
        limiter: LocalLimiter,
        metrics: Metrics,
        language: UiLanguage,
        now: Callable[[], float] = monotonic,
    ) -> None:
        self._journal = journal
        self._mind = mind
        self._lease = lease
        self._clock = clock
        self._limiter = limiter
        self._language = language
        self._now = now
        self._waiting: dict[str, Person] = {}
        self._resting: LRUCache[str, Rest] = LRUCache(RESTING_MAX)
        self._news = asyncio.Event()
        self._outcomes = metrics.counter("memory_summaries", "Conversations that were due a summary.", ("outcome",))

    def after_turn(self, member: str, person: Person) -> None:
        """Somebody has had a turn: note it, if their conversation is due. It takes a microsecond."""
        if not summary.is_due(person):
            self._waiting.pop(member, None)  # a consent was taken back, or another replica has done it
        elif member in self._waiting or (len(self._waiting) < WAITING_MAX and not self._rests(member)):
            self._waiting[member] = person
            self._news.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Sum up what is due until `stop`; what is being made then is given up."""
        async with asyncio.TaskGroup() as work:
            workers = [work.create_task(self._work()) for _ in range(AT_ONCE)]
            await stop.wait()
            for worker in workers:
                worker.cancel()

    async def _work(self) -> None:
        while True:
            while not self._waiting:
                self._news.clear()
                await self._news.wait()
            decision = self._limiter.hit(PURPOSE)
            if not decision.allowed:
                await asyncio.sleep(decision.retry_after_s)
                continue
            member = next(iter(self._waiting))
            outcome = await self._outcome(member, self._waiting.pop(member))
            self._outcomes.labels(outcome).inc()
            _log.info("memory_summary", outcome=outcome)

    async def _outcome(self, member: str, person: Person) -> str:
        """Sum up, or say why not."""
        try:
            async with self._lease(f"memory:{member}") as mine:
                done = await self._sum_up(member, person) if mine else "elsewhere"
        except ModelUnavailable as silent:
            return self._rest(member, silent.reason)
        except (LogUnavailable, KeysUnavailable) as away:
            return self._rest(member, type(away).__name__)
        except (Conflict, Duplicate):
            return "overtaken"  # somebody else has, or the person has just had it forgotten
        except Reject:
            return "erased"
        except Exception:
            _log.exception("memory_summary_failed")
            return self._rest(member, "bug")
        self._resting.pop(member, None)
        return done

    async def _sum_up(self, member: str, person: Person) -> str:
        newest = await self._journal.log.last([subjects.area("memory", member)])
        last = max((stored.sequence for stored in newest), default=0)
        records = MemberRecords(self._journal, member)
        known = await remembered.known(records)
        upto = summary.through(person.memory)
        if known.through >= upto:
            return "elsewhere"
        turns = [turn for turn in await records.turns(person.memory) if turn.sequence <= upto]
        if not turns:  # nothing in them may be read
            return self._rest(member, "nothing")
        language = person.chosen_language or person.last_language or self._language
        uses: list[ModelUse] = []
        recap = await self._recap(language, known, turns, uses)
        facts = summary.facts(recap, upto, turns, known, uses)
        expect = Expect(subjects.area("memory", member), last)
        await self._journal.append(self._events(member, turns[0].event, facts), expect=expect)
        await self._unless_taken_back(member, person, turns[0].event)
        return "said"

    async def _recap(
        self, language: UiLanguage, known: Known, turns: Sequence[Exchange], uses: list[ModelUse]
    ) -> summary.Recap:
        """What a model makes of it, in time, guarded and screened like anything that it writes."""
        request = ModelRequest(
            system=summary.system(language),
            text=summary.material(known, turns),
            language=language,
            purpose=PURPOSE,
            guard="memory",
        )
        recap, _ = await self._mind(uses.append).fill(request, summary.Recap)
        return recap

    async def _unless_taken_back(self, member: str, person: Person, cause: str) -> None:
        """Words that were unsent while the model read them must not live on in what it wrote."""
        newest = person.memory.turns[-1].reply
        if await self._journal.log.since(subjects.event(MessageUnsent.TYPE, member), newest):
            known = await remembered.known(MemberRecords(self._journal, member))
            await self._journal.append(self._events(member, f"{cause}:unsent", retold(known)))

    def _events(self, member: str, cause: str, facts: Sequence[Fact]) -> list[Envelope[Fact]]:
        """The facts of one decision; the same turns summed up again would have the same ids."""
        return [
            Envelope(
                id=derive_id(SOURCE, cause, n),
                source="chat",
                type=fact.TYPE,
                subject=member,
                time=self._clock(),
                correlationid=cause,
                causationid=cause,
                data=fact,
            )
            for n, fact in enumerate(facts)
        ]

    def _rest(self, member: str, why: str) -> str:
        """Leave this one alone for a while: a model that fails costs nobody anything but longer history."""
        failures = self._resting[member].failures + 1 if member in self._resting else 1
        wait_s = min(REST_MAX_S, REST_FIRST_S * 2.0 ** (failures - 1))
        self._resting[member] = Rest(failures, self._now() + wait_s)
        return why

    def _rests(self, member: str) -> bool:
        rest = self._resting.get(member)
        return rest is not None and rest.until > self._now()
