"""Every type of fact there is, and how old versions become new ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, NamedTuple, TypeVar

from namjai.events import (
    alert,
    checkin,
    conversation,
    delivery,
    duty,
    instrument,
    leaflet,
    mail,
    media,
    member,
    memory,
    message,
    plan,
    reply,
    risk,
)
from namjai.events.envelope import Fact

Old = TypeVar("Old", bound=Fact)


class UnknownType(Exception):
    """A fact of a type this release does not know: a newer producer is at work."""


class Upcast(NamedTuple):
    """One step from an old version to the next."""

    old: type[Fact]
    new: type[Fact]
    convert: Callable[[Any], Fact]


def upcast(old: type[Old], new: type[Fact], convert: Callable[[Old], Fact]) -> Upcast:
    """A typed step: `convert` takes the old fact and gives the new one."""
    return Upcast(old, new, convert)


class Catalogue:
    """Types by name. Old versions are read through their chain of upcasts, and only newest versions are seen."""

    def __init__(self, facts: Iterable[type[Fact]], upcasts: Iterable[Upcast] = ()) -> None:
        self.facts: Mapping[str, type[Fact]] = {fact.TYPE: fact for fact in facts}
        self.upcasts: Mapping[str, Upcast] = {step.old.TYPE: step for step in upcasts}

    def reader(self, event_type: str) -> type[Fact]:
        """The class that reads this type from the wire, old or new. Raises `UnknownType`."""
        if (fact := self.facts.get(event_type)) is not None:
            return fact
        if (step := self.upcasts.get(event_type)) is not None:
            return step.old
        raise UnknownType(event_type)

    def modernise(self, fact: Fact) -> Fact:
        """Walk the chain until nothing newer is known."""
        while (step := self.upcasts.get(fact.TYPE)) is not None:
            fact = step.convert(fact)
        return fact


AREAS: Final = (
    message,
    media,
    member,
    memory,
    instrument,
    checkin,
    plan,
    leaflet,
    risk,
    alert,
    duty,
    reply,
    delivery,
    mail,
    conversation,
)
CATALOGUE: Final = Catalogue(fact for area in AREAS for fact in area.FACTS)
