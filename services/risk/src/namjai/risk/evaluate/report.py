"""Counts verdicts against labels and puts the figures, errors and aims into one report."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Final, Literal

import msgspec

from namjai.risk.domain.model import Level
from namjai.risk.evaluate.data import DataSet, Example
from namjai.risk.evaluate.figures import Cell, Counts, Figure, answered, figures
from namjai.risk.evaluate.judge import Verdict
from namjai.risk.evaluate.metrics import CONFIDENCE
from namjai.risk.evaluate.questions import AIMS, ERRORS_OF, QUESTIONS, Aim, Question

SCHEMA: Final = "namjai.risk.evaluate/1"


class Answers(msgspec.Struct, frozen=True, kw_only=True):
    """How one question came out."""

    question: str
    what: str
    tp: int
    fp: int
    fn: int
    tn: int


class Errors(msgspec.Struct, frozen=True, kw_only=True):
    """Texts that one rule got wrong in one way. `lines` are lines of the file."""

    question: str
    kind: Literal["false_alarm", "miss"]
    rule: str
    changes: tuple[str, ...]
    count: int
    lines: tuple[int, ...]


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """An aim, and whether it was met; null where its figure could not be counted."""

    figure: str
    bound: Literal["at_least", "at_most"]
    target: float
    value: float | None
    met: bool | None


class SetReport(msgspec.Struct, frozen=True, kw_only=True):
    """Everything measured on the texts of one file in one language."""

    name: str
    language: str
    format: str
    texts: int
    levels: dict[str, dict[str, int]]
    """Counts by label, then by verdict."""
    figures: dict[str, Figure]
    questions: tuple[Answers, ...]
    aims: tuple[Outcome, ...]
    errors: tuple[Errors, ...]


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What `--json` prints. A new field is no new version; a changed or missing one is."""

    schema: str = SCHEMA
    policy: str
    model: str | None
    resamples: int
    seed: int
    confidence: float = CONFIDENCE
    sets: tuple[SetReport, ...]


def measure(data: DataSet, verdicts: Sequence[Verdict], *, resamples: int, seed: int) -> SetReport:
    """Count one set. The same seed gives the same report."""
    questions = QUESTIONS[data.format]
    judged = list(zip(data.examples, verdicts, strict=True))
    cells = Counter(_cell(example, verdict, questions) for example, verdict in judged)
    found = figures(cells, questions, resamples=resamples, seed=seed)
    return SetReport(
        name=data.name,
        language=data.language,
        format=data.format,
        texts=len(judged),
        levels=_levels(cells),
        figures=found,
        questions=tuple(
            Answers(question=each.name, what=each.what, **answered(cells, number)._asdict())
            for number, each in enumerate(questions)
        ),
        aims=tuple(_outcome(aim, found[aim.figure].value) for aim in AIMS[data.format]),
        errors=tuple(error for each in questions if each.name in ERRORS_OF for error in _errors(judged, each)),
    )


def _cell(example: Example, verdict: Verdict, questions: Sequence[Question]) -> Cell:
    answers = tuple((question.so(example), question.said(verdict)) for question in questions)
    return Cell(example.level.rank, verdict.level.rank, answers)


def _levels(cells: Counts) -> dict[str, dict[str, int]]:
    names = [level.value for level in Level]
    counts: dict[str, dict[str, int]] = {}
    for cell, count in sorted(cells.items()):
        row = counts.setdefault(names[cell.label], dict.fromkeys(names, 0))
        row[names[cell.given]] += count
    return counts


def _outcome(aim: Aim, value: float | None) -> Outcome:
    met = None if value is None else aim.met_by(value)
    return Outcome(figure=aim.figure, bound=aim.bound, target=aim.target, value=value, met=met)


def _errors(judged: Sequence[tuple[Example, Verdict]], question: Question) -> Iterator[Errors]:
    """Wrong answers to one question by the rule of the gravest finding, the most frequent first."""
    lines: defaultdict[tuple[Literal["false_alarm", "miss"], str, tuple[str, ...]], list[int]] = defaultdict(list)
    for example, verdict in judged:
        so, said = question.so(example), question.said(verdict)
        if so != said:
            lines["false_alarm" if said else "miss", verdict.rule, verdict.changes].append(example.line)
    for (kind, rule, changes), at in sorted(lines.items(), key=lambda item: (item[0][0], -len(item[1]), item[0])):
        yield Errors(question=question.name, kind=kind, rule=rule, changes=changes, count=len(at), lines=tuple(at))
