"""The named figures of a set: what each counts, and on how many texts it rests."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

import msgspec

from namjai.risk.domain.model import Level
from namjai.risk.evaluate.metrics import Binary, bootstrap, quadratic_kappa
from namjai.risk.evaluate.questions import Question

DIGITS: Final = 4


class Cell(NamedTuple):
    """A text as the figures see it; alike texts share one."""

    label: int
    """Rank of the level that people gave."""
    given: int
    """Rank of the level that the screener gave."""
    answers: tuple[tuple[bool, bool], ...]
    """(is so, was said) for each question of the set."""


Counts = Mapping[Cell, int]


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """A share or score, null where nothing could be counted; `low` to `high` is its interval."""

    value: float | None
    low: float | None
    high: float | None
    of: int
    """How many texts it rests on: the denominator of a share, else all texts of the set."""


class _Definition(NamedTuple):
    value: Callable[[Counts], float | None]
    of: Callable[[Counts], int]


_SHARES: Final[Mapping[str, tuple[Callable[[Binary], float | None], Callable[[Binary], int]]]] = {
    # Where nothing is so, precision is 0 whatever is said, and says nothing.
    "precision": (lambda b: b.precision if b.tp + b.fn else None, lambda b: b.tp + b.fp),
    "recall": (lambda b: b.recall, lambda b: b.tp + b.fn),
    "f1": (lambda b: b.f1, sum),
    "false_alarms": (lambda b: b.false_alarm_rate, lambda b: b.fp + b.tn),
}


def binary(cells: Counts, so: Callable[[Cell], bool], said: Callable[[Cell], bool]) -> Binary:
    """Sort the texts by what is so and what was said."""
    counts: Counter[tuple[bool, bool]] = Counter()
    for cell, count in cells.items():
        counts[so(cell), said(cell)] += count
    return Binary.of(counts)


def answered(cells: Counts, question: int) -> Binary:
    """How the question with this number came out."""
    return binary(cells, lambda cell: cell.answers[question][0], lambda cell: cell.answers[question][1])


def figures(cells: Counts, questions: Sequence[Question], *, resamples: int, seed: int) -> dict[str, Figure]:
    """Every figure of a set by its name."""
    definitions = _definitions(questions)
    values = {name: definition.value for name, definition in definitions.items()}
    intervals = bootstrap(cells, values, resamples=resamples, seed=seed)
    found = {}
    for name, definition in definitions.items():
        low, high = intervals[name] or (None, None)
        value = _rounded(definition.value(cells))
        found[name] = Figure(value=value, low=_rounded(low), high=_rounded(high), of=definition.of(cells))
    return found


def _definitions(questions: Sequence[Question]) -> dict[str, _Definition]:
    """The ones asked for first, by name; then precision, recall, F1 and false alarms of every question."""
    crisis, high, medium = Level.CRISIS.rank, Level.HIGH.rank, Level.MEDIUM.rank
    definitions = {
        "crisis_recall": _share("recall", lambda c: c.label == crisis, lambda c: c.given == crisis),
        "crisis_alerted": _share("recall", lambda c: c.label == crisis, lambda c: c.given >= high),
        "any_risk_recall": _share("recall", lambda c: c.label > 0, lambda c: c.given > 0),
        "alarms_on_negatives": _share("false_alarms", lambda c: c.label > 0, lambda c: c.given >= medium),
        "quadratic_kappa": _Definition(_kappa, lambda cells: sum(cells.values())),
    }
    for number, question in enumerate(questions):
        for share in _SHARES:
            definitions[f"{question.name}.{share}"] = _answer_share(share, number)
    return definitions


def _answer_share(share: str, number: int) -> _Definition:
    return _share(share, lambda cell: cell.answers[number][0], lambda cell: cell.answers[number][1])


def _share(share: str, so: Callable[[Cell], bool], said: Callable[[Cell], bool]) -> _Definition:
    value, of = _SHARES[share]
    return _Definition(lambda cells: value(binary(cells, so, said)), lambda cells: of(binary(cells, so, said)))


def _kappa(cells: Counts) -> float | None:
    table: Counter[tuple[int, int]] = Counter()
    for cell, count in cells.items():
        table[cell.label, cell.given] += count
    one_label = len({label for label, _ in table}) == 1
    return None if one_label else quadratic_kappa(table)  # it would be 0, however good the verdicts


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, DIGITS)
