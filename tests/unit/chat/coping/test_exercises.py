"""The guided exercises: the whole walk in three languages, at anybody's own pace, and a kind word however it ends."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from namjai.chat.content import LANGUAGES, Language
from namjai.chat.domain.composed import Composed
from namjai.chat.domain.messages import problems
from namjai.chat.skills.coping import SKILL
from namjai.chat.skills.coping.exercises import offers, preload, texts
from namjai.chat.skills.coping.skill import OPEN_FOR
from namjai.chat.skills.coping.walk import At, End, Unread, is_aside, said
from namjai.events.conversation import ExerciseEnded
from tests.unit.chat.visits import Talk, buttons
from tests.unit.chat.visits import texts as words_of

EVERY = [(language, name) for language in LANGUAGES for name in offers()]


def go(talk: Talk, turn: Composed | None) -> Composed | None:
    """Tap the button that goes on: always the first one under a step."""
    return talk.press(next(iter(buttons(turn).values())))


@pytest.mark.parametrize(("language", "name"), EVERY)
def test_an_exercise_goes_from_a_rating_through_its_steps_to_a_rating(language: Language, name: str) -> None:
    talk, words = Talk(SKILL, language=language), texts(language)
    turn = talk.press(f"do=coping.open&exercise={name}")
    assert words.exercises[name].about in words_of(turn)
    turn = talk.tap(turn, "8")
    for step in words.exercises[name].steps:
        assert step in words_of(turn)
        turn = go(talk, turn)
    assert words.after in words_of(turn)
    turn = talk.tap(turn, "3")
    assert words.answers["eased"].format(before=8, after=3) in words_of(turn)
    assert talk.flow is None
    ended = [each.fact for each in talk.records.said if isinstance(each.fact, ExerciseEnded)]
    assert ended == [ExerciseEnded(exercise=name, completed=True, before=8, after=3)]


@pytest.mark.parametrize(("language", "name"), EVERY)
def test_every_bubble_is_one_that_line_takes(language: Language, name: str) -> None:
    talk = Talk(SKILL, language=language)
    turn = talk.press(f"do=coping.open&exercise={name}")
    for _ in range(len(texts(language).exercises[name].steps) + 2):
        assert turn is not None
        assert [problem for message in turn.messages for problem in problems(message)] == []
        turn = talk.write("ๆ" * 150)
    assert talk.flow is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_menu_offers_every_exercise(language: Language) -> None:
    menu = Talk(SKILL, language=language).press("do=coping.open")
    assert {each.label for each in texts(language).exercises.values()} == set(buttons(menu))
    preload()


@pytest.mark.parametrize(
    ("language", "word", "exercise"),
    [
        ("en", "urge surfing", "urge_surfing"),
        ("th", "ฝึกหายใจ", "breathing"),
        ("zh-TW", "放鬆練習", "relax"),
        ("zh-TW", "理由卡", "reasons"),
    ],
)
def test_a_typed_word_opens_an_exercise(language: Language, word: str, exercise: str) -> None:
    turn = Talk(SKILL, language=language).write(word)
    assert texts(language).exercises[exercise].about in words_of(turn)


@pytest.mark.parametrize(
    ("before", "after", "answer"),
    [(8, 3, "eased"), (5, 5, "same"), (4, 9, "stronger"), (None, 4, "unknown"), (6, None, "unknown")],
)
def test_the_answer_fits_how_the_ratings_compare(before: int | None, after: int | None, answer: str) -> None:
    assert End(At("breathing", before=before), after).answer == answer


def test_whoever_is_worse_off_hears_it_kindly_and_finds_people() -> None:
    talk = Talk(SKILL)
    turn = talk.tap(talk.press("do=coping.open&exercise=breathing"), "4")
    for _ in range(5):
        turn = go(talk, turn)
    turn = talk.write("9")
    assert "does not mean you did it wrong" in words_of(turn)
    assert texts("en").answers["high"] in words_of(turn)
    assert buttons(turn)["Emergency"] == "cmd=emergency"


def test_anything_that_is_written_goes_on() -> None:
    talk = Talk(SKILL, language="th")
    talk.press("do=coping.open&exercise=grounding")
    talk.write("แรงมาก")
    for step, wrote in zip(
        texts("th").exercises["grounding"].steps, ["โต๊ะ แมว แก้ว ประตู ฟ้า", "เสื้อ", "พัดลม", "กาแฟ", "น้ำ"], strict=True
    ):
        assert talk.flow is not None
        assert step in texts("th").exercises["grounding"].steps
        talk.write(wrote)
    turn = talk.write("สามค่ะ")
    assert texts("th").answers["unknown"] in words_of(turn)  # there was no number before


def test_a_sticker_goes_on_too() -> None:
    talk = Talk(SKILL)
    talk.tap(talk.press("do=coping.open&exercise=relax"), "5")
    assert texts("en").exercises["relax"].steps[1] in words_of(talk.show("sticker"))


def test_a_number_past_ten_is_asked_for_again() -> None:
    talk = Talk(SKILL)
    talk.press("do=coping.open&exercise=relax")
    assert texts("en").unread in words_of(talk.write("100"))
    assert isinstance(said(At("relax"), "-3", 6), Unread)
    assert texts("en").exercises["relax"].steps[0] in words_of(talk.write("ten"))


def test_a_button_of_an_earlier_step_moves_nobody() -> None:
    talk = Talk(SKILL)
    first = talk.tap(talk.press("do=coping.open&exercise=relax"), "5")
    second = go(talk, first)
    again = go(talk, first)
    assert texts("en").earlier in words_of(again)
    assert words_of(second) in words_of(again)


def test_it_can_be_stopped_at_any_step_and_that_is_no_failure() -> None:
    talk = Talk(SKILL, language="zh-TW")
    turn = talk.tap(talk.press("do=coping.open&exercise=delay"), "7")
    turn = talk.tap(turn, "先停在這裡")
    assert texts("zh-TW").stopped in words_of(turn)
    assert talk.flow is None
    assert talk.records.said[-2].fact == ExerciseEnded(exercise="delay", completed=False, before=7)
    assert talk.write("不做了") is None


def test_a_question_or_a_long_story_is_left_to_others_and_the_exercise_waits() -> None:
    talk = Talk(SKILL)
    talk.tap(talk.press("do=coping.open&exercise=relax"), "5")
    assert talk.write("will this ever get better?") is None
    assert talk.write("well " * 50) is None
    assert talk.flow is not None
    back = talk.press("do=coping.resume")
    assert texts("en").back in words_of(back)
    assert texts("en").exercises["relax"].steps[0] in words_of(back)
    assert SKILL.resume is not None
    assert SKILL.resume(talk.visit(talk._event("text", "x")).view)["data"] == "do=coping.resume"


def test_what_somebody_writes_for_their_card_is_no_aside() -> None:
    assert not is_aside(At("reasons", "2"), "my daughter " * 20)
    assert is_aside(At("reasons", "before"), "my daughter " * 20)


@pytest.mark.parametrize("language", LANGUAGES)
def test_reasons_become_a_card_in_the_persons_own_words(language: Language) -> None:
    talk = Talk(SKILL, language=language)
    talk.tap(talk.press("do=coping.open&exercise=reasons"), "5")
    talk.write("ลูกสาว 女兒 my daughter")
    talk.press("do=coping.next&at=2")
    talk.write("x" * 400)
    talk.press("do=coping.next&at=4")
    turn = talk.write("2")
    assert turn is not None
    card = next(message for message in turn.messages if message["type"] == "flex")
    shown = json.dumps(card, ensure_ascii=False)
    assert "ลูกสาว 女兒 my daughter" in shown
    assert "x" * 200 in shown
    assert "x" * 201 not in shown
    assert [problem for message in turn.messages for problem in problems(message)] == []


def test_a_card_without_words_is_not_empty_handed() -> None:
    talk = Talk(SKILL)
    turn = talk.tap(talk.press("do=coping.open&exercise=reasons"), "5")
    for _ in range(4):
        turn = talk.tap(turn, "Skip this one")
    assert texts("en").card.empty in words_of(talk.tap(turn, "Without a number"))


def test_an_exercise_that_nobody_came_back_to_is_over() -> None:
    talk = Talk(SKILL)
    turn = talk.tap(talk.press("do=coping.open&exercise=relax"), "5")
    talk.now += OPEN_FOR + timedelta(minutes=1)
    assert talk.write("hello") is None
    assert texts("en").closed in words_of(go(talk, turn))


@pytest.mark.parametrize(
    "data", ["do=coping.open&exercise=levitation", "do=coping.rate&at=1&n=99", "do=coping.dance", "do=coping.next"]
)
def test_a_button_that_nobody_made_does_no_harm(data: str) -> None:
    talk = Talk(SKILL)
    talk.press("do=coping.open&exercise=relax")
    assert words_of(talk.press(data))


def test_a_place_that_an_older_release_wrote_is_left_alone() -> None:
    talk = Talk(SKILL)
    talk.press("do=coping.open&exercise=relax")
    assert talk.flow is not None
    talk.flow.slots["exercise"] = "levitation"  # type: ignore[index]  # the mapping is a dict here
    assert talk.write("go on") is None


def test_the_plan_is_not_offered_where_it_is_switched_off() -> None:
    talk = Talk(SKILL)
    turn = talk.press("do=coping.open&exercise=breathing")
    for _ in range(7):
        turn = talk.write("ok")
    assert "Other exercises" in buttons(turn)
    assert "My safety plan" not in buttons(turn)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_step_can_be_read_at_a_glance(language: Language) -> None:
    for exercise in texts(language).exercises.values():
        assert 4 <= len(exercise.steps) <= 6
        assert all(12 <= len(step) <= 260 for step in exercise.steps), exercise.name
