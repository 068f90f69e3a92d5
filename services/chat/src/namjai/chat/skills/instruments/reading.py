"""Reads typed words as an answer to the open question, or as a wish to move in the form; or leaves them unread."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final, Literal

from namjai.chat.content import LANGUAGES
from namjai.chat.domain.language import fold
from namjai.chat.skills.instruments.definition import Option
from namjai.chat.skills.instruments.texts import instrument_texts

Move = Literal["back", "skip", "stop"]

TYPED_CHARS_MAX: Final = 60
"""Nobody types an option in more words than that; what is longer is talk."""
_EDGES: Final = " .!?。！？～~…()（）"
_MOVES: Final[tuple[Move, ...]] = ("back", "skip", "stop")
_YES_NO: Final = frozenset({"yes", "no"})


def numbers_of(options: tuple[Option, ...]) -> tuple[int, ...]:
    """The number shown before each option: its points where they count up from 0 as on paper, else its place."""
    values = tuple(option.value for option in options)
    counting = len(values) > 2 and values == tuple(range(len(values)))
    return values if counting else tuple(range(1, len(values) + 1))


def answer_in(said: str, options: tuple[Option, ...]) -> int | None:
    """The points of the option that was typed: by its number, its label in any language, or a plain yes or no."""
    if len(said) > TYPED_CHARS_MAX:
        return None
    typed = fold(said).strip(_EDGES)
    if (number := _number(typed)) is not None:
        return dict(zip(numbers_of(options), (option.value for option in options), strict=True)).get(number)
    labelled = {fold(option.label[language]).strip(_EDGES): option for option in options for language in LANGUAGES}
    if (found := labelled.get(typed)) is not None:
        return found.value
    return _plain(typed, options)


def is_a_try(said: str) -> bool:
    """Whether somebody seems to have meant an answer: a number and nothing else."""
    return _number(fold(said[:TYPED_CHARS_MAX]).strip(_EDGES)) is not None


def move_in(said: str) -> Move | None:
    """Whether the words ask to go back, to leave this one out, or to stop."""
    return _moves().get(fold(said).strip(_EDGES)) if len(said) <= TYPED_CHARS_MAX else None


def _number(typed: str) -> int | None:
    """A number in the digits of any script; "2 –" and "2)" were copied from our own list."""
    digits = typed.rstrip(" -–.)")
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
    return {fold(word): move for move in _MOVES for word in _words(move)}


@lru_cache(maxsize=1)
def _yes_or_no() -> Mapping[str, str]:
    return {fold(word): reading for reading in sorted(_YES_NO) for word in _words(reading)}


def _words(kind: str) -> Iterable[str]:
    """The typed words of a kind in every language, with what its button says."""
    for texts in map(instrument_texts, LANGUAGES):
        yield from getattr(texts.words, kind)
        if kind not in _YES_NO:
            yield getattr(texts.labels, kind)
