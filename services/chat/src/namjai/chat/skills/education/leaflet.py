"""What a leaflet is: a fixed structure, whoever wrote it, and where it stands in review."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta

from namjai.chat.content import Line, Status

Origin = Literal["library", "generated", "modified", "translated"]
Level = Literal["plain", "simple"]

TITLE_CHARS_MAX: Final = 80
OVERVIEW_CHARS_MAX: Final = 600
HEADING_CHARS_MAX: Final = 80
TEXT_CHARS_MAX: Final = 600
QUESTION_CHARS_MAX: Final = 160
ANSWER_CHARS_MAX: Final = 500
ACTION_CHARS_MAX: Final = 200

Title = Annotated[str, Meta(min_length=1, max_length=TITLE_CHARS_MAX)]
Overview = Annotated[str, Meta(min_length=1, max_length=OVERVIEW_CHARS_MAX)]
Heading = Annotated[str, Meta(min_length=1, max_length=HEADING_CHARS_MAX)]
Text = Annotated[str, Meta(min_length=1, max_length=TEXT_CHARS_MAX)]
Asked = Annotated[str, Meta(min_length=1, max_length=QUESTION_CHARS_MAX)]
Answer = Annotated[str, Meta(min_length=1, max_length=ANSWER_CHARS_MAX)]
Step = Annotated[str, Meta(min_length=1, max_length=ACTION_CHARS_MAX)]


class Section(msgspec.Struct, frozen=True):
    """One topic: two to four sentences under a heading."""

    heading: Heading
    text: Text


class Question(msgspec.Struct, frozen=True):
    """What people ask, and a short answer."""

    question: Asked
    answer: Answer


class LeafletShape(msgspec.Struct, frozen=True):
    """The words of a leaflet. Models are asked for exactly this; the library is held to it, too."""

    title: Title
    overview: Overview
    topics: Annotated[tuple[Section, ...], Meta(min_length=3, max_length=3)]
    questions: Annotated[tuple[Question, ...], Meta(min_length=3, max_length=3)]
    actions: Annotated[tuple[Step, ...], Meta(min_length=3, max_length=5)]


class Reference(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where something can be read. `checked_on` is the day on which somebody compared it with the leaflet."""

    title: str
    uri: str | None = None
    checked_on: date | None = None


class Cited(msgspec.Struct, frozen=True):
    """What a model took from the web, and from which of the references, by their numbers from 0."""

    text: str
    references: tuple[int, ...]


class Leaflet(msgspec.Struct, frozen=True, kw_only=True):
    """A leaflet as one person got it. `topic` is a topic of the library, or the words that were asked for."""

    id: str
    topic: str
    body: LeafletShape
    language: str
    origin: Origin
    version: str
    level: Level = "plain"
    review: Status = "draft"
    reviewer: str | None = None
    reviewed_on: date | None = None
    based_on: str | None = None
    references: tuple[Reference, ...] = ()
    cited: tuple[Cited, ...] = ()
    searches: tuple[str, ...] = ()
    model: str | None = None
    """Which model wrote these words, if one did."""

    @property
    def is_written_by_model(self) -> bool:
        """Whether no person has read these words before."""
        return self.origin != "library"


def words_of(body: LeafletShape) -> Iterator[str]:
    """Every word that a person reads, in order."""
    yield body.title
    yield body.overview
    for section in body.topics:
        yield section.heading
        yield section.text
    for question in body.questions:
        yield question.question
        yield question.answer
    yield from body.actions


def recorded(leaflet: Leaflet, contact: Sequence[Line]) -> dict[str, Any]:
    """As it is put on record: its words, whom it said to turn to, its sources, and all else about it."""
    about: dict[str, Any] = msgspec.to_builtins(leaflet)
    words, sources = about.pop("body"), about.pop("references")
    return {**words, "contact": msgspec.to_builtins(contact), "sources": sources, "about": about}


def read_back(kept: dict[str, Any]) -> Leaflet | None:
    """As it was put on record; None for one of an older shape."""
    try:
        words = {name: kept[name] for name in LeafletShape.__struct_fields__}
        return msgspec.convert({**kept["about"], "body": words, "references": kept["sources"]}, Leaflet, strict=False)
    except (KeyError, TypeError, msgspec.ValidationError):
        return None
