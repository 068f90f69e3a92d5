"""Health-education leaflets: which one a person got, in which words."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from namjai.events.envelope import Fact
from namjai.events.sealed import Sealed
from namjai.events.uses import ModelUse


class LeafletMade(Fact, frozen=True, kw_only=True):
    """A leaflet as it was shown: from the reviewed library, or generated and said to be so."""

    TYPE: ClassVar[str] = "leaflet.made.v1"
    leaflet: str
    """Its id: the library's, or of this one made leaflet."""
    source: Literal["library", "generated", "modified", "translated"]
    based_on: str | None = None
    """The leaflet that this one was modified or translated from."""
    topic: Sealed[str]
    language: str
    level: str = "plain"
    version: str
    """The content's or the prompt's."""
    review: str = "draft"
    body: Sealed[dict[str, Any]]
    """title, overview, topics, questions, actions, contact, sources."""
    uses: tuple[ModelUse, ...] = ()


FACTS = (LeafletMade,)
