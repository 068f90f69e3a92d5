"""Regular expressions without backtracking: RE2 behind typed names, so that no message can make a rule slow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol, cast

import re2  # type: ignore[import-untyped]

_MEMORY_MAX_BYTES = 32 << 20


class Match(Protocol):
    """A place where an automaton matched, in code points."""

    def start(self) -> int: ...
    def end(self) -> int: ...
    def span(self) -> tuple[int, int]: ...


class Automaton(Protocol):
    """A compiled pattern."""

    def search(self, text: str) -> Match | None: ...
    def finditer(self, text: str) -> Iterator[Match]: ...


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
