"""What the fold keeps of memory: from where on it may be used, and where the turns are that no summary tells of yet.

No words are in it. A person's memory is used, and grows, only while they agree to both: that answers fit earlier talk
(`chat`), and that an outside model reads what they write (`model`).
"""

from __future__ import annotations

from typing import Final

import msgspec

from namjai.events import Fact
from namjai.events.member import MemberConsented
from namjai.events.memory import MemoryForgotten, MemorySummarised
from namjai.events.reply import ReplyIssued

BOTH: Final = frozenset({"chat", "model"})
TURNS_MAX: Final = 40
"""So many turns are found again when no summary could be had; older ones are no longer read."""
SUMMARY: Final = "summary"
"""`MemoryForgotten.note` where it is the summary that is to be forgotten."""
_TALK: Final = ("support", "greeting")


class TurnAt(msgspec.Struct, frozen=True, array_like=True):
    """One turn of plain talk: the sequence before its first message, and that of its reply."""

    before: int
    reply: int


class Memory(msgspec.Struct, frozen=True, kw_only=True):
    """Nothing said up to `since` is ever used again; a summary tells of what was said up to `through`."""

    since: int = 0
    through: int = 0
    turns: tuple[TurnAt, ...] = ()
    """The newest ones that no summary tells of, the oldest first."""


def may_remember(consents: frozenset[str]) -> bool:
    """Whether a model may read what was said in earlier turns."""
    return consents >= BOTH


def after_fact(memory: Memory, fact: Fact, sequence: int, *, might: bool, may: bool) -> Memory:
    """The memory after one more fact; `might` and `may`: before and after it, by the person's consents."""
    match fact:
        case MemberConsented() if may and not might:
            return Memory(since=sequence)  # what was said before they agreed was said to us alone
        case MemoryForgotten(note=None):
            return Memory(since=sequence)
        case MemorySummarised() if fact.through > memory.since:
            left = tuple(turn for turn in memory.turns if turn.reply > fact.through)
            return msgspec.structs.replace(memory, through=max(memory.through, fact.through), turns=left)
        case _:
            return memory


def after_reply(memory: Memory, reply: ReplyIssued, sequence: int, *, first: int | None, may: bool) -> Memory:
    """The memory after a turn; `first` is the sequence of the first message that it answers."""
    if not may or first is None or first <= memory.since or not is_talk(reply):
        return memory
    turns = (*memory.turns, TurnAt(first - 1, sequence))[-TURNS_MAX:]
    return msgspec.structs.replace(memory, turns=turns)


def is_talk(reply: ReplyIssued) -> bool:
    """Whether a turn was plain talk without danger: what is typed into a form, or into a crisis, is read by nobody."""
    return (
        reply.kind in _TALK and reply.skill in (None, "support") and reply.screened and reply.level in ("none", "low")
    )
