"""What opens a skill: buttons and typed words, and how a wish in a text is told from a sentence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from namjai.chat.domain.doing import Doing, Door, Doors, do, doing_of
from namjai.chat.skills.skill import Skills, ordered
from namjai.chat.skills.table import ALL

DOORS = Doors(
    [
        ("diary", {"open": Door(words=("diary", "บันทึก", "日記"))}),
        ("interpreter", {"translate": Door(words=("translate", "แปล", "翻譯"), takes="text")}),
        ("education", {"open#2": Door(words=("ed", "衛教"), takes="topic", args={"level": "plain"})}),
    ]
)


@pytest.mark.parametrize("said", ["diary", " Diary! ", "บันทึก", "日記", "ＤＩＡＲＹ"])
def test_a_word_opens_its_skill(said: str) -> None:
    assert DOORS.opened_by(said) == Doing("diary", "open")


@pytest.mark.parametrize("said", ["my diary", "diary of a drinker", "translates", "editor", "ไม่อยากบันทึก", ""])
def test_a_sentence_with_the_word_in_it_opens_nothing(said: str) -> None:
    assert DOORS.opened_by(said) is None


@pytest.mark.parametrize(
    ("said", "taken"),
    [
        ("translate: where does it hurt?", "where does it hurt?"),
        ("Translate  where does it hurt?", "where does it hurt?"),
        ("แปลปวดตรงไหนคะ", "ปวดตรงไหนคะ"),
        ("翻譯：哪裡痛", "哪裡痛"),
        ("ＴＲＡＮＳＬＡＴＥ x", "x"),
    ],
)
def test_a_word_that_takes_something_may_begin_a_message(said: str, taken: str) -> None:
    assert DOORS.opened_by(said) == Doing("interpreter", "translate", {"text": taken})


def test_what_a_door_always_says_goes_along() -> None:
    assert DOORS.opened_by("衛教 高血壓") == Doing("education", "open", {"level": "plain", "topic": "高血壓"})


def test_two_skills_cannot_share_a_word() -> None:
    doors = {"open": Door(words=("Diary",))}
    with pytest.raises(ValueError, match="opens both"):
        Doors([("diary", {"open": Door(words=("diary",))}), ("other", doors)])


@given(st.dictionaries(st.sampled_from(["topic", "n", "to"]), st.text(min_size=1, max_size=10), max_size=2))
def test_a_button_says_what_it_was_made_to_say(args: dict[str, str]) -> None:
    assert doing_of(do("label", "education", "open", **args)["data"]) == Doing("education", "open", args)


def test_a_button_that_would_pass_lines_limit_is_refused() -> None:
    with pytest.raises(ValueError, match="characters"):
        do("label", "education", "open", topic="ก" * 100)


@pytest.mark.parametrize("data", ["", "do=", "do=x", "do=.x", "cmd=help", "%", "do=a.b" + "&x=1" * 200])
def test_other_buttons_ask_nothing_of_a_skill(data: str) -> None:
    assert doing_of(data) in (None, doing_of(data[:300]))
    assert doing_of("cmd=help") is None


@given(st.text(max_size=200))
def test_no_text_breaks_the_doors(said: str) -> None:
    DOORS.opened_by(said)


def test_the_skills_that_ship_open_by_different_words() -> None:
    Skills(ordered(ALL, [skill.name for skill in ALL])).preload()


def test_a_skill_that_nobody_knows_stops_the_start() -> None:
    with pytest.raises(ValueError, match="unknown skills: dance"):
        ordered(ALL, ["dance"])
