"""What is remembered of a person and what was said lately, as a turn reads it: from their records, by consent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from namjai.chat.domain import recall
from namjai.chat.domain.context import Context, fitting
from namjai.chat.domain.recall import Known
from namjai.chat.domain.remember import may_remember
from namjai.chat.domain.visit import Visit
from namjai.chat.ports import Desk, Recorded, Records
from namjai.events import Fact
from namjai.events.memory import MemoryForgotten, MemoryNoted, MemorySummarised

F = TypeVar("F", bound=Fact)


async def known(records: Records) -> Known:
    """What a person's records say is remembered."""
    newest = await records.last(MemorySummarised)
    return recall.known(
        _placed([newest] if newest is not None else []),
        _placed(await records.all(MemoryNoted)),
        _placed(await records.all(MemoryForgotten)),
    )


async def context(visit: Visit, desk: Desk) -> Context:
    """What a model may read of earlier talk in this turn; nothing without both consents."""
    if not may_remember(visit.view.consents):
        return Context()
    found = await known(desk.records)
    turns = await desk.records.turns(visit.person.memory)
    notes = [note.text for note in found.notes]
    return fitting(turns, summary=found.summary, notes=notes, tokens_max=desk.context_tokens_max)


def _placed(recorded: Sequence[Recorded[F]]) -> list[tuple[int, F]]:
    return [(each.sequence, each.fact) for each in recorded]
