"""The interpreter's words, and what a model is told."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import msgspec

from namjai.chat.content import Language, Meta, load

PACKAGE: Final = "namjai.chat.skills.interpreter"


class Texts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The words of one language."""

    meta: Meta
    labels: dict[str, str]
    choose: str
    choose_named: str
    ready: str
    heard_plain: str
    terms: str
    confirm: str
    again: str
    translated: str
    next: str
    swapped: str
    stopped: str
    no_consent: str
    no_model: str
    failed: str
    too_long: str
    same: str
    no_taigi: str
    nothing_to_speak: str
    attribution: str


class Prompts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a model is told to make words plain, and to translate them."""

    meta: Meta
    plain: str
    translate: str


@lru_cache(maxsize=8)
def texts(language: Language) -> Texts:
    """The words of a language."""
    return load(PACKAGE, f"texts/{language}.yaml", Texts)


@lru_cache(maxsize=1)
def prompts() -> Prompts:
    """The instructions."""
    return load(PACKAGE, "prompts.yaml", Prompts)
