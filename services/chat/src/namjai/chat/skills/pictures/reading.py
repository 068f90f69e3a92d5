"""What is asked about a picture, and the shape of the answer: the print on a packet, or what is seen on a leaf."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, Final, Literal

import msgspec

from namjai.chat.content import Language, Meta, load

PACKAGE: Final = "namjai.chat.skills.pictures"

Kind = Literal["medicine", "plant", "loose_pills", "other", "unclear"]
Confidence = Literal["likely", "possible", "unsure"]
Line = Annotated[str, msgspec.Meta(max_length=400)]
Name = Annotated[str, msgspec.Meta(max_length=120)]


class Guess(msgspec.Struct, frozen=True):
    """A disease that it may be, by its id in the table or in plain English, and how sure that is."""

    disease: Name
    confidence: Confidence


class Visible(msgspec.Struct, frozen=True):
    """What can be seen on a plant, in the languages that it may be told in."""

    th: Line = ""
    en: Line = ""
    zh_tw: Line = ""

    def told(self, language: Language) -> str:
        """In one of them."""
        return {"th": self.th, "en": self.en, "zh-TW": self.zh_tw}[language]


_NOTHING: Final = Visible()


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """What is in a picture. What is printed is copied, never translated; what is not there is empty."""

    kind: Kind
    legible_text: Annotated[str, msgspec.Meta(max_length=6_000)] = ""
    handwritten: Annotated[str, msgspec.Meta(max_length=2_000)] = ""
    print_language: Name = ""
    names: Annotated[tuple[Name, ...], msgspec.Meta(max_length=6)] = ()
    ingredients: Annotated[tuple[Name, ...], msgspec.Meta(max_length=12)] = ()
    strengths: Annotated[tuple[Name, ...], msgspec.Meta(max_length=6)] = ()
    form: Name = ""
    instructions: Annotated[tuple[Line, ...], msgspec.Meta(max_length=6)] = ()
    warnings: Annotated[tuple[Line, ...], msgspec.Meta(max_length=8)] = ()
    expiry: Name = ""
    plant: Name = ""
    stage: Name = ""
    diseases: Annotated[tuple[Guess, ...], msgspec.Meta(max_length=3)] = ()
    visible: Visible = _NOTHING


class Prompt(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file."""

    meta: Meta
    look: str
    ask: str


@lru_cache(maxsize=1)
def prompt() -> Prompt:
    """What the model is told."""
    return load(PACKAGE, "prompts.yaml", Prompt)


def reading_of(kept: object) -> Reading | None:
    """The reading in a fact; None for one that an older release made in another shape."""
    try:
        return msgspec.convert(kept, Reading)
    except msgspec.ValidationError:
        return None
