"""What language the turns of a person are in, as the log has it."""

from __future__ import annotations

import pytest

from namjai.chat.content import ui_texts
from namjai.events.conversation import FlowMoved
from namjai.events.member import LanguageChosen
from namjai.events.reply import ReplyIssued
from tests.unit.chat.crisis.world import World


def first_text(reply: ReplyIssued) -> str:
    """The first bubble's words."""
    return str(reply.messages.value[0]["text"])


def test_a_turn_names_the_persons_language_also_where_its_words_are_english() -> None:
    world = World()
    hello = world.says("今日はとても疲れました")
    assert (hello.language, first_text(hello)) == ("ja", ui_texts("ja").greeting[0])
    again = world.says("眠れません")
    assert (again.language, again.kind) == ("ja", "support")
    assert first_text(again).isascii() or ui_texts("ja").in_english not in first_text(again)


def test_a_card_in_english_leaves_a_person_in_their_language() -> None:
    world = World()
    world.says("Tôi không ngủ được")
    card = world.says("tôi muốn chết", level="crisis")
    assert (card.kind, card.language) == ("crisis", "vi")
    assert "1323" in str(card.messages.value)
    assert world.says("ok").language == "vi"


def test_a_button_says_nothing_about_a_language() -> None:
    world = World()
    world.presses("cmd=help")
    assert world.state.person.last_language is None
    world.says("ok")
    assert world.state.person.last_language == "en"


def test_a_language_named_to_a_skill_that_works_between_languages_is_its_own() -> None:
    world = World()
    world.says("I want to talk to my doctor")
    world.fact(FlowMoved(skill="interpreter", step="asking"))
    assert world.says("Japanese").kind == "support"
    assert world.of(LanguageChosen) == []
    assert world.presses("cmd=language&language=ja").kind == "command"
    assert world.state.person.chosen_language == "ja"


@pytest.mark.parametrize("word", ["chat", "คุย", "開始"])
def test_plain_talk_closes_what_a_skill_has_open(word: str) -> None:
    world = World()
    world.says("I want to talk")
    world.fact(FlowMoved(skill="diary", step="mood"))
    assert world.state.flow is not None
    world.says(word)
    assert world.state.flow is None
