"""Which alerts are told: repeats are counted, higher ones and late crises are told again."""

from datetime import UTC, datetime, timedelta

import pytest

from namjai.events.risk import Level
from namjai.notify.domain.merge import CRISIS_AGAIN, OPEN_FOR, MergeInto, Raised, Tell, merge

NOW = datetime(2026, 8, 7, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def raised(n: int, level: Level = "high", *, ago: timedelta = MINUTE, told: bool = True, **more: object) -> Raised:
    at = NOW - ago
    return Raised(f"a{n}", level, str(more.get("key", "m:suicide")), at, at if told else None, bool(more.get("done")))


THIS = raised(9, ago=timedelta(0), told=False)


def test_the_first_alert_is_told() -> None:
    assert Tell() == merge(THIS, [], NOW)


def test_a_repeat_is_merged_into_the_first_open_one() -> None:
    assert MergeInto("a1") == merge(THIS, [raised(1, ago=9 * MINUTE), raised(2)], NOW)


def test_a_lower_one_is_merged_too() -> None:
    assert MergeInto("a1") == merge(THIS, [raised(1, "crisis", ago=timedelta(hours=2))], NOW)


def test_a_higher_one_is_told() -> None:
    crisis = raised(9, "crisis", ago=timedelta(0), told=False)
    assert Tell() == merge(crisis, [raised(1, "high")], NOW)


@pytest.mark.parametrize(
    "earlier",
    [
        raised(1, told=False),
        raised(1, done=True),
        raised(1, ago=OPEN_FOR),
        raised(1, key="m:overdose"),
    ],
    ids=["nobody was told", "resolved", "long ago", "another matter"],
)
def test_what_staff_does_not_know_or_has_ended_swallows_nothing(earlier: Raised) -> None:
    assert Tell() == merge(THIS, [earlier], NOW)


@pytest.mark.parametrize(
    ("ago", "expected"), [(CRISIS_AGAIN - MINUTE, MergeInto("a1")), (CRISIS_AGAIN, Tell())], ids=["soon", "late"]
)
def test_a_crisis_repeated_after_a_quarter_of_an_hour_is_told_again(ago: timedelta, expected: object) -> None:
    crisis = raised(9, "crisis", ago=timedelta(0), told=False)
    assert expected == merge(crisis, [raised(1, "crisis", ago=ago)], NOW)
