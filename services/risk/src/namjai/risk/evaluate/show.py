"""Prints a report for a person at a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from namjai.risk.domain.model import Level
from namjai.risk.evaluate.data import DataSet
from namjai.risk.evaluate.figures import Figure
from namjai.risk.evaluate.report import Errors, Outcome, Report, SetReport

HEADLINES: Final = {
    "crisis_recall": "crisis recall",
    "crisis_alerted": "crisis judged high or above",
    "any_risk_recall": "any-risk recall",
    "medium.precision": "precision at medium",
    "alarms_on_negatives": "false alarms on negatives",
    "medium.f1": "F1 at medium",
    "high.f1": "F1 at high",
    "quadratic_kappa": "quadratic kappa",
}
ERRORS_SHOWN_MAX: Final = 12
LINES_SHOWN_MAX: Final = 8
_SIGNS: Final = {"at_least": "≥", "at_most": "≤"}
_KINDS: Final = {"false_alarm": "false alarms", "miss": "misses"}


def lines(report: Report, texts: Sequence[DataSet] | None = None) -> Iterator[str]:
    """The whole report; with `texts` also what the errors say, for eyes that may see it."""
    yield f"policy {report.policy}, model {report.model or 'none'}; 95 % intervals of {report.resamples:,} resamples"
    for number, each in enumerate(report.sets):
        yield ""
        yield from _set(each, {e.line: e.text for e in texts[number].examples} if texts else {})


def _set(each: SetReport, texts: dict[int, str]) -> Iterator[str]:
    counts = ", ".join(f"{label} {sum(row.values()):,}" for label, row in each.levels.items())
    yield f"{each.name} · {each.language} · {each.texts:,} texts ({counts})"
    for name, words in HEADLINES.items():
        yield f"  {words:28} {shown(each.figures[name])}"
    yield "  question                       precision  recall  F1     false alarms"
    for answers in each.questions:
        row = (each.figures[f"{answers.question}.{share}"] for share in ("precision", "recall", "f1", "false_alarms"))
        values = [_number(figure.value) for figure in row]
        yield f"  {answers.question:30} {values[0]:10} {values[1]:7} {values[2]:6} {values[3]}"
    yield f"  {'label, verdict':>16} " + "".join(f"{level.value:>8}" for level in Level)
    for label, counted in each.levels.items():
        yield f"  {label:>16} " + "".join(f"{counted[level.value]:>8,}" for level in Level)
    for outcome in each.aims:
        yield f"  aim: {aim(outcome)}"
    yield from _errors(each.errors, texts)


def _errors(errors: Sequence[Errors], texts: dict[int, str]) -> Iterator[str]:
    kinds = dict.fromkeys((error.question, error.kind) for error in errors)
    for question, kind in kinds:
        alike = [error for error in errors if (error.question, error.kind) == (question, kind)]
        yield f"  {_KINDS[kind]} at {question}: {sum(error.count for error in alike):,}"
        for error in alike[:ERRORS_SHOWN_MAX]:
            at = ", ".join(map(str, error.lines[:LINES_SHOWN_MAX])) + ("…" if error.count > LINES_SHOWN_MAX else "")
            yield f"    {error.count:>5,}  {' '.join((error.rule, *error.changes))}  [line {at}]"
            for line in error.lines if texts else ():
                yield f"           {line}: {texts[line]}"
        if (rest := alike[ERRORS_SHOWN_MAX:]) and not texts:
            yield f"    {sum(error.count for error in rest):>5,}  by {len(rest)} more rules (all of them: --json)"


def shown(figure: Figure) -> str:
    """A figure with its interval and what it rests on."""
    if figure.value is None:
        return "–"
    interval = "" if figure.low is None else f" [{_number(figure.low)}–{_number(figure.high)}]"
    return f"{_number(figure.value)}{interval} of {figure.of:,}"


def aim(outcome: Outcome) -> str:
    """An aim, what came of it, and whether that is enough."""
    verdict = {True: "met", False: "MISSED", None: "nothing to count"}[outcome.met]
    return f"{outcome.figure} {_SIGNS[outcome.bound]} {outcome.target:g}: {_number(outcome.value)}, {verdict}"


def _number(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:.4f}" if 0 < value < 0.01 else f"{value:.3f}"
