"""The roster: what an alert of each level does, whom a level reaches, and what is said about mistakes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from namjai.notify.domain.roster import AlertsSection, Staff, fallback, plan, problems, targets
from namjai.notify.domain.schedule import Override

Clinic = dict[str, Any]
MONDAY_NOON = datetime(2026, 1, 5, 5, tzinfo=UTC)  # Bangkok is seven hours ahead
MONDAY_EVENING = datetime(2026, 1, 5, 12, tzinfo=UTC)
MONDAY_NIGHT = datetime(2026, 1, 5, 20, tzinfo=UTC)


def names(found: tuple[Staff, ...]) -> list[str]:
    return [one.name for one in found]


def staff(*levels: int) -> list[Staff]:
    return [Staff(name=f"s{n}", level=level) for n, level in enumerate(levels)]


def test_a_plan_is_the_levels_laid_out_in_time_repeats_included(clinic: Clinic) -> None:
    found = plan(AlertsSection.model_validate(clinic), "crisis")
    assert found.policy == "urgent"
    assert found.levels == (1, 2, 1, 2)
    assert found.due_s == (0, 5 * 60, 12 * 60, 17 * 60)
    assert found.end_s == 24 * 60
    assert found.ack_timeout_s == 600


def test_delays_may_be_fractions_so_that_a_drill_takes_seconds(clinic: Clinic) -> None:
    for n, level in enumerate(levels := clinic["policies"]["urgent"]["levels"]):
        level["delay_min"] = (n + 1) / 30
    levels.append({"targets": ["person:pager"], "delay_min": 2 / 60})
    clinic["policies"]["urgent"] |= {"repeat": 0, "round_min": 0.05}
    found = plan(AlertsSection.model_validate(clinic), "high")
    assert found.due_s == pytest.approx((2, 6, 8))
    assert found.end_s == pytest.approx(11)


def test_without_a_roster_everybody_is_told_by_the_level_beside_their_name() -> None:
    section = AlertsSection().with_staff(staff(1, 3, 1, 7))
    found = plan(section, "crisis")
    assert found.policy == "default"
    assert found.levels == (1, 2, 3) * 3
    assert found.due_s[:4] == (0, 300, 600, 900)
    assert found.ack_timeout_s == 600
    by_level = [names(targets(section, "default", n, MONDAY_NOON)) for n in (1, 2, 3)]
    assert by_level == [["s0", "s2"], ["s1"], ["s3"]]


def test_a_medium_alert_is_told_once_to_the_first_line_and_has_a_day() -> None:
    section = AlertsSection().with_staff(staff(2, 3))
    found = plan(section, "medium")
    assert (found.policy, found.due_s, found.levels) == ("inbox", (0,), (1,))
    assert found.ack_timeout_s == found.end_s == 86_400
    assert names(targets(section, "inbox", 1, MONDAY_NOON)) == ["s0"]


def test_nobody_at_all_still_makes_a_plan_so_that_its_end_is_loud() -> None:
    found = plan(AlertsSection(), "crisis")
    assert found.levels
    assert found.end_s > 0
    assert targets(AlertsSection(), "default", 1, MONDAY_NOON) == ()


def test_a_written_roster_is_not_touched_by_the_settings(clinic: Clinic) -> None:
    section = AlertsSection.model_validate(clinic)
    assert section.with_staff(staff(1)) is section


def test_a_level_reaches_who_is_on_call_then_each_once(clinic: Clinic) -> None:
    section = AlertsSection.model_validate(clinic)
    assert names(targets(section, "urgent", 1, MONDAY_NOON)) == ["ploy"]
    assert names(targets(section, "urgent", 1, MONDAY_EVENING)) == ["nok"]
    assert targets(section, "urgent", 1, MONDAY_NIGHT) == ()
    clinic["policies"]["urgent"]["levels"][0]["targets"] += ["person:ploy", "everyone", "fallback"]
    section = AlertsSection.model_validate(clinic)
    assert names(targets(section, "urgent", 1, MONDAY_NOON)) == ["ploy", "dao", "nok", "pager"]


def test_an_override_reaches_the_one_who_stands_in(clinic: Clinic) -> None:
    section = AlertsSection.model_validate(clinic)
    stand_in = Override("o", "days", "nok", MONDAY_NOON, MONDAY_NOON + timedelta(hours=1))
    assert names(targets(section, "urgent", 1, MONDAY_NOON, [stand_in])) == ["nok"]
    elsewhere = Override("o", "nights", "dao", MONDAY_NOON, MONDAY_NOON + timedelta(hours=1))
    assert names(targets(section, "urgent", 1, MONDAY_NOON, [elsewhere])) == ["ploy", "dao"]


def test_an_override_by_somebody_who_has_left_leaves_the_duty_where_it_was(clinic: Clinic) -> None:
    clinic["staff"][1]["active"] = False
    section = AlertsSection.model_validate(clinic)
    for name in ("dao", "gone"):
        stand_in = Override("o", "days", name, MONDAY_NOON, MONDAY_NOON + timedelta(hours=1))
        assert names(targets(section, "urgent", 1, MONDAY_NOON, [stand_in])) == ["ploy"]


def test_who_is_away_is_not_told(clinic: Clinic) -> None:
    clinic["staff"][0] |= {"active": False, "email": None}
    section = AlertsSection.model_validate(clinic)
    assert targets(section, "urgent", 1, MONDAY_NOON) == ()
    assert "ploy" not in names(fallback(section, "default", MONDAY_NOON))


def test_a_policy_taken_out_while_its_chain_runs_reaches_the_fallback(clinic: Clinic) -> None:
    section = AlertsSection.model_validate(clinic)
    assert names(targets(section, "urgent", 9, MONDAY_NOON)) == ["pager"]
    assert names(targets(section, "gone", 1, MONDAY_NOON)) == ["pager"]


def test_the_fallback_is_the_policys_then_the_sections_then_everyone(clinic: Clinic) -> None:
    clinic["policies"]["urgent"]["fallback"] = ["schedule:days"]
    section = AlertsSection.model_validate(clinic)
    assert names(fallback(section, "urgent", MONDAY_NOON)) == ["ploy"]
    assert names(fallback(section, "urgent", MONDAY_NIGHT)) == ["ploy", "dao", "nok", "pager"]
    assert names(fallback(section, "inbox", MONDAY_NOON)) == ["pager"]
    del clinic["fallback"]
    assert len(fallback(AlertsSection.model_validate(clinic), "inbox", MONDAY_NOON)) == 4


def test_a_section_survives_the_store(clinic: Clinic) -> None:
    section = AlertsSection.model_validate(clinic)
    assert AlertsSection.model_validate_json(section.model_dump_json()) == section


def test_what_was_stored_by_an_earlier_release_still_works() -> None:
    section = AlertsSection.model_validate({"staff": [{"name": "a", "level": 2, "line_user": "U" + "0" * 32}]})
    assert names(targets(section, "default", 1, MONDAY_NOON)) == ["a"]


def _is(place: str, value: Any) -> Callable[[Clinic], None]:
    def change(clinic: Clinic) -> None:
        *way, last = place.split("/")
        part: Any = clinic
        for step in way:
            part = part[int(step)] if isinstance(part, list) else part[step]
        part[int(last) if isinstance(part, list) else last] = value

    return change


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (_is("staff/1/name", "ploy"), "staff: ploy is there twice; give each a name of their own"),
        (
            _is("staff/1/email", None),
            "staff.dao: cannot be reached; write line_user, email or webhook, or active: false",
        ),
        (
            _is("schedules/nights/layers/0/people", ["nid"]),
            "schedules.nights: nobody of the staff is called nid; write them under staff",
        ),
        (
            _is("policies/urgent/levels/1/targets", ["person:nid"]),
            "policies.urgent, level 2: nobody of the staff is called nid; write them under staff",
        ),
        (
            _is("policies/urgent/levels/0/targets", ["schedule:noon"]),
            "policies.urgent, level 1: there is no schedule called noon; write it under schedules",
        ),
        (
            _is("policies/urgent/levels/0/targets", []),
            "policies.urgent.levels.0.targets: Tuple should have at least 1 item after validation, not 0",
        ),
        (
            _is("policies/urgent/levels/0/targets", ["ploy"]),
            'policies.urgent.levels.0.targets.0: a target is "person:NAME", "schedule:NAME", "everyone" or "fallback"',
        ),
        (_is("route/high", "gone"), "route.high: there is no policy called gone; write it under policies"),
        (
            _is("fallback", ["fallback"]),
            "fallback: a fallback cannot be the fallback; write a person, a schedule or everyone",
        ),
        (
            _is("schedules/days/timezone", "Asia/Nowhere"),
            "schedules.days.timezone: unknown time zone; write one of the IANA list, like Asia/Bangkok",
        ),
        (
            _is("schedules/nights/layers/0/only/0/start", 1080),
            'schedules.nights.layers.0.only.0.start: a time of day is written in quotes, like "18:00"',
        ),
        (_is("stuff", []), "stuff: Extra inputs are not permitted"),
    ],
)
def test_a_mistake_is_named_with_its_place_and_what_to_do(
    clinic: Clinic, change: Callable[[Clinic], None], says: str
) -> None:
    assert problems(clinic) == []
    change(clinic)
    assert says in problems(clinic)


def test_all_that_dangles_is_said_at_once(clinic: Clinic) -> None:
    clinic["route"] |= {"high": "a", "medium": "b"}
    clinic["staff"][0]["name"] = "somebody"
    assert len(problems(clinic)) == 3


def test_what_is_wrong_never_repeats_an_address(clinic: Clinic) -> None:
    clinic["staff"][0]["line_user"] = secret = "Uprivate"
    assert problems(clinic)
    assert all(secret not in line for line in problems(clinic))
    with pytest.raises(ValidationError) as refused:
        AlertsSection.model_validate(clinic)
    assert secret not in str(refused.value)


def test_what_is_no_section_at_all_is_a_problem_too() -> None:
    assert problems([]) != []
    assert problems(None) != []


def test_the_roster_in_the_documentation_holds_together() -> None:
    text = (Path(__file__).parents[3] / "docs" / "on-call.md").read_text(encoding="utf-8")
    section = yaml.safe_load(text.split("```yaml\n")[1].split("```")[0])
    assert problems(section) == []
