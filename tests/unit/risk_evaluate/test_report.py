"""A set whose verdicts are known gives the figures, aims and errors that were counted by hand."""

from __future__ import annotations

from typing import Literal

import pytest

from namjai.risk.domain.assess import assess
from namjai.risk.domain.model import Category, Level
from namjai.risk.evaluate.data import DataSet, Example, Format
from namjai.risk.evaluate.judge import NOTHING, Verdict, verdict
from namjai.risk.evaluate.questions import AIMS, QUESTIONS, Aim
from namjai.risk.evaluate.report import SetReport, measure
from namjai.risk.rules import load

NONE, LOW, MEDIUM, HIGH, CRISIS = Level


def judged(level: Level, rule: str = NOTHING, *changes: str, category: Category = "suicide") -> Verdict:
    return Verdict(level=level, category=category, subject="self", rule=rule, changes=changes)


def report(kind: Format, *pairs: tuple[Example, Verdict]) -> SetReport:
    data = DataSet(name="set", language="en", format=kind, examples=tuple(example for example, _ in pairs))
    return measure(data, [given for _, given in pairs], resamples=50, seed=1)


def labelled(*pairs: tuple[Level, Verdict]) -> SetReport:
    numbered = enumerate(pairs, start=1)
    examples = [(Example(line=n, text="", level=level, language="en"), given) for n, (level, given) in numbered]
    return report("levels", *examples)


TEN = labelled(
    (CRISIS, judged(CRISIS, "plan")),
    (CRISIS, judged(HIGH, "thought")),
    (CRISIS, judged(NONE)),
    (HIGH, judged(HIGH, "thought")),
    (HIGH, judged(LOW, "wish", "lowered:negated")),
    (MEDIUM, judged(MEDIUM, "wish")),
    (LOW, judged(NONE)),
    (NONE, judged(NONE)),
    (NONE, judged(MEDIUM, "wish")),
    (NONE, judged(LOW, "wish", "lowered:joke")),
)


@pytest.mark.parametrize(
    ("figure", "value", "of"),
    [
        ("crisis_recall", 1 / 3, 3),
        ("crisis_alerted", 2 / 3, 3),
        ("any_risk_recall", 5 / 7, 7),
        ("alarms_on_negatives", 1 / 3, 3),
        ("medium.precision", 4 / 5, 5),
        ("medium.recall", 4 / 6, 6),
        ("medium.false_alarms", 1 / 4, 4),
        ("medium.f1", 8 / 11, 10),
        ("high.f1", 6 / 8, 10),
        ("crisis.precision", 1, 1),
    ],
)
def test_a_figure_is_what_was_counted_by_hand(figure: str, value: float, of: int) -> None:
    found = TEN.figures[figure]

    assert found.value == pytest.approx(value, abs=1e-4)
    assert found.of == of
    assert (found.low or 0) <= (found.value or 0) <= (found.high or 0)


def test_levels_are_counted_by_label_and_verdict() -> None:
    assert TEN.levels["crisis"] == {"none": 1, "low": 0, "medium": 0, "high": 1, "crisis": 1}
    assert sum(sum(row.values()) for row in TEN.levels.values()) == TEN.texts == 10


def test_an_error_is_counted_for_its_rule_and_says_where() -> None:
    at_medium = [(e.kind, e.rule, e.changes, e.count, e.lines) for e in TEN.errors if e.question == "medium"]

    assert at_medium == [
        ("false_alarm", "wish", (), 1, (9,)),
        ("miss", NOTHING, (), 1, (3,)),
        ("miss", "wish", ("lowered:negated",), 1, (5,)),
    ]


def test_errors_are_as_many_as_the_table_says() -> None:
    for answers in TEN.questions:
        listed = [error for error in TEN.errors if error.question == answers.question]
        for kind, count in (("false_alarm", answers.fp), ("miss", answers.fn)):
            assert not listed or sum(e.count for e in listed if e.kind == kind) == count


def test_a_set_without_risk_has_no_recall_and_no_aim_on_it() -> None:
    quiet = labelled((NONE, judged(NONE)), (NONE, judged(MEDIUM, "wish")))

    for figure in ("crisis_recall", "medium.precision", "medium.f1", "quadratic_kappa"):
        assert (quiet.figures[figure].value, quiet.figures[figure].low) == (None, None)
    assert [(aim.figure, aim.met) for aim in quiet.aims] == [("crisis_recall", None), ("alarms_on_negatives", False)]


def test_self_directed_is_what_the_set_says_of_a_person_themselves() -> None:
    def turn(line: int, *labels: str) -> Example:
        return Example(line=line, text="", level=NONE, language="zh", labels=frozenset(labels))

    found = report(
        "psyguard",
        (turn(1, "passive ideation"), judged(MEDIUM, "wish")),
        (turn(2, "NSSI act", "aggression by other"), judged(LOW, "act")),
        (turn(3, "aggression by other"), judged(HIGH, "assault", category="violence")),
        (turn(4, "exploration"), judged(MEDIUM, "third")),
        (turn(5, "irrelevant"), judged(NONE)),
    )
    tables = {each.question: (each.tp, each.fp, each.fn, each.tn) for each in found.questions}

    assert tables["self_directed"] == (1, 2, 1, 1)
    assert tables["self_directed_category"] == (1, 1, 1, 2)
    assert tables["self_directed_or_exploration"] == (2, 1, 1, 1)


def test_severity_two_and_above_should_be_high() -> None:
    def post(line: int, severity: int) -> Example:
        return Example(line=line, text="", level=NONE, language="en", severity=severity)

    found = report(
        "severity",
        (post(1, 0), judged(HIGH)),
        (post(2, 1), judged(MEDIUM)),
        (post(3, 2), judged(HIGH)),
        (post(4, 6), judged(MEDIUM)),
    )
    tables = {each.question: (each.tp, each.fp, each.fn, each.tn) for each in found.questions}

    assert tables["severity_2"] == (1, 1, 1, 1)


@pytest.mark.parametrize(
    ("bound", "value", "met"), [("at_least", 0.9, True), ("at_least", 0.89, False), ("at_most", 0.91, False)]
)
def test_an_aim_is_met_at_its_bound(bound: Literal["at_least", "at_most"], value: float, met: bool) -> None:
    assert Aim(figure="x", bound=bound, target=0.9).met_by(value) is met


@pytest.mark.parametrize("kind", QUESTIONS)
def test_every_aim_speaks_of_a_figure_that_its_set_has(kind: Format) -> None:
    example = Example(line=1, text="", level=NONE, language="en", severity=0)

    assert {aim.figure for aim in AIMS[kind]} <= set(report(kind, (example, judged(NONE))).figures)


@pytest.mark.parametrize("text", ["อยากตาย", "i want to kill myself", "我決定今晚去跳樓", "สวัสดีค่ะ", ""])
def test_a_verdict_is_the_services_own(text: str) -> None:
    found = assess(text, (), load())

    assert verdict(text, load(), None).level == found.level


def test_a_verdict_names_the_rule_also_where_a_reading_took_its_level_away() -> None:
    given = verdict("ในหนังพระเอกบอกว่าอยากตาย", load(), None)

    assert given.level == NONE
    assert given.rule.startswith("th.suicide")
    assert any(change.startswith("lowered:") for change in given.changes)
