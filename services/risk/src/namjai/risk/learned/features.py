"""Turns a view into hashed n-grams: where each lies, and which cell of a weight table is its own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, TypeAlias

import msgspec
import numpy as np
import numpy.typing as npt

Cells: TypeAlias = npt.NDArray[np.int64]
Hashes: TypeAlias = npt.NDArray[np.uint64]
Kind = Literal["th", "zh", "en", "en-long"]

BITS = 18
"""A table has 2^18 cells; that two n-grams share one is rare enough to do no harm."""
CHARACTERS_MAX = 4
WORDS_MAX = 3
WORD_REACH = 8
"""How far apart two Latin words may stand and still count as a pair, in either order: a sum of n-grams knows no "and",
a pair is one. In Thai and Chinese, where words have no gaps, pairs of short n-grams found less than they cost."""
LONG_MIN_CHARS = 160
"""From here on an English text is a letter rather than a chat message, and is weighed by a table of its own."""
_WINDOW_CHARS = 400
"""A longer text is read in windows that overlap by half, so that one bad sentence is not drowned by the others."""
_WHOLE_MAX_CHARS = 600
_WORD = re.compile(r"[a-z]+(?:'[a-z]+)*|[0-9]+")
_WORD_CHARS_MAX = 32
_SCRIPTS: tuple[tuple[Kind, int, int, float], ...] = (
    ("th", 0x0E00, 0x0E7F, 1.0),
    ("zh", 0x3400, 0x9FFF, 3.0),  # a Han character says as much as three letters
    ("en", 0x61, 0x7A, 1.0),
)
_PRIME = np.uint64(0x9E3779B97F4A7C15)
_MIX_A, _MIX_B = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_POWERS = np.cumprod(np.full(_WORD_CHARS_MAX, _PRIME))
_PAIR_SALT = np.uint64(0x2545F4914F6CDD1D)
_WORD_SALT = np.uint64(0x5851F42D4C957F2D)


class Grams(msgspec.Struct, frozen=True):
    """The n-grams of one stretch, each once: of characters (1 to 4), of Latin words (1 to 3), and pairs of words."""

    kind: Kind | None
    """The script that most of the stretch is in; none when it has no letters that we know."""
    cells: Cells
    starts: Cells
    """First character in the view, of the first place where the n-gram stands."""
    ends: Cells

    @property
    def language(self) -> str:
        """Whose table weighs it."""
        return (self.kind or "")[:2]


def windows(view: str) -> Iterator[tuple[int, int]]:
    """The stretches in which a view is read: the whole of it, unless it is long."""
    if len(view) <= _WHOLE_MAX_CHARS:
        yield 0, len(view)
        return
    for start in range(0, len(view) - _WINDOW_CHARS // 2, _WINDOW_CHARS // 2):
        yield start, min(start + _WINDOW_CHARS, len(view))


def grams(view: str, start: int, end: int) -> Grams:
    """The n-grams of `[start, end)`. Total on any string; time is linear in its length but for one sort."""
    text = f" {view[start:end]} "  # so that an n-gram knows the ends of a message
    code = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")
    letters = _mix(code.astype(np.uint64))
    found = [(hashes, first, first + n) for n, hashes, first in _runs(letters, CHARACTERS_MAX)]
    found += _words(text, letters)
    hashes, starts, ends = (np.concatenate(parts) for parts in zip(*found, strict=True))
    cells, once = np.unique((hashes >> np.uint64(64 - BITS)).astype(np.int64), return_index=True)
    starts, ends = np.maximum(starts[once] - 1, 0) + start, np.minimum(ends[once] - 1, end - start) + start
    return Grams(_kind(code), cells, starts, np.maximum(ends, starts))


def _kind(code: npt.NDArray[np.uint32]) -> Kind | None:
    weight, kind = max(
        (np.count_nonzero((code >= low) & (code <= high)) * worth, kind) for kind, low, high, worth in _SCRIPTS
    )
    if not weight:
        return None
    return "en-long" if kind == "en" and len(code) > LONG_MIN_CHARS else kind


def _runs(units: Hashes, n_max: int) -> list[tuple[int, Hashes, Cells]]:
    """Every run of 1 to `n_max` neighbouring units, by a rolling hash: (n, hashes, index of the first unit)."""
    runs = []
    rolled = units
    for n in range(1, min(n_max, len(units)) + 1):
        rolled = units if n == 1 else rolled[:-1] * _PRIME + units[n - 1 :]
        runs.append((n, _mix(rolled + np.uint64(n)), np.arange(len(rolled))))
    return runs


def _words(text: str, letters: Hashes) -> list[tuple[Hashes, Cells, Cells]]:
    spans = np.array([match.span() for match in _WORD.finditer(text)], dtype=np.int64)
    if not len(spans):
        return []
    starts, ends = spans[:, 0], spans[:, 1]
    lengths = np.minimum(ends - starts, _WORD_CHARS_MAX)
    first = np.cumsum(lengths) - lengths
    within = np.arange(int(lengths.sum())) - np.repeat(first, lengths)
    summed = np.add.reduceat(letters[np.repeat(starts, lengths) + within] * _POWERS[within], first)
    words = _mix(summed + _WORD_SALT)
    found = [(hashes, starts[: len(hashes)], ends[n - 1 :]) for n, hashes, _ in _runs(words, WORDS_MAX)]
    apart = range(2, min(WORD_REACH, len(words) - 1) + 1)
    return found + [(_mix((words[:-d] + words[d:]) * _PRIME + _PAIR_SALT), starts[:-d], ends[d:]) for d in apart]


def _mix(hashes: Hashes) -> Hashes:
    """Spreads every bit over all others (the finaliser of SplitMix64)."""
    hashes = (hashes ^ (hashes >> np.uint64(30))) * _MIX_A
    hashes = (hashes ^ (hashes >> np.uint64(27))) * _MIX_B
    return hashes ^ (hashes >> np.uint64(31))
