"""What a clinic switches on and off while chat runs."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from namjai.chat.clinic import ClinicSection, SkillsInForce
from namjai.chat.skills.table import ALL

EVERYTHING = frozenset(skill.name for skill in ALL)


def test_without_a_choice_everything_is_on_that_the_settings_allow() -> None:
    skills = SkillsInForce(frozenset({"support"}))
    assert skills.now().names == {"support"}
    assert SkillsInForce(EVERYTHING).now().names == EVERYTHING


def test_the_next_turn_goes_by_the_new_choice_and_a_turn_that_has_begun_by_the_old_one() -> None:
    skills = SkillsInForce(EVERYTHING)
    begun = skills.now()
    skills.apply(ClinicSection(skills=("voice",)))
    assert begun.names == EVERYTHING
    assert skills.now().names == {"voice", "support"}
    skills.apply(ClinicSection())
    assert skills.now().names == EVERYTHING


def test_support_cannot_be_switched_off() -> None:
    skills = SkillsInForce(EVERYTHING)
    skills.apply(ClinicSection(skills=()))
    assert skills.now().names == {"support"}


def test_a_skill_that_this_release_does_not_have_is_refused() -> None:
    with pytest.raises(ValidationError, match="unknown skills: dance"):
        ClinicSection(skills=("dance",))


def test_a_clinic_may_switch_off_a_part_of_a_skill() -> None:
    skills = SkillsInForce(EVERYTHING)
    assert {"pictures", "pictures.medicine", "pictures.plant"} <= skills.now().on
    skills.apply(ClinicSection(topics_off=frozenset({"pictures.plant"})))
    assert "pictures.plant" not in skills.now().on
    assert {"pictures", "pictures.medicine"} <= skills.now().on
    assert "pictures.plant" not in skills.now().names


def test_a_part_that_no_skill_has_is_refused() -> None:
    with pytest.raises(ValidationError, match=r"unknown topics: pictures\.cats"):
        ClinicSection(topics_off=frozenset({"pictures.cats"}))
