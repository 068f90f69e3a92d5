"""A person's past, read from the log: the only place where it is kept."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from itertools import chain
from typing import Final

from namjai.events import Fact, Stored, subjects
from namjai.events.alert import AlertRaised
from namjai.events.checkin import CheckInRecorded
from namjai.events.instrument import InstrumentAnswered
from namjai.risk.domain.context import BEARING, Context, Watch, context
from namjai.runtime.log import Log

_WAKES: Final = (AlertRaised, InstrumentAnswered, CheckInRecorded)
"""Without any of these, nothing in a person's past can raise a verdict: each that could came with an alert."""


class LogHistory:
    """Folds what was said of a person as far back as it matters."""

    def __init__(self, log: Log, watch: Watch) -> None:
        self._log = log
        self._watch = watch

    async def context(self, member: str, now: datetime) -> Context:
        """What a verdict now has to know of the person's past."""
        return context(await self.bearing(member, now), now, self._watch)

    async def bearing(self, member: str, now: datetime) -> Sequence[Stored[Fact]]:
        """The events that bear on a verdict, oldest first. For most people one look at the newest of each is enough."""
        since = now - self._watch.reach
        newest = await self._log.last([subjects.event(fact.TYPE, member) for fact in BEARING])
        recent = [type(each.event.data) for each in newest if each.event.time >= since]
        if not any(fact in _WAKES for fact in recent):
            return ()
        return await self.since(member, recent, since)

    async def since(self, member: str, facts: Sequence[type[Fact]], since: datetime) -> Sequence[Stored[Fact]]:
        """A person's events of these kinds since a time, oldest first."""
        stories = await asyncio.gather(*(self._log.recent(subjects.event(fact.TYPE, member), since) for fact in facts))
        return sorted(chain.from_iterable(stories), key=lambda stored: stored.sequence)
