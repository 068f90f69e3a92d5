"""Every fault of the system we replace and every family of hard cases, in Thai, English and both Chinese scripts."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from namjai.risk.domain.assess import assess
from namjai.risk.domain.model import Level
from namjai.risk.domain.policy import Policy

HERE = Path(__file__).parent
CASES: dict[str, list[tuple[str, str, str, str, str]]] = yaml.safe_load((HERE / "cases_hard.yaml").read_text("utf-8"))
VARIED: list[tuple[str, str]] = yaml.safe_load((HERE / "cases_varied.yaml").read_text("utf-8"))["exact"]


@pytest.mark.parametrize(
    ("language", "what", "bound", "level", "text"),
    [case for cases in CASES.values() for case in cases],
    ids=[f"{family}-{case[0]}-{case[1]}-{n}" for family, cases in CASES.items() for n, case in enumerate(cases)],
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
    families = {family for family, cases in CASES.items() if any(case[0] == language for case in cases)}

    assert set(CASES) - families <= ({"faults_of_the_old_system"} if language == "zh" else set())


@pytest.mark.parametrize(("level", "text"), VARIED, ids=range(len(VARIED)))
def test_the_same_meaning_in_other_words_gets_the_same_level(level: str, text: str, policy: Policy) -> None:
    verdict = assess(text, (), policy)

    low_enough = level == "low" and verdict.level <= Level.LOW  # good news may be noted or not
    assert low_enough or verdict.level == level, [(f.rule, f.level.value, f.changes) for f in verdict.findings]
