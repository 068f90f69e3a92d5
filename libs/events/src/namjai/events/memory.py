"""What is remembered of a conversation, by consent: the person may see all of it and have any of it forgotten."""

from __future__ import annotations

from typing import ClassVar, Literal

from namjai.events.envelope import Fact
from namjai.events.sealed import Sealed
from namjai.events.uses import ModelUse


class MemorySummarised(Fact, frozen=True, kw_only=True):
    """The conversation so far in a few sentences, so that a model need not read all of it."""

    TYPE: ClassVar[str] = "memory.summarised.v1"
    text: Sealed[str]
    through: int
    """The log sequence up to which it tells."""
    turns: int
    uses: tuple[ModelUse, ...] = ()


class MemoryNoted(Fact, frozen=True, kw_only=True):
    """One thing worth remembering, in a short sentence."""

    TYPE: ClassVar[str] = "memory.noted.v1"
    note: str
    """Its id."""
    text: Sealed[str]
    by: Literal["person", "model"]


class MemoryForgotten(Fact, frozen=True, kw_only=True):
    """The person wants one note, or all notes and the summary, forgotten."""

    TYPE: ClassVar[str] = "memory.forgotten.v1"
    note: str | None = None
    """None: everything."""


FACTS = (MemorySummarised, MemoryNoted, MemoryForgotten)
