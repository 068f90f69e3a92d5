"""Every fault of the system we replace and every family of hard cases, in Thai, English and both Chinese scripts."""

from __future__ import annotations

import pytest

from namjai.risk.domain.assess import assess
from namjai.risk.domain.model import Level
from namjai.risk.domain.policy import Policy
from tests.unit.risk.cases import cases

CASES: dict[str, list[tuple[str, str, str, str, str]]] = cases("hard")
VARIED: list[tuple[str, str]] = cases("varied")["exact"]


@pytest.mark.parametrize(
    ("language", "what", "bound", "level", "text"),
    [case for family in CASES.values() for case in family],
    ids=[f"{family}-{case[0]}-{case[1]}-{n}" for family, given in CASES.items() for n, case in enumerate(given)],
)
def test_a_hard_case_comes_out_right(
    language: str, what: str, bound: str, level: str, text: str, policy: Policy
) -> None:
    verdict = assess(text, (), policy)

    right = verdict.level >= Level(level) if bound == "at_least" else verdict.level <= Level(level)
    assert right, (
        f"{language} {what}: {verdict.level}, {[(f.rule, f.level.value, f.changes) for f in verdict.findings]}"
    )


@pytest.mark.parametrize("language", ["th", "en", "zh"])
def test_every_family_has_a_case_in_every_language(language: str) -> None:
    families = {family for family, given in CASES.items() if any(case[0] == language for case in given)}

    assert set(CASES) - families <= ({"faults_of_the_old_system"} if language == "zh" else set())


@pytest.mark.parametrize(("level", "text"), VARIED, ids=range(len(VARIED)))
def test_the_same_meaning_in_other_words_gets_the_same_level(level: str, text: str, policy: Policy) -> None:
    verdict = assess(text, (), policy)

    low_enough = level == "low" and verdict.level <= Level.LOW  # good news may be noted or not
    assert low_enough or verdict.level == level, [(f.rule, f.level.value, f.changes) for f in verdict.findings]
