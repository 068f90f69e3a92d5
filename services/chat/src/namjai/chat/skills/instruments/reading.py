"""Reads typed words as an answer to the open question, or as a wish to move in the form; or leaves them unread."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache
from string import ascii_uppercase
from typing import Final, Literal

from namjai.chat.content import LANGUAGES
from namjai.chat.domain.language import fold
from namjai.chat.skills.instruments.definition import Option
from namjai.chat.skills.instruments.texts import instrument_texts

Move = Literal["back", "skip", "stop"]

TYPED_CHARS_MAX: Final = 60
"""Nobody types an option in more words than that; what is longer is talk."""
_EDGES: Final = " .!?。！？～~…()（）"
_AFTER_MARK: Final = " -.)"
_DASHES: Final = re.compile("[\u2010-\u2015\u2212]")
_MOVES: Final[tuple[Move, ...]] = ("back", "skip", "stop")
_YES_NO: Final = frozenset({"yes", "no"})


def marks_of(options: tuple[Option, ...]) -> tuple[str, ...]:
    """What is shown before each option, and may be typed for it: its points where they count up from 0 as on paper,
    else its place. Where an answer is itself about a number it is a letter: "2" could mean two drinks."""
    if any(character.isdecimal() for option in options for words in option.label.values() for character in words):
        return tuple(ascii_uppercase[: len(options)])
    values = tuple(option.value for option in options)
    counting = len(values) > 2 and values == tuple(range(len(values)))
    return tuple(str(value) for value in (values if counting else range(1, len(values) + 1)))


def answer_in(said: str, options: tuple[Option, ...]) -> int | None:
    """The points of the option that was typed: by its mark, its label in any language, or a plain yes or no."""
    if len(said) > TYPED_CHARS_MAX:
        return None
    typed = _bare(said)
    marked = dict(zip((mark.casefold() for mark in marks_of(options)), options, strict=True))
    labelled = {_bare(option.label[language]): option for option in options for language in LANGUAGES}
    number = _number(typed)
    found = labelled.get(typed) or marked.get(typed.rstrip(_AFTER_MARK) if number is None else str(number))
    return found.value if found is not None else _plain(typed, options)


def is_a_try(said: str) -> bool:
    """Whether somebody seems to have meant an answer: a number and nothing else."""
    return _number(_bare(said[:TYPED_CHARS_MAX])) is not None


def move_in(said: str) -> Move | None:
    """Whether the words ask to go back, to leave this one out, or to stop."""
    return _moves().get(_bare(said)) if len(said) <= TYPED_CHARS_MAX else None


def _bare(said: str) -> str:
    """Folded, one kind of dash, nothing round it."""
    return _DASHES.sub("-", fold(said)).strip(_EDGES)


def _number(typed: str) -> int | None:
    """A number in the digits of any script; "2 -" and "2)" were copied from our own list."""
    digits = typed.rstrip(_AFTER_MARK)
    if not digits or not all(character.isdecimal() for character in digits) or len(digits) > 2:
        return None
    return int("".join(str(unicodedata.decimal(character)) for character in digits))


def _plain(typed: str, options: tuple[Option, ...]) -> int | None:
    """Yes or no, where exactly one option is that: "yes" alone does not say when."""
    reading = _yes_or_no().get(typed)
    meant = [option.value for option in options if option.label["en"].partition(",")[0].casefold() == reading]
    return meant[0] if reading is not None and len(meant) == 1 else None


@lru_cache(maxsize=1)
def _moves() -> Mapping[str, Move]:
    return {_bare(word): move for move in _MOVES for word in _words(move)}


@lru_cache(maxsize=1)
def _yes_or_no() -> Mapping[str, str]:
    return {_bare(word): reading for reading in sorted(_YES_NO) for word in _words(reading)}


def _words(kind: str) -> Iterable[str]:
    """The typed words of a kind in every language, with what its button says."""
    for texts in map(instrument_texts, LANGUAGES):
        yield from getattr(texts.words, kind)
        if kind not in _YES_NO:
            yield getattr(texts.labels, kind)
