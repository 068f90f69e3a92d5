"""What goes when words are unsent or a memory is forgotten: out of the log, and out of whatever was made of it."""

from __future__ import annotations

from typing import Any, Final

from namjai.chat import remembered
from namjai.chat.domain.recall import Known
from namjai.chat.domain.remember import SUMMARY
from namjai.chat.ports import Recorded
from namjai.chat.records import MemberRecords
from namjai.events import Fact
from namjai.events.media import MediaTranscribed
from namjai.events.memory import MemoryForgotten, MemoryNoted, MemorySummarised
from namjai.events.message import MessageReceived, MessageRemoved
from namjai.runtime.journal import Journal

REMOVED_MAX: Final = 90
"""At once, which is as many facts as one decision may have; what is over goes with the next."""


async def take_out(journal: Journal, member: str, message_id: str) -> list[Fact]:
    """Take a message, and what was heard or seen in it, out of the log; the facts say so, and what else is to go."""
    removed = [
        MessageRemoved(message_id=message_id, event=stored.event.id, sequence=stored.sequence)
        for stored in await journal.log.history(member)
        if isinstance(stored.event.data, MessageReceived | MediaTranscribed)
        and stored.event.data.message_id == message_id
        and await journal.log.delete(stored.sequence)
    ]
    if not removed:
        return []
    known = await remembered.known(MemberRecords(journal, member))
    is_told = any(each.sequence <= known.through for each in removed)
    return [*removed, *(retold(known) if is_told else ())]


def retold(known: Known) -> list[Fact]:
    """What a model made of a conversation is to be forgotten; what the person had noted stays."""
    notes = (note.id for note in known.notes if note.by == "model")
    return [MemoryForgotten(note=SUMMARY), *(MemoryForgotten(note=note) for note in notes)]


async def tidy(journal: Journal, member: str) -> list[Fact]:
    """Take out of the log what is remembered no more: what was forgotten, and what a newer summary stands for."""
    records = MemberRecords(journal, member)
    summaries, notes = await records.all(MemorySummarised), await records.all(MemoryNoted)
    known = await remembered.known(records)
    kept = {note.id for note in known.notes}
    over: list[Recorded[Any]] = [
        *(summaries[:-1] if known.summary is not None else summaries),
        *(each for each in notes if each.fact.note not in kept),
    ]
    return [
        MessageRemoved(message_id="", event=each.event, sequence=each.sequence)
        for each in over[:REMOVED_MAX]
        if await journal.log.delete(each.sequence)
    ]
