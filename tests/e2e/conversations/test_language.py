"""Languages: people who write in theirs, change it, mix it, choose it, and are in danger in one without a card."""

from __future__ import annotations

import json

import pytest

from namjai.chat.content import UI_LANGUAGES, UiLanguage, own_name, ui_texts
from namjai.devkit.running import Running
from namjai.events.member import LanguageChosen
from namjai.events.reply import ReplyIssued
from tests.e2e.conversations.conftest import Person, Somebody, Turn, as_json


async def languages(person: Person) -> list[str]:
    """The language of each turn that the person got."""
    return [turn.language for turn in await person.facts(ReplyIssued)]


def has(turn: Turn, first: str, last: str) -> bool:
    """Whether a letter of this script can be read in the turn."""
    return any(first <= char <= last for char in turn.text)


async def test_a_person_who_changes_language_is_followed(talking: Running) -> None:
    person = Person(talking)
    thai = await person.say("วันนี้เหนื่อยมากเลย อยากดื่ม")
    chinese = await person.say("我今天真的很累，想喝酒")
    english = await person.say("I am so tired today and I want to drink")
    assert has(thai, "\u0e00", "\u0e7f")
    assert has(chinese, "\u4e00", "\u9fff")
    assert not has(english, "\u0e00", "\u9fff")
    assert await languages(person) == ["th", "zh-TW", "en"]


@pytest.mark.parametrize("said", ["ok", "555", "hi", "thank you"])
async def test_a_few_letters_of_every_language_flip_nobody(talking: Running, said: str) -> None:
    person = Person(talking)
    await person.say("สวัสดี วันนี้เครียดมาก")
    assert has(await person.say(said), "\u0e00", "\u0e7f")
    assert await languages(person) == ["th", "th"]


async def test_a_japanese_person_is_greeted_in_japanese_and_told_once_that_answers_are_english(
    talking: Running,
) -> None:
    person = Person(talking)
    why = ui_texts("ja").in_english
    first = await person.say("今日はとても疲れました。お酒が飲みたいです。")
    assert ui_texts("ja").greeting[0] in first.text
    assert why in first.text
    second = await person.say("夜になると寂しいです。")
    assert why not in second.text
    assert second.text.isascii() or not has(second, "\u3040", "\u30ff")
    assert await languages(person) == ["ja", "ja"]


async def test_a_japanese_person_stays_japanese_with_a_word_in_kanji(talking: Running) -> None:
    person = Person(talking)
    await person.say("眠れない夜が続いています")
    await person.say("大丈夫")
    assert await languages(person) == ["ja", "ja"]


async def test_a_vietnamese_person_finds_their_way(talking: Running) -> None:
    person = Person(talking)
    hello = await person.say("Tôi muốn bỏ rượu nhưng khó quá")
    ui = ui_texts("vi")
    assert ui.greeting[0] in hello.text
    menu = await person.tap(hello, ui.labels["help"])
    assert ui.help in menu.text
    privacy = await person.tap(menu, ui.labels["privacy"])
    assert privacy.messages[0]["text"] == ui.privacy[0]
    assert await languages(person) == ["vi", "vi", "vi"]


@pytest.mark.parametrize(
    ("said", "language"),
    [
        ("오늘 너무 힘들어서 술 마시고 싶어요", "ko"),
        ("Saya ingin berhenti minum tapi susah sekali", "id"),
        ("Quiero dejar de beber pero no puedo dormir", "es"),
        ("Je voudrais arrêter de boire mais c'est difficile", "fr"),
    ],
)
async def test_others_are_met_in_their_language_too(talking: Running, said: str, language: UiLanguage) -> None:
    person = Person(talking)
    assert ui_texts(language).greeting[0] in (await person.say(said)).text
    assert await languages(person) == [language]


async def test_mixed_scripts_go_by_what_there_is_most_of(talking: Running) -> None:
    person = Person(talking)
    await person.say("ตอนนี้ stress มากเลย can not sleep ทั้งคืน")
    await person.say("我今天很 down，不想 work")
    assert await languages(person) == ["th", "zh-TW"]


async def test_the_menu_of_languages_offers_all_by_their_own_names(somebody: Somebody) -> None:
    person = await somebody("en")
    asked = await person.say("ภาษา")
    assert list(asked.buttons) == [own_name(language) for language in UI_LANGUAGES]
    chosen = await person.tap(asked, "日本語")
    assert ui_texts("ja").language_chosen in chosen.text
    assert ui_texts("ja").in_english in chosen.text
    assert [each.language for each in await person.facts(LanguageChosen)] == ["en", "ja"]


async def test_the_choice_wins_over_whatever_is_written(somebody: Somebody) -> None:
    person = await somebody("ko")
    await person.say("I want to drink less and I need your help")
    await person.say("วันนี้เหนื่อยมาก")
    menu = await person.say("เมนู")
    assert ui_texts("ko").help in menu.text
    assert await languages(person) == ["ko"] * 4


async def test_a_language_is_chosen_by_typing_its_name_in_any_language(somebody: Somebody) -> None:
    person = await somebody("th")
    assert ui_texts("fr").language_chosen in (await person.say("ภาษาฝรั่งเศส")).text
    assert ui_texts("zh-TW").language_chosen == (await person.say("中文")).text


async def test_consent_is_given_in_a_language_that_is_not_complete(somebody: Somebody) -> None:
    person, ui = await somebody("es"), ui_texts("es")
    overview = await person.press("cmd=consent")
    assert ui.consent in overview.text
    noted = await person.tap(overview, ui.labels["give_chat"])
    assert ui.consent_given.format(purpose=ui.purposes["chat"]) in noted.text


@pytest.mark.parametrize("language", ["ja", "vi"])
async def test_danger_gets_the_card_in_english_and_the_lines_of_the_country(
    somebody: Somebody, language: UiLanguage
) -> None:
    person = await somebody(language)
    card = await person.say("I am going to kill myself tonight")
    shown = json.dumps(card.messages, ensure_ascii=False)
    assert "tel:1323" in shown
    assert "not an emergency service" in card.text or "software" in card.text
    (turn,) = [each for each in await person.facts(ReplyIssued) if each.kind == "crisis"]
    assert (turn.language, turn.urgent, turn.asks) == (language, True, "safe_now")
    asked = await person.press("q=safe_now&a=no")
    assert asked.text, as_json(asked)


async def test_the_emergency_button_speaks_the_persons_language(somebody: Somebody) -> None:
    person = await somebody("id")
    shown = await person.say("sos")
    assert ui_texts("id").emergency in shown.text
    assert "tel:1669" in as_json(shown)


async def test_plain_talk_is_one_word_away_in_each_language(somebody: Somebody) -> None:
    person = await somebody("en")
    for word in ("chat", "คุย", "聊天"):
        assert (await person.say(word)).text == ui_texts("en").chat


async def test_a_model_words_the_answer_in_the_persons_language(somebody: Somebody) -> None:
    person = await somebody("ja", agreed=("model",))
    await person.say("夜になるととても寂しいです")
    (turn,) = [each for each in await person.facts(ReplyIssued) if each.kind == "support"]
    assert turn.language == "ja"
