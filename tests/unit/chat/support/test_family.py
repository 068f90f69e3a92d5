"""Somebody who writes about a relative: recognised, and kept in that conversation until they write about themselves."""

from __future__ import annotations

from datetime import timedelta

import pytest

from namjai.chat.content import LANGUAGES, Language
from namjai.chat.skills.support import understand
from namjai.chat.skills.support.library import replies
from namjai.chat.skills.support.talk import SITTING
from namjai.events.conversation import FlowMoved, StageChanged
from tests.unit.chat.support.conversing import Conversation
from tests.unit.chat.visits import buttons

SITUATIONS: dict[str, tuple[str, str, str]] = {
    "family_safety": ("he hits me when he drinks", "เขาตบฉันตอนเมา", "他喝醉就打我"),
    "family_now": ("he passed out on the floor", "ตอนนี้เขาเมาไม่รู้เรื่อง", "他現在喝醉叫不醒"),
    "family_children": ("the kids are afraid of it", "ลูกๆ กลัวกันหมด", "孩子都很怕"),
    "family_money": ("he stole money from my bag", "เขาขโมยเงินไป", "他一直跟我要錢"),
    "family_lies": ("he lies about everything", "เขาโกหกตลอด", "他一直說謊"),
    "family_guilt": ("is it my fault?", "เป็นความผิดของฉันหรือเปล่า", "是不是我的錯"),
    "family_suspect": ("I found some pills in his room", "เจอซองยาในห้องลูก", "我發現他房間有藥"),
    "family_refuses": ("he refuses to see anyone", "เขาไม่ยอมไปหาหมอ", "他不肯承認"),
    "family_quarrel": ("we argue every evening", "ทะเลาะกันทุกคืน", "我們一直吵架"),
    "family_sober": ("he hasn't had a drink this week", "วันนี้เขาไม่ดื่ม", "他今天沒喝"),
    "family_treatment": ("how do we get him into rehab", "อยากพาไปบำบัด", "想帶他去治療"),
    "family_lapse": ("he relapsed", "เขากลับไปใช้อีกแล้ว", "他又復發了"),
    "family_talk": ("how should I talk to her", "จะพูดกับเขายังไงดี", "要怎麼跟他說"),
    "family_tired": ("I'm exhausted", "เหนื่อยจนไม่ไหวแล้ว", "我好累，受不了了"),
}
BEGINS: dict[Language, str] = {"en": "my husband drinks every night", "th": "สามีกินเหล้าทุกวัน", "zh-TW": "老公每天喝酒"}
ORDER: tuple[Language, ...] = ("en", "th", "zh-TW")


@pytest.mark.parametrize(
    ("said", "situation"), [(words, situation) for situation, each in SITUATIONS.items() for words in each]
)
def test_a_situation_is_understood_where_a_relative_is_talked_about(said: str, situation: str) -> None:
    reading = understand(said, family=True)
    assert (reading.intent, reading.family) == (situation, True)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_situation_has_words_of_its_own(language: Language) -> None:
    assert len(SITUATIONS) >= 8
    assert all(len(replies(language)[situation]) >= 2 for situation in SITUATIONS)


@pytest.mark.parametrize(
    "said",
    [
        "my son is using meth",
        "he came home drunk again",
        "I'm worried about my daughter",
        "my mother's drinking",
        "ลูกชายติดยาบ้า",
        "เขาเมากลับบ้านอีกแล้ว",
        "他又喝醉了",
        "我兒子在吸毒",
    ],
)
def test_somebody_who_writes_about_another_is_recognised_at_once(said: str) -> None:
    assert understand(said).family


@pytest.mark.parametrize(
    "said",
    [
        "I drank because my wife left",
        "my friends keep pushing me to drink",
        "I want a drink",
        "I do it for my kids",
        "แม่ด่าเพราะเมื่อคืนผมกินเหล้า",
        "อยากเลิกเพื่อลูก",
        "為了孩子",
        "我昨晚又喝了",
    ],
)
def test_somebody_who_writes_about_themselves_is_not(said: str) -> None:
    assert not understand(said).family


@pytest.mark.parametrize("consents", [frozenset[str](), frozenset({"chat"})])
@pytest.mark.parametrize("language", ORDER)
def test_it_stays_their_conversation_over_the_turns(language: Language, consents: frozenset[str]) -> None:
    talk = Conversation(language=language, consents=consents)
    assert talk.said(BEGINS[language]).intent == "family"
    for situation in ("family_tired", "family_money", "family_sober"):
        assert talk.said(SITUATIONS[situation][ORDER.index(language)]).intent == situation
    assert talk.facts(StageChanged) == []


@pytest.mark.parametrize(
    ("begins", "own", "intent"),
    [
        ("my husband drinks every night", "and I drank last night", "lapse"),
        ("my husband drinks every night", "I want a drink", "craving"),
        ("สามีกินเหล้าทุกวัน", "ตอนนี้ฉันอยากกินเหล้ามาก", "craving"),
        ("老公每天喝酒", "我昨晚又喝了", "lapse"),
    ],
)
def test_who_begins_to_write_about_themselves_is_heard_so(begins: str, own: str, intent: str) -> None:
    talk = Conversation()
    talk.said(begins)
    assert talk.said(own).intent == intent
    assert talk.flow is None or talk.flow.step != "family"


def test_courtesies_do_not_end_it() -> None:
    talk = Conversation()
    talk.said("my son is using meth")
    assert talk.said("thank you").intent == "thanks"
    assert talk.said("he stole money from me").intent == "family_money"


def test_the_next_day_it_is_a_new_conversation() -> None:
    talk = Conversation(consents=frozenset())
    talk.said("my son is using meth")
    talk.now += SITTING + timedelta(minutes=1)
    assert talk.said("I feel so sad").intent == "sadness"


def test_it_is_written_down_once_and_without_a_word_of_theirs() -> None:
    talk = Conversation()
    for words in ("my son is using meth", "he lies about everything", "I'm exhausted"):
        talk.said(words)
    (moved,) = talk.facts(FlowMoved)
    assert (moved.skill, moved.step, moved.slots) == ("support", "family", None)


def test_a_familys_safety_comes_with_the_way_to_help() -> None:
    talk = Conversation()
    talk.said("my husband drinks every night")
    assert buttons(talk.said("he hits me"))["Emergency"] == "cmd=emergency"
