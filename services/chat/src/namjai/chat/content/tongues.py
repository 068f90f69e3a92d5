"""The languages of documents and interpreting: their names in every language, and the words people mean them by."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Final, Literal, get_args

import msgspec

from namjai.chat.content.load import UiLanguage, load
from namjai.chat.content.words import fold

Tongue = Literal["th", "en", "zh-TW", "ja", "ko", "vi", "id", "es", "fr", "nan"]
"""What can be translated into and interpreted; `nan` is Taigi (Taiwanese Hokkien)."""
TONGUES: Final[tuple[Tongue, ...]] = get_args(Tongue)

WORDS_CHARS_MAX: Final = 200
"""Nobody names a language in more than this; a longer text is talk, not an instruction."""


class TongueNames(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a language calls itself, what the others call it, and further words that mean it."""

    own: str
    names: dict[UiLanguage, str]
    words: tuple[str, ...]


@lru_cache(maxsize=1)
def tongues() -> Mapping[Tongue, TongueNames]:
    """The table, in the order in which languages are offered."""
    return load("namjai.chat.content", "tongues.yaml", dict[Tongue, TongueNames])


def tongue_name(tongue: Tongue, language: UiLanguage) -> str:
    """What a language is called in `language`.

    >>> tongue_name("ja", "th")
    'ญี่ปุ่น'
    """
    return tongues()[tongue].names[language]


def own_name(tongue: Tongue) -> str:
    """What a language calls itself.

    >>> own_name("ja")
    '日本語'
    """
    return tongues()[tongue].own


def tongue_named(words: str) -> Tongue | None:
    """The language that words name, alone or in a phrase ("translate into Japanese"), or its code standing alone.

    None where none is named, or more than one: then it must be asked.

    >>> tongue_named("แปลเป็นภาษาญี่ปุ่น")
    'ja'
    """
    named = tongues_named(words)
    return named[0] if len(named) == 1 else None


def tongues_named(words: str) -> tuple[Tongue, ...]:
    """Every language that words name, each once and in their order: whoever interprets wants two.

    >>> tongues_named("from Thai to Taigi")
    ('th', 'nan')
    """
    if len(words) > WORDS_CHARS_MAX:
        return ()
    folded = fold(words)
    if (code := _codes().get(folded)) is not None:
        return (code,)
    named = (_meanings()[found.group()] for found in _pattern().finditer(folded))
    return tuple(dict.fromkeys(named))


@lru_cache(maxsize=1)
def _codes() -> Mapping[str, Tongue]:
    """Codes count only alone: "id" and "es" are words of their own in a sentence."""
    return {fold(code): tongue for tongue in TONGUES for code in (tongue, tongue.split("-")[0])}


@lru_cache(maxsize=1)
def _meanings() -> Mapping[str, Tongue]:
    return {fold(word): tongue for tongue, names in tongues().items() for word in _words_for(names)}


def _words_for(names: TongueNames) -> Iterator[str]:
    yield names.own
    yield from names.names.values()
    yield from names.words


@lru_cache(maxsize=1)
def _pattern() -> re.Pattern[str]:
    """Any of the words, the longest first; letters with spaces between words must stand as whole words."""
    longest_first = sorted(_meanings(), key=len, reverse=True)
    return re.compile("|".join(map(_whole, longest_first)))


def _whole(word: str) -> str:
    return rf"(?<![^\W\d_]){re.escape(word)}(?![^\W\d_])" if word[0] < "\u0250" else re.escape(word)
