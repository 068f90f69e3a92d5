"""The first minutes: hello, language, help, consent, the emergency button, silence and coming back."""

from __future__ import annotations

import pytest

from namjai.devkit.running import Running
from namjai.events.member import LanguageChosen, MemberConsented, MemberPaused, MemberResumed
from namjai.events.reply import ReplyIssued
from tests.e2e.conversations.conftest import Person, Somebody, as_json


@pytest.mark.parametrize(
    ("words", "expected"),
    [("สวัสดีค่ะ", "โปรแกรม"), ("Hello, is anybody there?", "software"), ("你好，有人在嗎？", "程式")],
)
async def test_whoever_writes_first_is_told_that_this_is_software(talking: Running, words: str, expected: str) -> None:
    hello = await Person(talking).say(words)
    assert expected in hello.text
    assert hello.buttons


@pytest.mark.parametrize(
    ("language", "asked", "expected"), [("th", "ฉุกเฉิน", "1323"), ("en", "emergency", "1323"), ("zh-TW", "緊急", "1925")]
)
async def test_the_numbers_to_call_are_one_word_away(
    somebody: Somebody, language: str, asked: str, expected: str
) -> None:
    person = await somebody(language)
    assert f"tel:{expected}" in as_json(await person.say(asked))


@pytest.mark.parametrize("language", ["th", "en", "zh-TW"])
async def test_every_button_of_the_menu_leads_somewhere(somebody: Somebody, language: str) -> None:
    person = await somebody(language)
    menu = await person.press("cmd=help")
    assert len(menu.buttons) >= 5
    for label in list(menu.buttons)[:4]:
        assert (await person.tap(menu, label)).text


async def test_consent_is_given_and_withdrawn_for_one_purpose_at_a_time(somebody: Somebody) -> None:
    person = await somebody("en", agreed=("model", "chat"))
    await person.press("cmd=consent&purpose=model&granted=no")
    noted = [(each.purpose, each.granted) for each in await person.facts(MemberConsented)]
    assert noted == [("model", True), ("chat", True), ("model", False)]


async def test_a_model_words_support_only_for_whoever_agreed(somebody: Somebody) -> None:
    careful, open_minded = await somebody("en"), await somebody("en", agreed=("model",))
    for person in (careful, open_minded):
        await person.say("I feel bored in the evenings")
    (kept,) = [each for each in await careful.facts(ReplyIssued) if each.kind == "support"]
    (worded,) = [each for each in await open_minded.facts(ReplyIssued) if each.kind == "support"]
    assert (kept.responder, kept.uses) == ("offline", ())
    assert worded.responder not in ("offline", "fixed")
    assert [use.outcome for use in worded.uses] == ["said"]


async def test_somebody_who_wants_quiet_gets_it_until_they_come_back(somebody: Somebody) -> None:
    person = await somebody("th")
    await person.say("หยุด")
    back = await person.say("เริ่ม")
    assert back.text
    assert await person.facts(MemberPaused)
    assert await person.facts(MemberResumed)


async def test_the_language_follows_the_choice_and_not_the_words(somebody: Somebody) -> None:
    person = await somebody("zh-TW")
    assert [each.language for each in await person.facts(LanguageChosen)] == ["zh-TW"]
    answer = await person.say("I want to drink less")
    assert any("\u4e00" <= char <= "\u9fff" for char in answer.text)
