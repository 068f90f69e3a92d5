"""Reads a message a second time, by weighed n-grams, and says when the rules missed something: pure, without I/O."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec
import numpy as np
import numpy.typing as npt

from namjai.risk.domain.model import Category, Finding, Level, Span, Subject
from namjai.risk.domain.normalise import View
from namjai.risk.domain.policy import Policy
from namjai.risk.learned.features import Grams, grams, windows
from namjai.risk.learned.weights import Answerer, Floats, Model, Scorer, Sorter, by_character

Question = Literal["any", "high", "crisis"]
Judged = npt.NDArray[np.bool_]

QUESTIONS: Mapping[Question, Level] = {"crisis": Level.CRISIS, "high": Level.HIGH, "any": Level.MEDIUM}
"""What a yes to each question makes of a message, the gravest first."""
SORTS: Mapping[str, tuple[Category, Subject]] = {
    "suicide": ("suicide", "self"),
    "other": ("suicide", "other"),
    "self_harm": ("self_harm", "self"),
    "overdose": ("overdose", "self"),
    "withdrawal": ("withdrawal", "self"),
    "relapse": ("relapse", "self"),
    "violence": ("violence", "self"),
    "psychosis": ("psychosis", "self"),
}
"""What a finding says of each sort of danger that the model tells apart."""
_NOTHING_JUDGED: Judged = np.zeros(0, dtype=np.bool_)


class Scores(msgspec.Struct, frozen=True, kw_only=True):
    """Calibrated probabilities that a message tells of a danger: at all (medium or more), high or more, a crisis."""

    any: float
    high: float
    crisis: float = 0.0


class Thresholds(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The probability above which a message is raised, by kind of text; a kind that is not named is never raised."""

    any: Mapping[str, float]
    high: Mapping[str, float]
    crisis: Mapping[str, float] = {}

    @classmethod
    def parse(cls, written: bytes) -> Thresholds:
        """Thresholds from JSON. Raises `msgspec.ValidationError`."""
        return msgspec.json.decode(written, type=cls)

    def passed(self, question: Question, kind: str, probability: float) -> bool:
        """Whether a message is raised."""
        by_question: Mapping[Question, Mapping[str, float]] = {
            "any": self.any,
            "high": self.high,
            "crisis": self.crisis,
        }
        threshold = by_question[question].get(kind)
        return threshold is not None and probability >= threshold


