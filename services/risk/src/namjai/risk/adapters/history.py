"""A person's past, read from the log: the only place where it is kept."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from typing import Final

from cachetools import LRUCache

from namjai.events import Fact, Stored, subjects
from namjai.events.alert import AlertRaised
from namjai.events.checkin import CheckInRecorded
from namjai.events.instrument import InstrumentAnswered
from namjai.events.risk import RiskAssessed
from namjai.risk.domain.context import BEARING, Context, Watch, context
from namjai.runtime.log import Log
from namjai.runtime.pressure import prune_cache

EVENTS_MAX: Final = 20_000
"""Kept in memory over all people, about 30 MB; of one person at most so many as the next line says."""
EVENTS_EACH_MAX: Final = 500
_WAKES: Final = (AlertRaised, InstrumentAnswered, CheckInRecorded)
"""Without any of these, nothing in a person's past can raise a verdict: each that could came with an alert."""


@dataclass(frozen=True)
class _Read:
    """What was read of a person, and how far on each subject; the verdicts that found nothing are left out."""

    events: Sequence[Stored[Fact]] = ()
    through: Mapping[type[Fact], int] = field(default_factory=dict)


class LogHistory:
    """Folds what was said of a person as far back as it matters.

    What was read is kept for those read most recently, so that of somebody who writes a lot only the new is read.
    """

    def __init__(self, log: Log, watch: Watch) -> None:
        self._log = log
        self._watch = watch
        self._read: LRUCache[str, _Read] = LRUCache(EVENTS_MAX, getsizeof=_size)

    async def context(self, member: str, now: datetime) -> Context:
        """What a verdict now has to know of the person's past."""
        return context(await self.bearing(member, now), now, self._watch)

    async def bearing(self, member: str, now: datetime) -> Sequence[Stored[Fact]]:
        """The events that bear on a verdict, oldest first. For most people one look at the newest of each is enough."""
        since = now - self._watch.reach
        newest = await self._log.last([subjects.event(fact.TYPE, member) for fact in BEARING])
        heads = {type(each.event.data): each.sequence for each in newest if each.event.time >= since}
        if not any(fact in _WAKES for fact in heads):
            return ()
        before = self._read.get(member, _Read())
        grown = [fact for fact, head in heads.items() if head > before.through.get(fact, 0)]
        stories = await asyncio.gather(*(self._story(member, fact, before.through.get(fact), since) for fact in grown))
        through = {fact: story[-1].sequence for fact, story in zip(grown, stories, strict=True) if story}
        events = [each for each in chain(before.events, *stories) if each.event.time >= since and _bears(each)]
        events.sort(key=lambda stored: stored.sequence)
        if len(events) <= EVENTS_EACH_MAX:
            self._read[member] = _Read(events, {**before.through, **through})
        return events

    async def since(self, member: str, facts: Sequence[type[Fact]], since: datetime) -> Sequence[Stored[Fact]]:
        """A person's events of these kinds since a time, oldest first."""
        stories = await asyncio.gather(*(self._story(member, fact, None, since) for fact in facts))
        return sorted(chain.from_iterable(stories), key=lambda stored: stored.sequence)

    def prune(self, keep: float) -> int:
        """Forget the past of those who were not read for longest; it is in the log."""
        return prune_cache(self._read, keep)

    async def _story(self, member: str, fact: type[Fact], after: int | None, since: datetime) -> Sequence[Stored[Fact]]:
        subject = subjects.event(fact.TYPE, member)
        return await (self._log.recent(subject, since) if after is None else self._log.since(subject, after))


def _size(read: _Read) -> int:
    return 1 + len(read.events)


def _bears(each: Stored[Fact]) -> bool:
    return not (isinstance(each.event.data, RiskAssessed) and each.event.data.level == "none")
