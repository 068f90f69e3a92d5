"""From a leaf to advice: what is asked, how it is answered, and what happens when something comes between."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any, get_args

import pytest

from namjai.chat.content import LANGUAGES, Language
from namjai.chat.domain.commands import AGREE
from namjai.chat.domain.heard import Media
from namjai.chat.domain.messages import problems
from namjai.chat.skills.pictures import SKILL, pictures
from namjai.chat.skills.pictures.plants import shipped
from namjai.chat.skills.pictures.texts import texts as words_of
from namjai.events.media import UnreadReason
from tests.unit.chat.pictures.drawn import plant
from tests.unit.chat.visits import Talk, at_once, buttons, texts

BLAST = (("blast", "possible"),)


def seen(reading: dict[str, Any]) -> Media:
    return Media("", "image", "", reading)


@pytest.mark.parametrize("language", LANGUAGES)
def test_plant_then_stage_then_advice(language: Language) -> None:
    rice = shipped().plants["rice"]
    talk = Talk(SKILL, language)
    asked = talk.show("image", seen(plant(diseases=BLAST)))
    assert texts(asked) == words_of(language).ask_plant
    asked = talk.tap(asked, rice.names[language])
    assert rice.names[language] in texts(asked)
    advised = talk.tap(asked, rice.stages["tillering"].names[language])
    said = texts(advised)
    assert rice.diseases["blast"].names[language] in said
    assert words_of(language).unverified in said
    assert talk.flow is None
    assert advised is not None
    assert not [problem for message in advised.messages for problem in problems(message)]


def test_what_the_picture_tells_is_not_asked() -> None:
    talk = Talk(SKILL)
    said = texts(talk.show("image", seen(plant("rice", "flowering", BLAST))))
    assert "Rice, Heading" in said
    assert "panicle" in said  # the row for this stage, not the one for any
    assert talk.flow is None


@pytest.mark.parametrize(("language", "typed"), [("en", "rice"), ("th", "ต้นข้าว"), ("zh-TW", "水稻")])
def test_the_plant_can_be_typed(language: Language, typed: str) -> None:
    talk = Talk(SKILL, language)
    talk.show("image", seen(plant()))
    assert talk.write(typed) is not None
    assert talk.flow is not None
    assert talk.flow.step == "stage"


def test_a_wrong_value_shows_the_choices_again_and_a_second_one_is_left_to_others() -> None:
    talk = Talk(SKILL)
    talk.show("image", seen(plant()))
    again = talk.write("banana")
    assert words_of("en").again in texts(again)
    assert "Rice" in buttons(again)
    assert talk.write("banana") is None
    assert talk.flow is not None


def test_a_button_with_a_value_that_is_gone_shows_the_choices_again() -> None:
    talk = Talk(SKILL)
    talk.show("image", seen(plant()))
    assert words_of("en").again in texts(talk.press("do=pictures.plant&id=tulip"))


@pytest.mark.parametrize("between", ["I have a craving and don't know what to do", "what is alcohol?"])
def test_what_comes_between_is_for_others_and_there_is_a_way_back(between: str) -> None:
    talk = Talk(SKILL)
    asked = talk.show("image", seen(plant()))
    assert talk.write(between) is None
    assert SKILL.resume is not None
    back = talk.press(SKILL.resume(talk.visit(talk._event("text", "x")).view)["data"])
    assert words_of("en").ask_plant in texts(back)
    assert buttons(back).keys() >= buttons(asked).keys()


@pytest.mark.parametrize(("which", "name"), [("new", "Mango"), ("old", "Rice")])
def test_a_second_picture_asks_which_one(which: str, name: str) -> None:
    talk = Talk(SKILL)
    talk.show("image", seen(plant("rice")))
    asked = talk.show("image", seen(plant("mango")))
    assert texts(asked) == words_of("en").new_or_old
    assert f"({name})" in texts(talk.press(f"do=pictures.use&which={which}"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_which_one_can_be_typed_as_the_button_says_it(language: Language) -> None:
    talk = Talk(SKILL, language)
    talk.show("image", seen(plant("rice")))
    talk.show("image", seen(plant("mango")))
    mango = shipped().plants["mango"].names[language]
    assert mango in texts(talk.write(words_of(language).labels["new"]))


def test_a_medicine_in_between_is_answered_at_once_and_the_plant_stays_open() -> None:
    talk = Talk(SKILL)
    talk.show("image", seen(plant("rice")))
    said = talk.show("image", seen({"kind": "medicine", "names": ["Tramadol"]}))
    assert "Tramadol" in texts(said)
    assert talk.flow is not None
    assert talk.flow.step == "stage"


def test_a_pending_picture_is_forgotten_after_its_time() -> None:
    talk = Talk(pictures(life=timedelta(minutes=5)))
    asked = talk.show("image", seen(plant()))
    talk.now += timedelta(minutes=6)
    assert talk.write("rice") is None
    assert texts(talk.tap(asked, "Rice")) == words_of("en").forgotten


def test_an_answer_can_be_corrected_long_after() -> None:
    talk = Talk(SKILL)
    told = talk.show("image", seen(plant("rice", "tillering", BLAST)))
    talk.now += timedelta(days=1)
    asked = talk.tap(told, "Another stage")
    assert "panicle" in texts(talk.tap(asked, "Heading"))
    asked = talk.tap(told, "Another plant")
    assert words_of("en").ask_plant in texts(asked)


def test_a_plant_that_is_not_in_the_table_gets_what_helps_most_plants() -> None:
    talk = Talk(SKILL)
    asked = talk.show("image", seen(plant("tomato")))
    said = texts(talk.tap(asked, "Another plant"))
    assert shipped().general["en"] in said
    assert talk.flow is None


def test_what_a_model_saw_is_only_said_where_it_may_be() -> None:
    fine = {"en": "Brown spots with grey centres on the leaf."}
    wrong = {"en": "Take 20 mg twice a day and call 0812345678."}
    assert fine["en"] in texts(Talk(SKILL).show("image", seen(plant("rice", "tillering", visible=fine))))
    assert "0812345678" not in texts(Talk(SKILL).show("image", seen(plant("rice", "tillering", visible=wrong))))


def test_a_healthy_plant_is_called_no_more_than_that() -> None:
    assert words_of("en").healthy in texts(Talk(SKILL).show("image", seen(plant("rice", "tillering"))))


def test_who_does_not_know_the_stage_is_advised_all_the_same() -> None:
    talk = Talk(SKILL)
    asked = talk.show("image", seen(plant("chili", diseases=[("leaf_curl", "unsure")])))
    assert "whiteflies" in texts(talk.tap(asked, words_of("en").labels["dont_know"]))


def test_it_can_be_left() -> None:
    talk = Talk(SKILL)
    asked = talk.show("image", seen(plant()))
    assert texts(talk.tap(asked, "Leave it")) == words_of("en").stopped
    assert talk.flow is None


def test_a_topic_that_the_clinic_has_off_is_declined() -> None:
    talk = Talk(SKILL, skills=frozenset({"pictures", "pictures.medicine"}))
    assert texts(talk.show("image", seen(plant()))) == words_of("en").off_plant
    assert words_of("en").open_plant not in texts(talk.write("pictures"))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("reason", get_args(UnreadReason))
def test_a_picture_that_nobody_looked_at_is_answered_kindly(language: Language, reason: UnreadReason) -> None:
    said = Talk(SKILL, language).show("image", Media("", "image", unread=reason))
    assert texts(said) == words_of(language).unread[reason]
    assert (AGREE in buttons(said).values()) == (reason == "no_consent")
    assert "cmd=emergency" in buttons(said).values()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_picture_of_something_else_is_met_with_kind_words_and_what_can_be_read(language: Language) -> None:
    said = texts(Talk(SKILL, language).show("image", seen({"kind": "other"})))
    assert said.startswith(words_of(language).other)
    assert words_of(language).open_medicine in said


def test_a_picture_of_something_else_beside_words_leaves_the_words_to_others() -> None:
    talk = Talk(SKILL)
    visit = talk.visit(talk._event("image", None), seen({"kind": "other"}))
    beside = replace(visit, heard=replace(visit.heard, texts=("I am so tired of it all",)))
    assert at_once(SKILL.turn(beside, talk.desk())) is None


@pytest.mark.parametrize("odd", [{"kind": "dance"}, {}, {"kind": "plant", "diseases": "many"}])
def test_a_reading_in_another_shape_is_no_reading(odd: dict[str, Any]) -> None:
    assert texts(Talk(SKILL).show("image", seen(odd))) == words_of("en").unread["failed"]


def test_a_blurred_picture_is_told_how_to_become_a_better_one() -> None:
    assert texts(Talk(SKILL).show("image", seen({"kind": "unclear"}))) == words_of("en").unclear


def test_of_many_pictures_some_are_read_and_that_is_said() -> None:
    talk = Talk(SKILL)
    visit = talk.visit(talk._event("image", None))
    medias = tuple(seen({"kind": "medicine", "names": [name]}) for name in ("Paracetamol", "Zorbulax", "Ibuprofen"))
    many = replace(visit, heard=replace(visit.heard, media=medias), kinds=("image",) * 5)
    said = at_once(SKILL.turn(many, talk.desk()))
    assert said is not None
    assert len(said.messages) <= 5
    assert words_of("en").several.format(sent=5, read=3) in texts(said)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("typed", ["pictures", "ส่งรูป", "看圖"])
def test_it_explains_itself(language: Language, typed: str) -> None:
    said = Talk(SKILL, language).write(typed)
    assert words_of(language).open_medicine in texts(said)
    assert words_of(language).open_plant in texts(said)
