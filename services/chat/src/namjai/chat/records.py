"""A person's own part of the log, as a skill reads it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

from namjai.chat.domain.context import Exchange
from namjai.chat.domain.recall import exchanges
from namjai.chat.domain.remember import Memory
from namjai.chat.ports import Recorded
from namjai.events import Fact, Stored, subjects
from namjai.runtime.journal import Journal

F = TypeVar("F", bound=Fact)


class MemberRecords:
    """The facts of one member, by type. What can no longer be read (erased) is not there."""

    def __init__(self, journal: Journal, member: str) -> None:
        self._journal = journal
        self._member = member

    async def last(self, kind: type[F]) -> Recorded[F] | None:
        """The newest fact of a type."""
        newest = await self._journal.log.last([subjects.event(kind.TYPE, self._member)])
        found = await self._opened(kind, newest)
        return found[-1] if found else None

    async def all(self, kind: type[F]) -> Sequence[Recorded[F]]:
        """Every fact of a type, the oldest first."""
        return await self._opened(kind, await self._journal.log.since(subjects.event(kind.TYPE, self._member), 0))

    async def times(self, kind: type[Fact], since: datetime) -> Sequence[datetime]:
        """When facts of a type were said, the oldest first; none of them is opened."""
        stored = await self._journal.log.recent(subjects.event(kind.TYPE, self._member), since)
        return [each.event.time for each in stored]

    async def turns(self, memory: Memory) -> Sequence[Exchange]:
        """What was said in the turns that the memory names, as far as a model may read it, the oldest first."""
        if not memory.turns:
            return ()
        first = memory.turns[0].before  # no more than the newest turns is ever read, however long the story
        return exchanges(await self._journal.history(self._member, after=first), memory)

    async def _opened(self, kind: type[F], stored: Sequence[Stored[Fact]]) -> list[Recorded[F]]:
        opened = [(each.sequence, await self._journal.open(each.event)) for each in stored]
        return [
            Recorded(event.data, event.time, event.id, sequence)
            for sequence, event in opened
            if isinstance(event.data, kind)
        ]
