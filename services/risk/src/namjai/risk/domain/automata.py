"""Regular expressions without backtracking: RE2 behind typed names, so that no message can make a rule slow.

Thai and Chinese take three bytes a character, and an automaton takes a step a byte. Patterns and texts are therefore
put into an alphabet of the patterns' own first: one or two bytes a character, half the steps and half the memory that
hundreds of automata walk through. Characters stay characters, so that what is found stands where it stood.
"""

from __future__ import annotations

import heapq
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import compress
from typing import Any

import re2  # type: ignore[import-untyped]

_MEMORY_MAX_BYTES = 8 << 20
_FIRST_CODE, _CODES_END = 0x80, 0xD800
_UNNAMED = "\x01"
"""Stands for every character that no pattern names. They are alike to all patterns: none of them is a word or blank."""
_RANGE = re.compile(r"([^\x00-\x7f])-([^\x00-\x7f])")
_UNTRANSLATABLE = re.compile(r"\\[pPxCQ0-7]|\(\?[a-zA-Z-]*i|[\x00-\x7f]-[^\x00-\x7f]|[^\x00-\x7f]-[\x00-\x7f]|\x01")
"""What names characters other than by writing them: a property, a number, a half of a pair, a range from afar."""
_LEADS = bytes(byte & 0xC0 != 0x80 for byte in range(256))
"""For each byte of UTF-8 whether a character begins with it."""

Place = tuple[int, int]
"""Where something matched: the first character and the one after the last."""


class Text:
    """A text as automata read it: bytes, and where each of its characters begins."""

    def __init__(self, plain: str, coded: str) -> None:
        self.plain = plain
        self.read = coded.encode()

    @cached_property
    def _begins(self) -> Sequence[int]:
        size = len(self.read)
        return range(size) if size == len(self.plain) else list(compress(range(size), self.read.translate(_LEADS)))

    def at(self, character: int) -> int:
        """The byte that a character begins with; the end of the text is one more."""
        if not character:
            return 0
        return self._begins[character] if character < len(self._begins) else len(self.read)

    def place(self, start: int, end: int) -> Place:
        """From bytes back to characters."""
        begins = self._begins
        if isinstance(begins, range):
            return start, end
        first = bisect_left(begins, start)
        return first, bisect_left(begins, end, first)


class Alphabet:
    """A short code for each character beyond ASCII that patterns name, in their old order, so that ranges stay ranges.

    Patterns that name characters in ways we do not follow are served all the same: nothing is recoded then.
    """

    def __init__(self, patterns: Iterable[str] = ()) -> None:
        patterns = tuple(patterns)
        named = {char for pattern in patterns for char in pattern if char > "\x7f"}
        for pattern in patterns:
            for first, last in _RANGE.findall(pattern):
                named.update(map(chr, range(ord(first), ord(last) + 1)))
        followed = bool(patterns) and not any(map(_UNTRANSLATABLE.search, patterns))
        self._codes = _Codes(named) if followed and len(named) < _CODES_END - _FIRST_CODE else None
        self._last = Text("", "")

    def pattern(self, pattern: str) -> str:
        """A pattern in this alphabet; it must be one of those that the alphabet was made of."""
        return pattern.translate(self._codes) if self._codes else pattern

    def text(self, text: str) -> Text:
        """A text in this alphabet. The last one is kept: hundreds of automata read the same."""
        if (last := self._last).plain != text:
            last = self._last = Text(text, text.translate(self._codes) if self._codes else text)
        return last


class _Codes(dict[int, str]):
    """From characters to codes, for `str.translate`."""

    def __init__(self, named: Iterable[str]) -> None:
        super().__init__({code: chr(code) for code in range(_FIRST_CODE)})
        self.update((ord(char), chr(_FIRST_CODE + n)) for n, char in enumerate(sorted(named)))

    def __missing__(self, key: int) -> str:
        return _UNNAMED


_AS_WRITTEN = Alphabet()


class Automaton:
    """A compiled pattern."""

    __slots__ = ("_alphabet", "_automaton")

    def __init__(self, pattern: str, alphabet: Alphabet = _AS_WRITTEN) -> None:
        self._alphabet = alphabet
        self._automaton: Any = re2.compile(alphabet.pattern(pattern), _options())

    def speaks(self, text: str) -> bool:
        """Whether there is a match anywhere in a text."""
        return self._automaton.search(self._alphabet.text(text).read) is not None

    def search(self, text: str, start: int = 0, end: int | None = None) -> Place | None:
        """The first match in a stretch of a text, as if there were nothing around it."""
        whole = self._alphabet.text(text)
        offset = whole.at(start)
        match = self._automaton.search(whole.read[offset : None if end is None else whole.at(end)])
        if match is None:
            return None
        first, last = match.span()
        return whole.place(first + offset, last + offset)

    def finditer(self, text: str, start: int = 0, end: int | None = None) -> Iterator[Place]:
        """All matches in a stretch of a text, as if there were nothing around it."""
        whole = self._alphabet.text(text)
        offset = whole.at(start)
        for match in self._automaton.finditer(whole.read[offset : None if end is None else whole.at(end)]):
            first, last = match.span()
            yield whole.place(first + offset, last + offset)


class AnyOf:
    """Several automata as one. Kept apart, each stays small, and only those that a text needs are run."""

    __slots__ = ("parts",)

    def __init__(self, parts: Sequence[Automaton]) -> None:
        self.parts = parts

    def search(self, text: str) -> Place | None:
        """A match of the first part that has one."""
        return next((match for part in self.parts if (match := part.search(text)) is not None), None)

    def finditer(self, text: str) -> Iterator[Place]:
        """The matches of all parts in the order of the text; those of different parts may overlap."""
        if len(self.parts) == 1:
            return self.parts[0].finditer(text)
        return heapq.merge(*(part.finditer(text) for part in self.parts), key=lambda place: (place[0], -place[1]))


class Sieve:
    """Many patterns at once: one pass for the literals they need, then only the patterns these allow.

    The pass reads the text as it was written: RE2 asks for no literal of less than three bytes, so that a single
    Chinese character would be none in a shorter alphabet, and nearly every pattern would have to run.
    """

    def __init__(self, patterns: Sequence[str], automata: Sequence[Automaton]) -> None:
        self._automata = automata
        self._filter = re2.Filter()
        for pattern in patterns:
            self._filter.Add(pattern, _options())
        self._filter.Compile()

    def matching(self, text: str) -> list[int]:
        """The indexes of the patterns that match somewhere in the text."""
        possible = self._filter.Match(text, potential=True) or ()
        return sorted(index for index in possible if self._automata[index].speaks(text))


def _options() -> object:
    options = re2.Options()
    options.max_mem = _MEMORY_MAX_BYTES
    options.log_errors = False
    return options
