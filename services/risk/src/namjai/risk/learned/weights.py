"""The model file: one table of weights per language and question, a byte for each cell."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TypeAlias

import msgspec
import numpy as np
import numpy.typing as npt

from namjai.risk.learned.features import BITS, Grams

Floats: TypeAlias = npt.NDArray[np.float32]

FORMAT = 2
SORT_BITS = 13
"""Sorts of danger lie further apart than danger and none: fewer cells do."""
_STEPS = 127.0
_PART_CHARS: Mapping[str, int] = {"th": 12, "zh": 5, "en": 16}
"""About as much as one part of a scene takes: what is taken, where one stands, when, to whom one says goodbye."""
_LOGIT_MAX = 30.0


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """One language's answer to one question, as it lies in the file. Small weights keep more digits than large ones."""

    weights: bytes
    largest: float
    bias: float

    @classmethod
    def packed(cls, weights: npt.NDArray[np.float64], bias: float) -> Table:
        """Weights in bytes: a signed square root, so that the many small ones are not rounded to nothing."""
        largest = float(np.abs(weights).max()) or 1.0
        steps = np.rint(np.sign(weights) * np.sqrt(np.abs(weights) / largest) * _STEPS).astype(np.int8)
        return cls(weights=steps.tobytes(), largest=largest, bias=bias)


class Calibration(msgspec.Struct, frozen=True, kw_only=True):
    """Platt's: probability = sigmoid(slope * score + offset). The slope is positive, so a higher score means more."""

    slope: float
    offset: float

    def probability(self, score: float) -> float:
        """In 0..1, for any score."""
        return 1 / (1 + math.exp(-min(max(self.slope * score + self.offset, -_LOGIT_MAX), _LOGIT_MAX)))


class Answerer(msgspec.Struct, frozen=True, kw_only=True):
    """One question's tables by language, and its calibrations by kind of text."""

    tables: Mapping[str, Table]
    calibrations: Mapping[str, Calibration]


class Sorts(msgspec.Struct, frozen=True, kw_only=True):
    """One language's sorts of danger: a byte for each coarse cell, per sort how much likelier the sort makes it."""

    names: tuple[str, ...]
    weights: bytes
    largest: float

    @classmethod
    def packed(cls, names: tuple[str, ...], weights: npt.NDArray[np.float64]) -> Sorts:
        """Log-likelihoods by sort (rows) and coarse cell (columns), in bytes."""
        largest = float(np.abs(weights).max()) or 1.0
        return cls(names=names, weights=np.rint(weights / largest * _STEPS).astype(np.int8).tobytes(), largest=largest)


class Model(msgspec.Struct, frozen=True, kw_only=True, tag_field="format", tag=f"namjai-risk-{FORMAT}"):
    """The whole file: the questions that it answers, and by language of what sort a danger is."""

    any: Answerer
    high: Answerer
    crisis: Answerer
    sorts: Mapping[str, Sorts]


class Scorer:
    """A table made ready for use."""

    __slots__ = ("_bias", "_weights")

    def __init__(self, table: Table) -> None:
        steps = np.frombuffer(table.weights, dtype=np.int8).astype(np.float32) / np.float32(_STEPS)
        if len(steps) != 1 << BITS:
            raise ValueError(f"a table has {1 << BITS} cells, this one {len(steps)}")
        self._weights: Floats = np.sign(steps) * steps * steps * np.float32(table.largest)
        self._bias = table.bias

    def contributions(self, grams: Grams, judged: npt.NDArray[np.bool_] | None = None) -> Floats:
        """What each n-gram says for (above 0) or against; what touches `judged` characters says nothing for."""
        said = self._weights[grams.cells]
        if judged is not None and judged.any():
            before = np.concatenate(([0], np.cumsum(judged)))
            said[(before[grams.ends] > before[grams.starts]) & (said > 0)] = 0
        return said

    def without_strongest(self, grams: Grams, judged: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
        """`judged` with the part marked too that says the most: about as long as a word or two."""
        if grams.language not in _PART_CHARS:
            return judged
        start, end = int(grams.starts.min()), int(grams.ends.max())
        covered = np.zeros(max(end, len(judged)), dtype=np.bool_)
        covered[: len(judged)] = judged
        said = by_character(grams, self.contributions(grams, judged), end)[start:]
        width = min(_PART_CHARS[grams.language], end - start)
        strongest = start + int(np.convolve(said, np.ones(width), mode="valid").argmax())
        covered[strongest : strongest + width] = True
        return covered

    def score(self, grams: Grams, judged: npt.NDArray[np.bool_] | None = None) -> float:
        """The log odds before calibration. A message of nothing scores the bias."""
        said = self.contributions(grams, judged)
        return float(said.sum(dtype=np.float64) / np.sqrt(max(len(said), 1)) + self._bias)


def by_character(grams: Grams, said: Floats, length: int) -> npt.NDArray[np.float64]:
    """How much each character says: an n-gram's weight is spread evenly over its own."""
    change = np.zeros(length + 1)
    share = said / np.maximum(grams.ends - grams.starts, 1)
    np.add.at(change, grams.starts, share)
    np.add.at(change, grams.ends, -share)
    return np.asarray(np.cumsum(change)[:-1], dtype=np.float64)


class Sorter:
    """Tells of what sort a danger is, by the n-grams that a sort makes likelier than the others do."""

    __slots__ = ("_weights", "names")

    def __init__(self, sorts: Sorts) -> None:
        steps = np.frombuffer(sorts.weights, dtype=np.int8).astype(np.float32) * np.float32(sorts.largest / _STEPS)
        self.names = sorts.names
        self._weights: Floats = steps.reshape(len(sorts.names), 1 << SORT_BITS)

    def sort(self, grams: Grams) -> str:
        """The likeliest."""
        return self.names[int(self._weights[:, coarse(grams)].sum(axis=1).argmax())]


def coarse(grams: Grams) -> npt.NDArray[np.int64]:
    """The cells of a table of sorts."""
    return grams.cells >> (BITS - SORT_BITS)
