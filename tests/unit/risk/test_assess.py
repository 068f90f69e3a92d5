"""The highest finding rules, and an alert is due from medium up. What history adds: `tests/unit/risk_context`."""

from __future__ import annotations

from itertools import pairwise

import pytest

from namjai.risk.domain.assess import alarm, assess
from namjai.risk.domain.model import Level
from namjai.risk.domain.policy import Policy


def test_levels_are_ordered() -> None:
    assert all(lower < higher and higher > lower for lower, higher in pairwise(Level))
    assert max(Level) == Level.CRISIS


def test_a_quiet_message_has_no_level_and_no_alert(policy: Policy) -> None:
    verdict = assess("สวัสดีค่ะ", (), policy)

    assert (verdict.level, verdict.findings, alarm(verdict)) == (Level.NONE, (), None)


@pytest.mark.parametrize(
    ("text", "level"),
    [("อยากตาย", Level.MEDIUM), ("i want to kill myself", Level.HIGH), ("我決定今晚去跳樓", Level.CRISIS)],
)
def test_an_alert_has_the_level_of_the_verdict_and_merges_by_category(text: str, level: Level, policy: Policy) -> None:
    alert = alarm(assess(text, (), policy))

    assert alert is not None
    assert (alert.level, alert.category, alert.merge_key) == (level, "suicide", "suicide")


def test_a_low_finding_calls_nobody(policy: Policy) -> None:
    verdict = assess("I used to want to die but I'm so happy now", (), policy)

    assert (verdict.level, alarm(verdict)) == (Level.LOW, None)
