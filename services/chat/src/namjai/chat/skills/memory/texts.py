"""The words of the skill, one file a language."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import msgspec

from namjai.chat.content import LANGUAGES, Language, Meta, load

PACKAGE: Final = "namjai.chat.skills.memory"


class Labels(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The words on buttons; `forget` takes the number of a note."""

    forget: str
    forget_all: str
    yes_all: str
    keep: str
    show: str
    more: str


class Texts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One language."""

    meta: Meta
    labels: Labels
    title: str
    summary: str
    notes: str
    by_person: str
    nothing: str
    how: str
    unused: str
    ask_consent: str
    ask_note: str
    noted: str
    known_already: str
    too_long: str
    full: str
    forgotten: str
    gone_already: str
    ask_all: str
    all_forgotten: str
    kept: str


@lru_cache(maxsize=8)
def texts(language: Language) -> Texts:
    """The words of a language."""
    return load(PACKAGE, f"texts/{language}.yaml", Texts)


def preload() -> None:
    """Read every file."""
    for language in LANGUAGES:
        texts(language)
