"""What a good listener adds to an answer: a reflection of what was said, and now and then a summary."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import msgspec

from namjai.chat.content import Language, Meta, load
from namjai.chat.skills.support.notice import Kind, Noticed, Time
from namjai.chat.skills.support.pick import pick

REFLECTED: Final[tuple[Kind, ...]] = ("time", "trigger", "person", "substance")
"""What is taken up first, if there is more than one thing."""
SUMMARY_EVERY_TURNS: Final = 5
SUMMARY_PIECES_MIN: Final = 2
SUMMARY: Final = "summary"
REFLECTION: Final = "reflect"


class Names(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is noticed, in words."""

    substance: dict[str, str]
    trigger: dict[str, str]
    person: dict[str, str]
    feeling: dict[str, str]


class SummaryTexts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A summary: how it begins, its pieces, how they are joined, and the one question at its end."""

    open: tuple[str, ...]
    pieces: dict[Kind, str]
    join: str
    last: str
    wrap: str
    close: tuple[str, ...]


class RulerTexts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The rulers from 0 to 10: the questions, "why not lower?", and what is said at the end."""

    later: str
    ask: dict[str, str]
    why: dict[str, dict[str, str]]
    heard: tuple[str, ...]
    end: dict[str, str]
    craving: dict[str, str]
    unread: str


class Listening(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One language. `reflect` is by intent and kind: `craving.trigger`."""

    meta: Meta
    names: Names
    units: dict[str, tuple[str, str]]
    reflect: dict[str, tuple[str, ...]]
    summary: SummaryTexts
    rulers: RulerTexts


class Sentence(msgspec.Struct, frozen=True):
    """Words with the id of the text they come from."""

    id: str
    text: str


@lru_cache(maxsize=8)
def listening(language: Language) -> Listening:
    """All words of one language."""
    return load("namjai.chat.skills.support", f"listening/{language}.yaml", Listening)


def reflection(
    intent: str, noticed: Noticed, *, language: Language, recent: Sequence[str], seed: str
) -> Sentence | None:
    """One sentence that gives back what was said; None where there is nothing to take up, or it was done just now."""
    words = listening(language)
    for kind in REFLECTED:
        said, value = words.reflect.get(f"{intent}.{kind}"), getattr(noticed, kind)
        name = f"support/{language}/{REFLECTION}.{intent}.{kind}"
        if said and value is not None and name not in recent:
            return Sentence(name, _capital(pick(said, seed).format(**{kind: _named(kind, value, words)})))
    return None


def summary(noticed: Noticed, *, language: Language, recent: Sequence[str], seed: str) -> tuple[str, ...] | None:
    """What was said over the last turns, in two sentences and a question; None where it is not time for it."""
    pieces = noticed.pieces()
    if len(pieces) < SUMMARY_PIECES_MIN or _turns_since_summary(recent) < SUMMARY_EVERY_TURNS:
        return None
    words = listening(language)
    told = [words.summary.pieces[kind].format(**{kind: _named(kind, getattr(noticed, kind), words)}) for kind in pieces]
    joined = words.summary.last.join([words.summary.join.join(told[:-1]), told[-1]])
    wrapped = words.summary.wrap.format(pieces=joined)
    return pick(words.summary.open, seed), wrapped, pick(words.summary.close, seed)


def _turns_since_summary(recent: Sequence[str]) -> int:
    """Answers of ours since the last summary, as far as is remembered."""
    count = 0
    for content in reversed(recent):
        area, _, name = content.rpartition("/")
        if not area.startswith("support"):
            continue
        if name.startswith(SUMMARY):
            return count
        count += not name.startswith(REFLECTION)
    return count


def _named(kind: Kind, value: str | Time, words: Listening) -> str:
    if isinstance(value, Time):
        one, many = words.units[value.unit]
        return (one if value.count == 1 else many).format(count=value.count)
    named: dict[str, str] = getattr(words.names, kind)
    return named[value]


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]
