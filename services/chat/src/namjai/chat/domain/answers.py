"""Reads a short answer as yes, no or unsure, conservatively: what is not plainly one of them is unclear."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final, Literal, get_args

from namjai.chat.content import LANGUAGES, answer_words, protocol_texts
from namjai.chat.domain.language import fold
from namjai.chat.domain.protocol import Question, Reading

Plain = Literal["yes", "no", "unsure"]

ANSWER_CHARS_MAX: Final = 120
"""Nobody answers a question with yes in so many words and says nothing else."""
_CLAUSES: Final = re.compile(r"[.,!?;:…~。，、！？；：～\n]+")
_EDGES: Final = " '\"()[]-"


def read(texts: Iterable[str], question: Question) -> Reading:
    """What these messages together answer to `question`. Two that contradict each other are unclear."""
    readings = {_read_one(text, question) for text in texts}
    return readings.pop() if len(readings) == 1 else "unclear"


def _read_one(text: str, question: Question) -> Reading:
    if len(text) > ANSWER_CHARS_MAX:
        return "unclear"
    if (whole := _phrases(question).get(fold(text).strip(_EDGES))) is not None:
        return whole
    clauses = [clause for part in _CLAUSES.split(text) if (clause := fold(part).strip(_EDGES))]
    if not clauses:
        return "unclear"
    first, *rest = clauses
    reading, _ = _phrase(first, question)
    others = [_phrase(clause, question) for clause in rest]
    if reading is None or any(other not in (None, reading) for other, _ in others):
        return "unclear"
    if reading == "yes" and any(left for other, left in others if other is None):
        return "unclear"  # "yes, but …": the comfortable answer must stand alone, the other two need not
    return reading


def _phrase(clause: str, question: Question) -> tuple[Plain | None, str]:
    """The reading of a clause that is one of the phrases, polite particles round it aside; else what is left of it."""
    phrases = _phrases(question)
    while clause:
        if clause in phrases:
            return phrases[clause], ""
        shorter = next((cut for filler in _fillers() if (cut := _without(clause, filler)) is not None), None)
        if shorter is None:
            break
        clause = shorter
    return None, clause


def _without(clause: str, filler: str) -> str | None:
    """The clause without a filler at one of its ends; a filler of letters must be a word of its own."""
    if clause == filler:
        return ""
    apart = " " if filler.isascii() else ""
    if clause.endswith(apart + filler):
        return clause[: -len(apart + filler)].strip(_EDGES)
    if clause.startswith(filler + apart):
        return clause[len(filler + apart) :].strip(_EDGES)
    return None


@lru_cache(maxsize=1)
def _fillers() -> tuple[str, ...]:
    return tuple(sorted(map(fold, answer_words().fillers), key=len, reverse=True))


@lru_cache(maxsize=len(get_args(Question)))
def _phrases(question: Question) -> Mapping[str, Plain]:
    """Folded phrase → reading; what is on a button counts, since some type it, then a question's own phrases."""
    words = answer_words()
    found: dict[str, Plain] = {}
    for of in (words.words, words.steps.get(question, {})):
        for reading in get_args(Plain):
            found.update({fold(phrase): reading for language in of.get(reading, ()) for phrase in language})
    for texts in map(protocol_texts, LANGUAGES):
        labels = texts.labels.get(question, texts.labels["default"])
        found.update({fold(labels[reading]): reading for reading in get_args(Plain) if reading in labels})
    return found
