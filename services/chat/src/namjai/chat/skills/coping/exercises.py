"""The exercises and all words round them, one file a language, and the order in which they are offered."""

from __future__ import annotations

from functools import lru_cache
from typing import Final, Literal

import msgspec

from namjai.chat.content import LANGUAGES, Language, Meta, load

PACKAGE: Final = "namjai.chat.skills.coping"
Answer = Literal["eased", "same", "stronger", "unknown", "high"]


class Exercise(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One exercise in one language: what its button says, what it is for, and its steps, a message each."""

    label: str
    name: str
    about: str
    steps: tuple[str, ...]


class Card(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Round the person's own words, where an exercise gathers them."""

    title: str
    note: str
    empty: str
    alt: str


class Texts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One language. `answers` are what is said to the difference between the two ratings."""

    meta: Meta
    labels: dict[str, str]
    menu: str
    row: str
    step: str
    before: str
    unread: str
    began: str
    after: str
    earlier: str
    back: str
    closed: str
    stopped: str
    answers: dict[Answer, str]
    card: Card
    exercises: dict[str, Exercise]


class Offer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What holds for an exercise in every language. `gathers`: the answers to its steps become a card."""

    gathers: bool = False


@lru_cache(maxsize=8)
def texts(language: Language) -> Texts:
    """All words of one language."""
    return load(PACKAGE, f"texts/{language}.yaml", Texts)


@lru_cache(maxsize=1)
def offers() -> dict[str, Offer]:
    """The exercises in the order in which they are offered."""
    return load(PACKAGE, "exercises.yaml", dict[str, Offer])


def preload() -> None:
    """Read everything. Raises `ValueError` where an exercise is not the same walk in every language."""
    for name in offers():
        lengths = {len(texts(language).exercises[name].steps) for language in LANGUAGES}
        if len(lengths) != 1:
            raise ValueError(f"{name} has {sorted(lengths)} steps, depending on the language")
    for language in LANGUAGES:
        if extra := texts(language).exercises.keys() - offers().keys():
            raise ValueError(f"{sorted(extra)} in {language} are never offered")
