"""The words about pictures."""

from __future__ import annotations

from functools import lru_cache
from typing import Final, Literal

import msgspec

from namjai.chat.content import Language, Meta, load
from namjai.chat.skills.pictures.mixing import Grade
from namjai.chat.skills.pictures.reading import PACKAGE, Confidence
from namjai.events.media import UnreadReason

Label = Literal[
    "allow",
    "leaflet",
    "nothing",
    "rather_not",
    "resume",
    "stop",
    "new",
    "old",
    "other_plant",
    "other_stage",
    "dont_know",
]
Field = Literal["names", "strengths", "form", "instructions", "warnings", "expiry"]


class Texts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One language."""

    meta: Meta
    labels: dict[Label, str]
    open: str
    open_medicine: str
    open_plant: str
    unread: dict[UnreadReason, str]
    several: str
    unclear: str
    other: str
    loose_pills: str
    off_medicine: str
    off_plant: str
    printed: str
    fields: dict[Field, str]
    nothing_printed: str
    expired: str
    kinds: str
    no_kind: str
    mixes: dict[Grade, str]
    from_you: str
    ask_taking: str
    taking_unknown: str
    nothing_words: tuple[str, ...]
    no_mix: str
    no_telling: str
    pharmacist: str
    emergency: str
    plant_is: str
    ask_plant: str
    ask_stage: str
    again: str
    not_listed: str
    at_stage: str
    visible: str
    healthy: str
    guess: dict[Confidence, str]
    advice: str
    product: str
    unverified: str
    verified: str
    new_or_old: str
    resumed: str
    forgotten: str
    stopped: str


@lru_cache(maxsize=8)
def texts(language: Language) -> Texts:
    """The words of a language."""
    return load(PACKAGE, f"texts/{language}.yaml", Texts)


LISTED: Final[tuple[Field, ...]] = ("names", "strengths", "form", "instructions", "warnings", "expiry")
"""In the order in which they are said."""
