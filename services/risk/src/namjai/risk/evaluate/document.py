"""Writes the figures into a Markdown document, between two markers, so that nobody types them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from namjai.risk.evaluate.questions import LEVELS
from namjai.risk.evaluate.report import Report, SetReport
from namjai.risk.evaluate.show import HEADLINES, aim, shown

BEGIN: Final = "<!-- figures: written by `python -m namjai.risk.evaluate --markdown` -->"
END: Final = "<!-- figures: end -->"
_ABOUT_LEVELS: Final = frozenset(question.name for question in LEVELS)


class NoMarkers(Exception):
    """The document has no place for the figures; the message says which lines would make one."""


def write(path: Path, report: Report) -> None:
    """Replace what stands between the markers of a document. Raises `NoMarkers` or `OSError`."""
    text = path.read_text(encoding="utf-8")
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise NoMarkers(f"{path} has no place for the figures: put the lines {BEGIN!r} and {END!r} where they belong")
    section = "\n".join(section_lines(report))
    path.write_text(f"{before}{BEGIN}\n\n{section}\n\n{END}{after}", encoding="utf-8")


def section_lines(report: Report) -> Iterator[str]:
    """The figures as tables: one row a set."""
    model = f"model `{report.model}`" if report.model else "no learned model"
    yield f"Policy `{report.policy}`, {model}. In brackets: 95 % bootstrap interval ({report.resamples:,} resamples)."
    yield ""
    yield from _table(
        ["set", "texts", *HEADLINES.values()],
        [[_title(each), f"{each.texts:,}", *(shown(each.figures[name]) for name in HEADLINES)] for each in report.sets],
    )
    yield ""
    yield from _table(
        ["set", "question", "precision", "recall", "F1", "false alarms"],
        [row for each in report.sets for row in _own_questions(each)],
    )
    yield ""
    yield from _table(
        ["set", "aim"],
        [[_title(each), aim(outcome)] for each in report.sets for outcome in each.aims],
    )


def _own_questions(each: SetReport) -> Iterator[list[str]]:
    """The questions that only this set can answer; those about levels are in the first table."""
    for answers in each.questions:
        if answers.question not in _ABOUT_LEVELS:
            shares = (f"{answers.question}.{share}" for share in ("precision", "recall", "f1", "false_alarms"))
            yield [_title(each), answers.what, *(shown(each.figures[name]) for name in shares)]


def _title(each: SetReport) -> str:
    return f"{each.name} ({each.language})"


def _table(head: list[str], rows: list[list[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"
