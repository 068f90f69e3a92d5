"""A conversation summed up by a model: when it is due, what the model is asked, and the facts that come of it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Annotated, Final

import msgspec

from namjai.chat.content import Meta, UiLanguage, load
from namjai.chat.domain.context import Context, Exchange, marked
from namjai.chat.domain.guard import model_texts
from namjai.chat.domain.language import fold
from namjai.chat.domain.recall import Known
from namjai.chat.domain.remember import Memory, may_remember
from namjai.chat.domain.state import Person
from namjai.events import Fact, Sealed
from namjai.events.memory import MemoryNoted, MemorySummarised
from namjai.events.uses import ModelUse

EVERY_TURNS: Final = 8
"""More turns than this that no summary tells of, and one is due. As many fit into the budget of a context, so that
nothing falls between the summary and the newest turns (measured: benchmarks/memory.py)."""
KEPT_TURNS: Final = 4
"""The newest ones stay as they were said."""
NOTES_MAX: Final = 5

Words = Annotated[str, msgspec.Meta(min_length=1, max_length=1_200)]
NoteWords = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class Recap(msgspec.Struct, frozen=True):
    """What the model is asked for."""

    summary: Words
    notes: Annotated[tuple[NoteWords, ...], msgspec.Meta(max_length=NOTES_MAX)] = ()


class Prompt(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file."""

    meta: Meta
    system: str


@lru_cache(maxsize=1)
def prompt() -> Prompt:
    """What the model is told."""
    return load("namjai.chat.domain", "summary.yaml", Prompt)


def system(language: UiLanguage) -> str:
    """The instruction: the same for everybody who speaks a language."""
    return prompt().system.format(write_in=model_texts().prompt.write_in[language])


def is_due(person: Person) -> bool:
    """Whether there is enough to sum up, and the person lets a model read it."""
    return may_remember(person.consents) and len(person.memory.turns) > EVERY_TURNS


def through(memory: Memory) -> int:
    """Up to which log sequence a summary made now tells."""
    return memory.turns[-1 - KEPT_TURNS].reply


def material(known: Known, turns: Sequence[Exchange]) -> str:
    """What the model reads: what is remembered already, and the turns that are to be summed up."""
    before = Context(known.summary, tuple(note.text for note in known.notes)).remembered
    talk = "\n".join(f"Person: {turn.asked}\nNamjai: {turn.said}" for turn in turns)
    return "\n\n".join(filter(None, (before, marked("conversation", talk))))


def facts(recap: Recap, upto: int, turns: Sequence[Exchange], known: Known, uses: Sequence[ModelUse]) -> list[Fact]:
    """The summary, and those of its notes that are new: what was forgotten once is not noted again."""
    had = {fold(text) for text in (*(note.text for note in known.notes), *known.forgotten)}
    new = {fold(note): note.strip() for note in recap.notes if note.strip() and fold(note) not in had}
    noted = [
        MemoryNoted(note=f"{upto}-{n}", text=Sealed(text), by="model") for n, text in enumerate(new.values(), start=1)
    ]
    told = MemorySummarised(text=Sealed(recap.summary.strip()), through=upto, turns=len(turns), uses=tuple(uses))
    return [told, *noted]
