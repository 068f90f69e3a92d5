"""The library of leaflets that people wrote: which topics there are, and each in every language."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from namjai.chat.content import LANGUAGES, Language, Status, Topic, load
from namjai.chat.skills.education.leaflet import Leaflet, LeafletShape, Reference

PACKAGE: Final = "namjai.chat.skills.education"
Words = Annotated[tuple[str, ...], Meta(max_length=60)]


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A topic: what it is called on buttons, by which words people mean it, and which help lines go with it.

    `words` mean it wherever they stand; `alone` only when nothing else was written, since "ice" is also in drinks.
    """

    names: dict[Language, str]
    words: dict[Language, Words]
    alone: Words = ()
    lines: tuple[Topic, ...] = ("medical",)


class Page(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One leaflet in one language, with where it stands in review."""

    version: int
    status: Status
    author: str
    sources: tuple[Reference, ...]
    leaflet: LeafletShape
    reviewer: str | None = None
    reviewed_on: date | None = None

    def __post_init__(self) -> None:
        by_whom_and_when = (self.reviewer, self.reviewed_on)
        if self.status == "reviewed" and None in by_whom_and_when:
            raise ValueError("a reviewed leaflet names who reviewed it and when")
        if self.status == "draft" and by_whom_and_when != (None, None):
            raise ValueError("a draft was reviewed by nobody")


@lru_cache(maxsize=1)
def entries() -> Mapping[str, Entry]:
    """Every topic, in the order in which topics are offered."""
    return load(PACKAGE, "library/index.yaml", dict[str, Entry])


@lru_cache(maxsize=128)
def page(topic: str, language: Language) -> Page:
    """What the file says."""
    return load(PACKAGE, f"library/{topic}/{language}.yaml", Page)


def leaflet(topic: str, language: Language, *, based_on: str | None = None) -> Leaflet | None:
    """The leaflet on a topic; None where there is none, or it was retired."""
    if topic not in entries() or (found := page(topic, language)).status == "retired":
        return None
    return Leaflet(
        id=f"{topic}/{language}@{found.version}",
        topic=topic,
        body=found.leaflet,
        language=language,
        origin="library",
        version=str(found.version),
        review=found.status,
        reviewer=found.reviewer,
        reviewed_on=found.reviewed_on,
        based_on=based_on,
        references=found.sources,
    )


def preload() -> None:
    """Read every file: one that is broken stops the start, and no conversation."""
    for topic in entries():
        for language in LANGUAGES:
            page(topic, language)