class Classifier:
    """The model with its thresholds: made once from the files' content, then only read."""

    def __init__(self, model: Model, version: str, thresholds: Thresholds) -> None:
        self.version = version
        self.thresholds = thresholds
        self._readers: Mapping[Question, _Reader] = {
            "any": _Reader("any", model.any),
            "high": _Reader("high", model.high),
            "crisis": _Reader("crisis", model.crisis),
        }
        self._sorters = {language: Sorter(sorts) for language, sorts in model.sorts.items()}

    @classmethod
    def parse(cls, content: bytes, thresholds: Thresholds) -> Classifier:
        """A classifier from a model file; its version is the hash of the file. Raises `msgspec.ValidationError`."""
        model = msgspec.msgpack.decode(content, type=Model)
        return cls(model, hashlib.sha256(content).hexdigest()[:12], thresholds)

    def with_thresholds(self, thresholds: Thresholds) -> Classifier:
        """The same model, made bolder or shyer: a policy may bring thresholds of its own."""
        other = object.__new__(Classifier)
        other.version, other.thresholds = self.version, thresholds
        other._readers, other._sorters = self._readers, self._sorters
        return other

    @property
    def sorts(self) -> tuple[str, ...]:
        """The sorts of danger that it tells apart, in any language."""
        return tuple(sorted({name for sorter in self._sorters.values() for name in sorter.names}))

    def score(self, view: View) -> Scores:
        """How a view scores, whatever the rules say of it: the most alarming of its stretches. Total."""
        stretches = [grams(view.text, *window) for window in windows(view.text)]
        asked = {question: max(map(reader.probability, stretches)) for question, reader in self._readers.items()}
        return Scores(any=asked["any"], high=asked["high"], crisis=asked["crisis"])

    def finding(self, text: str, findings: Sequence[Finding], policy: Policy) -> Finding | None:
        """What the rules missed, if it is graver than all they found.

        Words on which a rule has spoken and then let go (denied, past, quoted, an idiom) are evidence no more:
        the rules know why, and n-grams do not.
        """
        known = max((f.level for f in findings), default=Level.NONE)
        if known >= max(QUESTIONS.values()):
            return None
        view = policy.normalise(text)
        judged = _NOTHING_JUDGED
        for window in windows(view.text):
            read = grams(view.text, *window)
            if self._raised(read, known, _NOTHING_JUDGED) is None:
                continue  # leaving words out can only lower a score
            if not len(judged):
                judged = judged_words(view, findings, policy)
            if (question := self._raised(read, known, judged)) is not None:
                return self._finding(question, read, judged, view, policy)
        return None

    def _raised(self, read: Grams, known: Level, judged: Judged) -> Question | None:
        """The gravest question that is answered with yes, if that is news."""
        for question, level in QUESTIONS.items():
            if level <= known or read.kind is None:
                continue
            if self.thresholds.passed(question, read.kind, self._readers[question].probability(read, judged)):
                return question
        return None

    def _finding(self, question: Question, read: Grams, judged: Judged, view: View, policy: Policy) -> Finding:
        reader = self._readers[question]
        sorter = self._sorters.get(read.language)
        category, subject = SORTS.get(sorter.sort(read) if sorter else "", SORTS["suicide"])
        return Finding(
            level=QUESTIONS[question],
            category=category,
            subject=subject,
            rule=f"learned:{self.version}",
            policy=policy.version,
            spans=(_evidence(view, read, reader.contributions(read, judged)),),
            changes=("raised:model",),
            confidence=round(reader.probability(read, judged), 2),
        )


class _Reader:
    """One question, ready to be put to a stretch of text. In a language that it has not learned, the answer is no."""

    def __init__(self, question: Question, answerer: Answerer) -> None:
        self._question: Question = question
        self._scorers = {language: Scorer(table) for language, table in answerer.tables.items()}
        self._calibrations = answerer.calibrations

    def probability(self, read: Grams, judged: Judged = _NOTHING_JUDGED) -> float:
        scorer, calibration = self._scorers.get(read.language), self._calibrations.get(read.kind or "")
        if scorer is None or calibration is None:
            return 0.0
        return calibration.probability(evidence(self._question, scorer, read, judged))

    def contributions(self, read: Grams, judged: Judged) -> Floats:
        return self._scorers[read.language].contributions(read, judged)


def evidence(question: Question, scorer: Scorer, read: Grams, judged: Judged) -> float:
    """A stretch's score for a question, with an eye on what is left when its strongest part is covered.

    One word, however grave, is no scene; means and an hour are, or a place and a goodbye. A table only adds, so two
    parts are asked for here: what is left counts as much as the whole, and for a crisis it alone counts.
    """
    rest = scorer.score(read, scorer.without_strongest(read, judged))
    return rest if question == "crisis" else (scorer.score(read, judged) + rest) / 2


def judged_words(view: View, findings: Sequence[Finding], policy: Policy) -> Judged:
    """Marks the characters that a rule matched without standing by it: lowered by a reading, or excused."""
    stood = {f.rule for f in findings if not any(change.startswith("lowered") for change in f.changes)}
    judged = np.zeros(max(len(view.text), 1), dtype=np.bool_)
    for compiled in policy.candidates(view.text):
        if compiled.rule.level > Level.NONE and compiled.rule.id not in stood:
            for start, end in compiled.pattern.finditer(view.text):
                judged[start:end] = True
    return judged


def _evidence(view: View, read: Grams, said: Floats) -> Span:
    """The stretch of the original text that said the most: the subarray of the largest sum, over characters."""
    best, best_start, best_end, total, start = -np.inf, 0, 1, 0.0, 0
    for index, value in enumerate(by_character(read, said, len(view.text)).tolist()):
        if total <= 0:
            total, start = 0.0, index
        total += value
        if total > best:
            best, best_start, best_end = total, start, index + 1
    return view.span(best_start, best_end)
