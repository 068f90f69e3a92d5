"""What was said and what is remembered, read from a person's own part of the log."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from namjai.chat.domain.context import Exchange
from namjai.chat.domain.remember import SUMMARY, Memory, is_talk
from namjai.events import Fact, Stored
from namjai.events.media import MediaTranscribed
from namjai.events.memory import MemoryForgotten, MemoryNoted, MemorySummarised
from namjai.events.message import MessageReceived, MessageRemoved, MessageUnsent
from namjai.events.reply import ReplyIssued
from namjai.events.risk import RiskAssessed, RiskReassessed

NOTES_MAX: Final = 30
"""More are not kept in mind: the oldest that a model noted go first."""
_CALM: Final = ("none", "low")


@dataclass(frozen=True)
class Note:
    """One thing that is remembered, and who noted it."""

    id: str
    text: str
    by: Literal["person", "model"]


@dataclass(frozen=True)
class Known:
    """All that is remembered of a person; `through` is the log sequence up to which the summary tells."""

    summary: str | None = None
    notes: tuple[Note, ...] = ()
    through: int = 0
    forgotten: tuple[str, ...] = ()
    """The words of notes that are forgotten, while the log still has them: they are not to be noted anew."""


def known(
    summaries: Sequence[tuple[int, MemorySummarised]],
    notes: Sequence[tuple[int, MemoryNoted]],
    forgotten: Sequence[tuple[int, MemoryForgotten]],
) -> Known:
    """What the facts of a person's memory, each with its log sequence, leave to be remembered."""
    all_gone = max((at for at, fact in forgotten if fact.note is None), default=0)
    no_summary = max((at for at, fact in forgotten if fact.note == SUMMARY), default=0)
    gone = {fact.note for _, fact in forgotten}
    kept = [
        Note(fact.note, text, fact.by)
        for at, fact in notes
        if at > all_gone and fact.note not in gone and (text := fact.text.get("").strip())
    ]
    left_out = tuple(fact.text.get("").strip() for at, fact in notes if at > all_gone and fact.note in gone)
    at, newest = summaries[-1] if summaries else (0, None)
    if newest is None or newest.through <= all_gone:
        return Known(None, _newest(kept), 0, left_out)
    words = newest.text.get("").strip() if at > no_summary else ""
    return Known(words or None, _newest(kept), newest.through, left_out)


def exchanges(events: Sequence[Stored[Fact]], memory: Memory) -> list[Exchange]:
    """The turns of plain talk among a person's events that no summary tells of, the oldest first.

    A turn is there only if all of it may be read: every message was judged and found calm, and none was taken back.
    """
    told = _Told()
    for stored in events:
        told.learn(stored)
    ours = {turn.reply for turn in memory.turns}
    return [
        Exchange(asked, said, stored.sequence, stored.event.id)
        for stored in events
        if stored.sequence in ours and isinstance(reply := stored.event.data, ReplyIssued) and is_talk(reply)
        if (asked := told.asked(reply.answers)) and (said := _said(reply))
    ]


class _Told:
    """What a person told us, by the events of their messages, and what is known of each."""

    def __init__(self) -> None:
        self._words: dict[str, str] = {}
        self._message_ids: dict[str, str] = {}
        self._judge: defaultdict[str, set[str]] = defaultdict(set)
        self._calm: dict[str, bool] = {}
        self._taken_back: set[str] = set()

    def learn(self, stored: Stored[Fact]) -> None:
        event, fact = stored.event, stored.event.data
        match fact:
            case MessageReceived():
                self._message_ids[event.id] = fact.message_id
                self._words[event.id] = fact.text.get("") if fact.text is not None else ""
                self._judge[event.id].add(event.id)
            case MediaTranscribed():
                self._words[fact.message] = fact.text.get("") if fact.kind == "audio" else ""
                self._judge[fact.message].add(event.id)
            case MessageUnsent() | MessageRemoved():
                self._taken_back.add(fact.message_id)
            case RiskAssessed() | RiskReassessed():
                judged = isinstance(fact, RiskReassessed) or fact.outcome != "failed"
                calm = judged and fact.level in _CALM
                self._calm[fact.message] = calm and self._calm.get(fact.message, True)

    def asked(self, answered: Sequence[str]) -> str:
        """The words that a turn answers; empty where any of them may not be read."""
        if not all(self._may_be_read(event) for event in answered):
            return ""
        return "\n".join(words for event in answered if (words := self._words[event].strip()))

    def _may_be_read(self, event: str) -> bool:
        known = event in self._message_ids and self._message_ids[event] not in self._taken_back
        return known and all(self._calm.get(judged, False) for judged in self._judge[event])


def _said(reply: ReplyIssued) -> str:
    """Our own words of a turn; of a first meeting those that came after the hello."""
    messages: list[dict[str, Any]] = reply.messages.get([])
    texts = [str(message["text"]) for message in messages if message.get("type") == "text"]
    return "\n".join(texts[-1:] if reply.kind == "greeting" else texts).strip()


def _newest(notes: Sequence[Note]) -> tuple[Note, ...]:
    """As many as are kept in mind, in the order in which they were noted; the person's own before any other."""
    by_worth = sorted(enumerate(notes), key=lambda each: (each[1].by == "person", each[0]), reverse=True)
    return tuple(note for _, note in sorted(by_worth[:NOTES_MAX], key=lambda each: each[0]))
