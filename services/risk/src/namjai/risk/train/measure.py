"""Measures rules alone and rules with the model, every text by weights and thresholds that have not seen it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import msgspec
import numpy as np

from namjai.risk.domain.model import Level
from namjai.risk.learned.classifier import QUESTIONS, Question
from namjai.risk.train.data import Row
from namjai.risk.train.fit import Flags, Text


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """One set, one question: the rules alone, then with the model's raises."""

    of: str
    positives: int
    negatives: int
    rules_recall: float
    recall: float
    rules_false_alarms: float
    false_alarms: float
    rules_f1: float
    f1: float
    missed: int
    """Positives that the rules miss, and"""
    found: int
    """how many of them the model finds."""


class _Set(msgspec.Struct, frozen=True):
    """Which texts, at which level, and which of them should reach it."""

    name: str
    source: str
    level: Level
    positive: Callable[[Row], bool]
    language: str = ""


_OWN = (("Thai", "th"), ("Chinese", "zh"), ("English", "en"))
_SETS = (
    _Set("Chinese chat turns, level ≥ medium", "zh", Level.MEDIUM, lambda row: row.level >= Level.MEDIUM),
    _Set("Chinese chat turns, danger to oneself", "zh", Level.MEDIUM, lambda row: row.any),
    _Set("Chinese chat turns, level ≥ high", "zh", Level.HIGH, lambda row: row.high),
    _Set("English posts, severity ≥ 1", "en", Level.MEDIUM, lambda row: row.any),
    _Set("English posts, severity ≥ 2, at high", "en", Level.HIGH, lambda row: row.high),
    _Set("Everyday Thai, level ≥ medium", "neg", Level.MEDIUM, lambda row: row.any),
    *(_Set(f"Own {name}, level ≥ medium", "own", Level.MEDIUM, lambda row: row.any, code) for name, code in _OWN),
    *(_Set(f"Own {name}, level ≥ high", "own", Level.HIGH, lambda row: row.high, code) for name, code in _OWN),
    *(
        _Set(f"Composed {name}, level ≥ medium", "composed", Level.MEDIUM, lambda row: row.any, code)
        for name, code in _OWN
    ),
    *(
        _Set(f"Composed {name}, level ≥ high", "composed", Level.HIGH, lambda row: row.high, code)
        for name, code in _OWN
    ),
    *(
        _Set(f"Composed {name}, crisis", "composed", Level.CRISIS, lambda row: bool(row.crisis), code)
        for name, code in _OWN
    ),
)


def measure(texts: Sequence[Text], raised: Mapping[Question, Flags]) -> Iterator[Figures]:
    """The figures of every set that is there. `raised`: whom the model raises, by question."""
    for asked in _SETS:
        mine = np.array([_belongs(t, asked) for t in texts], dtype=np.bool_)
        if not mine.any():
            continue
        yes = np.array([asked.positive(t.row) for t in texts], dtype=np.bool_)[mine]
        rules = np.array([t.rules >= asked.level for t in texts], dtype=np.bool_)[mine]
        model = np.any([flags for question, flags in raised.items() if QUESTIONS[question] >= asked.level], axis=0)
        both = rules | model[mine]
        yield Figures(
            of=asked.name,
            positives=int(yes.sum()),
            negatives=int((~yes).sum()),
            rules_recall=_share(rules & yes, yes),
            recall=_share(both & yes, yes),
            rules_false_alarms=_share(rules & ~yes, ~yes),
            false_alarms=_share(both & ~yes, ~yes),
            rules_f1=_f1(rules, yes),
            f1=_f1(both, yes),
            missed=int((yes & ~rules).sum()),
            found=int((yes & ~rules & both).sum()),
        )


def _belongs(text: Text, asked: _Set) -> bool:
    return text.row.source == asked.source and text.language.startswith(asked.language)


def table(figures: Sequence[Figures]) -> str:
    """The figures as a Markdown table."""
    head = "| set | positive / negative | recall | false alarms | F1 | missed by rules, found |\n"
    return f"{head}|---|---|---|---|---|---|\n" + "".join(
        f"| {f.of} | {f.positives} / {f.negatives} | {_two(f.rules_recall, f.recall, f.positives)} "
        f"| {100 * f.rules_false_alarms:.2f} → {100 * f.false_alarms:.2f} % | {_two(f.rules_f1, f.f1, f.positives)} "
        f"| {f.found} of {f.missed} |\n"
        for f in figures
    )


def _two(before: float, after: float, positives: int) -> str:
    return f"{before:.3f} → {after:.3f}" if positives else "–"


def _share(part: Flags, whole: Flags) -> float:
    return round(float(part.sum() / max(whole.sum(), 1)), 5)


def _f1(said: Flags, yes: Flags) -> float:
    return round(float(2 * (said & yes).sum() / max(said.sum() + yes.sum(), 1)), 5)
