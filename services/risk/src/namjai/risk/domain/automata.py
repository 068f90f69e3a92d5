"""Regular expressions without backtracking: RE2 behind typed names, so that no message can make a rule slow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol, cast

import re2  # type: ignore[import-untyped]

_MEMORY_MAX_BYTES = 8 << 20


class Match(Protocol):
    """A place where an automaton matched, in code points."""

    def start(self) -> int: ...
    def end(self) -> int: ...
    def span(self) -> tuple[int, int]: ...


class Automaton(Protocol):
    """A compiled pattern."""

    def search(self, text: str) -> Match | None: ...
    def finditer(self, text: str) -> Iterator[Match]: ...


class AnyOf:
    """Several automata as one. Kept apart, each stays small, and only those that a text needs are run."""

    __slots__ = ("parts",)

    def __init__(self, parts: Sequence[Automaton]) -> None:
        self.parts = parts

    def search(self, text: str) -> Match | None:
        """A match of the first part that has one."""
        return next((match for part in self.parts if (match := part.search(text)) is not None), None)

    def finditer(self, text: str) -> Iterator[Match]:
        """The matches of all parts in the order of the text; those of different parts may overlap."""
        if len(self.parts) == 1:
            return self.parts[0].finditer(text)
        matches = [match for part in self.parts for match in part.finditer(text)]
        return iter(sorted(matches, key=lambda match: (match.start(), -match.end())))


class Sieve:
    """Many patterns at once: one pass for the literals they need, then only the patterns these allow."""

    def __init__(self, patterns: Sequence[str]) -> None:
        self._filter = re2.Filter()
        for pattern in patterns:
            self._filter.Add(pattern, _options())
        self._filter.Compile()

    def matching(self, text: str) -> list[int]:
        """The indexes of the patterns that match somewhere in the text."""
        return list(self._filter.Match(text) or ())


def automaton(pattern: str) -> Automaton:
    """The pattern, compiled."""
    return cast(Automaton, re2.compile(pattern, _options()))


def _options() -> object:
    options = re2.Options()
    options.max_mem = _MEMORY_MAX_BYTES
    options.log_errors = False
    return options
