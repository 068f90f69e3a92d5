"""People let Namjai interpret: languages chosen, words made plain, answers carried back, and ways out."""

from __future__ import annotations

import asyncio

import pytest

from namjai.chat.skills.interpreter.texts import texts
from namjai.devkit.running import Running
from namjai.events.conversation import FlowMoved
from namjai.events.reply import ReplyIssued
from namjai.events.risk import RiskAssessed
from tests.e2e.conversations.conftest import Person, Somebody


async def _open(somebody: Somebody, language: str, target: str) -> Person:
    person = await somebody(language, agreed=("model",))
    menu = await person.press("do=interpreter.open")
    await person.tap(menu, target)
    return person


@pytest.mark.parametrize(
    ("language", "target", "words"),
    [
        ("th", "日本語", "ปวดท้องมาสามวันแล้ว"),
        ("en", "ไทย", "My head hurts."),
        ("zh-TW", "English", "我的頭很痛"),
        ("zh-TW", "tiếng Việt", "我的肚子很痛"),
    ],
)
async def test_what_is_written_comes_back_in_the_other_language(
    somebody: Somebody, language: str, target: str, words: str
) -> None:
    person = await _open(somebody, language, target)
    said = await person.say(words)
    if (yes := texts(language).labels["yes"]) in said.buttons:
        said = await person.tap(said, yes)
    assert said.text.startswith(target), said.text
    turns = [each for each in await person.facts(ReplyIssued) if each.skill == "interpreter"]
    assert turns[-1].responder not in ("fixed", "offline")
    assert [use.purpose for use in turns[-1].uses if use.outcome == "said"][-1] == "translate"


@pytest.mark.parametrize(("language", "door"), [("th", "ล่าม"), ("en", "interpreter"), ("zh-TW", "口譯")])
async def test_without_consent_it_is_asked_for_and_then_it_goes_on(
    somebody: Somebody, language: str, door: str
) -> None:
    person = await somebody(language)
    asked = await person.say(door)
    words = texts(language)
    await person.tap(asked, words.labels["allow"])
    menu = await person.say(door)
    assert "日本語" in menu.buttons


async def test_the_direction_is_swapped_for_the_answer(somebody: Somebody) -> None:
    person = await _open(somebody, "th", "English")
    said = await person.say("เจ็บตรงนี้")
    if "ใช่ แปลเลย" in said.buttons:
        said = await person.tap(said, "ใช่ แปลเลย")
    swapped = await person.tap(said, "⇄ สลับภาษา")
    assert "อังกฤษ → ไทย" in swapped.text


async def test_danger_in_the_middle_gets_its_card_and_interpreting_may_go_on_after(somebody: Somebody) -> None:
    person = await _open(somebody, "en", "ไทย")
    card = await person.say("I want to kill myself tonight, I have the pills here")
    assert "tel:" in str(card.messages)
    assert [each.level for each in await person.facts(RiskAssessed)][-1] == "crisis"
    assert [each.kind for each in await person.facts(ReplyIssued)][-1] == "crisis"


async def test_whatever_is_to_be_interpreted_is_screened_first(somebody: Somebody) -> None:
    person = await _open(somebody, "en", "日本語")
    await person.say("Where is the pharmacy?")
    turns = [each for each in await person.facts(ReplyIssued) if each.skill == "interpreter"]
    assert all(each.screened for each in turns)
    assert turns[-1].assessments


async def test_other_wishes_in_between_are_heard_and_lead_back(somebody: Somebody) -> None:
    person = await _open(somebody, "en", "한국어")
    plan = await person.press("do=plan.show")
    assert texts("en").labels["resume"] in plan.buttons
    again = await person.tap(plan, texts("en").labels["resume"])
    assert again.text


async def test_it_ends_when_it_is_stopped(somebody: Somebody) -> None:
    person = await _open(somebody, "zh-TW", "English")
    await person.press("do=interpreter.stop")
    assert [each.step for each in await person.facts(FlowMoved)][-1] == "done"
    answer = await person.say("我今天好累")
    assert not answer.text.startswith("English")


async def test_five_thousand_characters_are_asked_for_in_pieces(somebody: Somebody) -> None:
    person = await _open(somebody, "en", "ไทย")
    said = await person.say("It hurts here. " * 330)
    assert "600" in said.text


async def test_several_people_are_interpreted_at_the_same_time_and_nothing_is_mixed_up(somebody: Somebody) -> None:
    people = [await _open(somebody, "en", target) for target in ("ไทย", "日本語", "français")]
    said = await asyncio.gather(*(person.say("Good morning.") for person in people))
    assert [each.text.splitlines()[0].rstrip(":") for each in said] == ["ไทย", "日本語", "français"]


async def test_whose_language_it_is_does_not_change_by_what_is_interpreted(talking: Running) -> None:
    person = Person(talking)
    await person.say("I would like to drink less")
    await person.press("cmd=consent&purpose=model&granted=yes")
    await person.press("do=interpreter.choose&source=en&target=th")
    said = await person.say("เจ็บตรงนี้มาสามวันแล้ว")
    labels = texts("en").labels
    assert {labels["stop"], labels["swap"]} & set(said.buttons) or labels["yes"] in said.buttons
