"""The words round the forms, in each language: what a form is, its buttons, and how a result is told."""

from __future__ import annotations

from functools import lru_cache

import msgspec

from namjai.chat.content import Language, Meta, load

PACKAGE = "namjai.chat.skills.instruments"


class Labels(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The words on buttons, as long as LINE lets them be."""

    begin: str
    back: str
    skip: str
    stop: str
    resume: str
    forms: str


class TypedWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What may be typed instead of a button while a form is open."""

    back: tuple[str, ...]
    skip: tuple[str, ...]
    stop: tuple[str, ...]
    yes: tuple[str, ...]
    no: tuple[str, ...]


class InstrumentTexts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file. Names in braces are filled in."""

    meta: Meta
    labels: Labels
    list: str
    list_row: str
    none: str
    intro: str
    told_to_staff: str
    unverified: str
    progress: str
    progress_open: str
    unclear: str
    earlier: str
    needed: str
    cared: str
    cared_wait: str
    stopped: str
    ended_without: str
    closed: str
    finished: str
    total: str
    outcome: str
    group_row: str
    no_groups: str
    cutoff: str
    sex_unknown: str
    meaning: str
    next_positive: str
    next_negative: str
    next_form: str
    words: TypedWords


@lru_cache(maxsize=8)
def instrument_texts(language: Language) -> InstrumentTexts:
    """The words of one language."""
    return load(PACKAGE, f"texts/{language}.yaml", InstrumentTexts)
