"""Whether anybody watches: the clinic's weekdays are covered from 08:00 to 24:00, its nights by nobody."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from namjai.notify.domain.coverage import Gap, coverage, doubts
from namjai.notify.domain.roster import AlertsSection, Staff
from namjai.notify.domain.schedule import Override

MONDAY = datetime(2026, 1, 4, 17, tzinfo=UTC)  # midnight in Bangkok


def hour(n: float) -> datetime:
    return MONDAY + timedelta(hours=n)


def test_somebody_watches_until_the_last_schedule_ends(clinic: dict[str, Any]) -> None:
    found = coverage(AlertsSection.model_validate(clinic), hour(12))
    assert (found.watched, found.until, found.people) == (True, hour(24), ("ploy",))
    assert found.gaps[0] == Gap(hour(24), hour(32))
    assert all(gap.level is None for gap in found.gaps)


def test_nobody_watches_until_the_first_begins(clinic: dict[str, Any]) -> None:
    found = coverage(AlertsSection.model_validate(clinic), hour(26))
    assert (found.watched, found.until, found.people) == (False, hour(32), ())
    assert found.gaps[0] == Gap(hour(26), hour(32))


def test_a_level_with_nobody_is_a_gap_though_another_stands_in(clinic: dict[str, Any]) -> None:
    clinic["policies"]["urgent"]["levels"] = [{"targets": ["schedule:days"]}, {"targets": ["person:pager"]}]
    found = coverage(AlertsSection.model_validate(clinic), hour(12))
    assert (found.watched, found.until) == (True, None)
    assert found.gaps[0] == Gap(hour(18), hour(32), level=1)


def test_an_override_closes_a_gap(clinic: dict[str, Any]) -> None:
    section = AlertsSection.model_validate(clinic)
    stand_in = Override("o", "nights", "dao", hour(24), hour(30))
    found = coverage(section, hour(12), [stand_in])
    assert found.until == hour(30)
    assert found.gaps[0] == Gap(hour(30), hour(32))


def test_people_told_by_name_are_there_day_and_night() -> None:
    section = AlertsSection().with_staff([Staff(name="ploy"), Staff(name="dao", level=2)])
    found = coverage(section, MONDAY)
    assert (found.watched, found.until, found.gaps, found.people) == (True, None, (), ("ploy", "dao"))


def test_without_staff_nobody_watches() -> None:
    found = coverage(AlertsSection(), MONDAY)
    assert (found.watched, found.until) == (False, None)
    assert found.gaps == (Gap(MONDAY, MONDAY + timedelta(hours=72)),)


def test_what_is_most_likely_not_meant_is_said(clinic: dict[str, Any]) -> None:
    clinic["policies"]["forgotten"] = {"levels": [{"targets": ["everyone"]}]}
    clinic["schedules"]["spare"] = {"layers": [{"people": ["dao"], "start": "2026-01-05"}]}
    found = list(doubts(AlertsSection.model_validate(clinic), hour(12), ()))
    assert found[:2] == [
        "policies.forgotten: no level of alert takes it; see route",
        "schedules.spare: no policy in use names it",
    ]
    assert found[2].startswith("nobody is on call for a crisis at any level from 2026-01-05 17:00 to 2026-01-06 01:00")
    assert len(list(doubts(AlertsSection(), MONDAY, ()))) == 1
