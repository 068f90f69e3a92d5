"""The supporter with people of three languages, through the real services and without a model: it listens."""

from __future__ import annotations

import asyncio

import pytest

from namjai.events.checkin import CheckInRecorded
from namjai.events.conversation import StageChanged
from namjai.events.reply import ReplyIssued
from tests.e2e.conversations.conftest import Person, Somebody

TEN_TURNS = {
    "en": [
        "hello",
        "I really want a beer after work",
        "I drank again last night",
        "I feel so ashamed",
        "part of me wants to quit",
        "I do it for my kids",
        "I have to stop",
        "starting tomorrow I won't drink",
        "3 days sober",
        "ok",
    ],
    "th": [
        "สวัสดี",
        "หลังเลิกงานอยากกินเบียร์มาก",
        "เมื่อคืนเผลอดื่มไปหลายแก้ว",
        "รู้สึกผิดมาก",
        "ใจหนึ่งก็อยากเลิก",
        "อยากเลิกเพื่อลูก",
        "ต้องเลิกให้ได้",
        "เริ่มพรุ่งนี้จะไม่ดื่ม",
        "ไม่ได้ดื่มมา 3 วันแล้ว",
        "ค่ะ",
    ],
    "zh-TW": [
        "你好",
        "下班後好想喝酒",
        "昨晚又喝了",
        "我覺得很愧疚",
        "一邊想戒一邊捨不得",
        "為了孩子",
        "我一定要戒",
        "從明天開始不喝",
        "沒喝三天了",
        "嗯",
    ],
}


async def test_ten_turns_with_somebody_who_may_be_remembered(somebody: Somebody) -> None:
    """No reply twice, the stage follows, and what was said comes back in a summary."""
    people = [(await somebody(language, agreed=("chat",)), language) for language in TEN_TURNS]
    await asyncio.gather(*(_ten_turns(person, language) for person, language in people))


async def _ten_turns(person: Person, language: str) -> None:
    texts = [(await person.say(words)).text for words in TEN_TURNS[language]]
    assert len(set(texts)) == len(texts)
    after_work = {"en": "time after work", "th": "ช่วงเลิกงาน", "zh-TW": "下班後"}[language]
    children = {"en": "your child", "th": "ลูก", "zh-TW": "孩子"}[language]
    assert after_work.lower() in texts[1].lower()
    assert any(children in text for text in texts[5:])
    stages = [fact.after for fact in await person.facts(StageChanged)]
    assert stages[0] == "lapse"
    assert stages[-1] == "action"
    told = [fact.content[-1] for fact in await person.facts(ReplyIssued) if fact.kind == "support"]
    assert any(content.endswith("/summary") for content in told)
    assert len(set(told)) == len(told)


@pytest.mark.parametrize(
    ("language", "said", "signs"),
    [
        ("en", "I stopped drinking two days ago and my hands tremble a little", ("today", "hospital", "ambulance")),
        ("th", "หยุดเหล้ามาสองวัน ไม่ค่อยสบาย ถอนเหล้าอยู่", ("วันนี้", "โรงพยาบาล")),
        ("zh-TW", "戒斷有點不舒服", ("今天", "醫院")),
    ],
)
async def test_withdrawal_is_sent_to_a_doctor(
    somebody: Somebody, language: str, said: str, signs: tuple[str, ...]
) -> None:
    turn = await (await somebody(language)).say(said)
    assert any(sign in turn.text for sign in signs)


FAMILY = {
    "en": ["my husband drinks every night", "I'm so tired of it", "he asked me for money again", "he was sober today"],
    "th": ["สามีกินเหล้าทุกวัน", "เหนื่อยมาก", "เขาขอเงินอีกแล้ว", "วันนี้เขาไม่ดื่ม"],
    "zh-TW": ["老公每天喝酒", "我好累", "他又跟我要錢", "他今天沒喝"],
}


async def test_a_familys_conversation_stays_theirs(somebody: Somebody) -> None:
    await asyncio.gather(*[_a_familys_conversation(await somebody(language), language) for language in FAMILY])


async def _a_familys_conversation(person: Person, language: str) -> None:
    for words in FAMILY[language]:
        await person.say(words)
    intents = [fact.intent for fact in await person.facts(ReplyIssued) if fact.kind == "support"]
    assert intents == ["family", "family_tired", "family_money", "family_sober"]
    assert await person.facts(StageChanged) == []


async def test_the_rulers_ask_why_not_lower(somebody: Somebody) -> None:
    reasons = {"en": "because of my daughter", "th": "เพราะลูกสาว", "zh-TW": "因為女兒"}
    people = [(await somebody(language, agreed=("chat",)), reason) for language, reason in reasons.items()]
    await asyncio.gather(*[_the_rulers(person, reason) for person, reason in people])


async def _the_rulers(person: Person, reason: str) -> None:
    turn = await person.press("do=support.rulers")
    turn = await person.tap(turn, "7")
    assert "7" in turn.text
    assert "5" in turn.text
    turn = await person.say(reason)
    turn = await person.tap(turn, "4")
    turn = await person.say(reason)
    turn = await person.say("8")
    assert "8" in turn.text
    (record,) = await person.facts(CheckInRecorded)
    assert (record.importance, record.confidence, record.readiness) == (7, 4, 8)
    (stage,) = await person.facts(StageChanged)
    assert (stage.after, stage.by) == ("preparation", "rulers")


async def test_without_consent_nothing_earlier_is_used(somebody: Somebody) -> None:
    person = await somebody("en")
    texts = [(await person.say(words)).text for words in TEN_TURNS["en"]]
    told = [content for fact in await person.facts(ReplyIssued) for content in fact.content]
    assert not any(content.endswith("/summary") for content in told)
    assert "time after work" in texts[1].lower()  # of this message itself


async def test_who_goes_on_using_is_told_how_to_be_safer(somebody: Somebody) -> None:
    turn = await (await somebody("th")).say("คืนนี้จะใช้อยู่ดี")
    assert "คนเดียว" in turn.text or "การผสม" in turn.text
    assert "ฉุกเฉิน" in turn.buttons


async def test_a_family_member_in_danger_hears_of_safety_first(somebody: Somebody) -> None:
    person = await somebody("zh-TW")
    await person.say("老公每天喝酒")
    turn = await person.say("他喝醉就砸東西，我很怕他")
    assert "緊急求助" in turn.buttons or "110" in turn.text
