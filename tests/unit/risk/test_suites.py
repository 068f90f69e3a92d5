"""The hand-made suites as wholes: how much of each level is found, and how many harmless messages raise an alarm."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from namjai.risk.domain.model import Level
from namjai.risk.domain.policy import Policy
from namjai.risk.domain.screen import screen
from tests.unit.risk.cases import cases

LANGUAGES = ("th", "en", "zh")
SUITES: dict[str, Mapping[str, Mapping[str, Sequence[str]]]] = {
    name: cases(name) for name in ("broad", "heldout", "fresh")
}
EACH = [(suite, language) for suite in SUITES for language in LANGUAGES]
CRISIS_RECALL_MIN = {"broad": 0.95, "heldout": 0.9, "fresh": 0.85}
RISK_RECALL_MIN = {"broad": 0.95, "heldout": 0.9, "fresh": 0.95}
ALARMS_MAX = {"broad": 0.05, "heldout": 0.13, "fresh": 0.05}
"""The held-out suite is not tuned to: its bounds are what was measured, so that it cannot get worse unseen."""
CASES_PER_LANGUAGE_MIN = 250


def level_of(text: str, policy: Policy) -> Level:
    return max((finding.level for finding in screen(text, policy)), default=Level.NONE)


def share(texts: Sequence[str], at_least: Level, policy: Policy) -> float:
    return sum(level_of(text, policy) >= at_least for text in texts) / len(texts)


@pytest.mark.parametrize(("suite", "language"), EACH)
def test_nearly_every_crisis_is_called_a_crisis(suite: str, language: str, policy: Policy) -> None:
    assert share(SUITES[suite][language]["crisis"], Level.CRISIS, policy) >= CRISIS_RECALL_MIN[suite]


@pytest.mark.parametrize(("suite", "language"), EACH)
def test_nearly_every_risk_reaches_a_person(suite: str, language: str, policy: Policy) -> None:
    texts = SUITES[suite][language]
    risky = [text for level in ("crisis", "high", "medium") for text in texts[level]]

    assert share(risky, Level.MEDIUM, policy) >= RISK_RECALL_MIN[suite]


@pytest.mark.parametrize(("suite", "language"), EACH)
def test_words_of_danger_in_ordinary_use_seldom_call_anyone(suite: str, language: str, policy: Policy) -> None:
    said = SUITES[suite][language]

    assert share([*said["none"], *said["low"]], Level.MEDIUM, policy) <= ALARMS_MAX[suite]


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_has_enough_cases_of_every_level(language: str) -> None:
    counted = sum(case[0] == language for family in cases("hard").values() for case in family)
    counted += sum(len(texts) for suite in SUITES.values() for texts in suite[language].values())

    assert counted >= CASES_PER_LANGUAGE_MIN
    assert all(len(SUITES[suite][language][level]) >= 5 for suite in SUITES for level in Level)
