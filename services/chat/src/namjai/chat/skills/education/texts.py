"""The words round leaflets, and what a person may type while one is open."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

import msgspec

from namjai.chat.content import Language, Meta, load
from namjai.chat.content.words import fold
from namjai.chat.skills.education.shelf import PACKAGE

TYPED_CHARS_MAX: Final = 320
_EDGES: Final = " .!?。！？～~…"
_BETWEEN: Final = " :：,，、-–\n\"'“”「」"


class Texts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One language. `labels` are on buttons, `heads` over parts of a leaflet, `notes` say what it is."""

    meta: Meta
    labels: dict[str, str]
    heads: dict[str, str]
    notes: dict[str, str]
    ask_topic: str
    perhaps: str
    not_found: str
    ask_consent: str
    consent_to_change: str
    no_model: str
    failed: str
    failed_change: str
    ask_change: str
    change_too_long: str
    ask_tongue: str
    unknown_tongue: str
    same_tongue: str
    ask_address: str
    bad_address: str
    no_such_domain: str
    confirm: str
    on_its_way: str
    mail_limit: str
    mail_failed: dict[str, str]
    """By the reason that notify gives."""
    mail_left: str
    no_leaflet: str
    closed: str
    sources_none: str
    sources_unchecked: str
    sources_expire: str
    cited: str
    call: str
    mail_subject: str
    mail_hello: str
    mail_disclaimer: str


@lru_cache(maxsize=8)
def texts(language: Language) -> Texts:
    """The words of a language."""
    return load(PACKAGE, f"texts/{language}.yaml", Texts)


class Typed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The words of one wish: the whole message, or its beginning."""

    words: tuple[str, ...] = ()
    begins: tuple[str, ...] = ()


class Wish(msgspec.Struct, frozen=True):
    """What somebody typed who has a leaflet open, and what came after it."""

    name: str
    rest: str = ""


def wish(said: str) -> Wish | None:
    """What typed words ask of an open leaflet; None for other talk.

    >>> wish("translate to Japanese")
    Wish(name='translate', rest='to Japanese')
    """
    if len(said) > TYPED_CHARS_MAX:
        return None
    folded = fold(said)
    if (name := _whole().get(folded.strip(_EDGES))) is not None:
        return Wish(name)
    for word, name in _begins():
        if folded.startswith(word) and (rest := _after(said, word)):
            return Wish(name, rest)
    return None


def _after(said: str, word: str) -> str:
    """What follows a word; a Latin one must end where a word ends."""
    for end in range(min(len(word), len(said)), min(len(said), len(word) * 2) + 1):
        if fold(said[:end]) == word and said[end:]:
            if word[-1].isascii() and said[end] not in _BETWEEN:
                return ""
            return said[end:].strip(_BETWEEN)
    return ""


@lru_cache(maxsize=1)
def _file() -> Mapping[str, Typed]:
    return load(PACKAGE, "commands.yaml", dict[str, Typed])


@lru_cache(maxsize=1)
def _whole() -> Mapping[str, str]:
    return {fold(word).strip(_EDGES): name for name, typed in _file().items() for word in typed.words}


@lru_cache(maxsize=1)
def _begins() -> tuple[tuple[str, str], ...]:
    found = [(fold(word), name) for name, typed in _file().items() for word in typed.begins]
    return tuple(sorted(found, key=lambda each: -len(each[0])))


def preload() -> None:
    """Read every file."""
    wish("preload")
