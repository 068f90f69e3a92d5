"""Exercises with people of three languages, through the real services: at their own pace, left, resumed, and ended."""

from __future__ import annotations

import asyncio

import pytest

from namjai.events.conversation import ExerciseEnded, FlowMoved
from tests.e2e.conversations.conftest import Person, Somebody, Turn

NEXT = {"en": "I did it, next", "th": "ทำแล้ว ไปต่อ", "zh-TW": "做了，下一步"}
LAST = {"en": "Done", "th": "ทำครบแล้ว", "zh-TW": "做完了"}
STOP = {"en": "Stop here", "th": "หยุดตรงนี้", "zh-TW": "先停在這裡"}
RESUME = {"en": "Go on with exercise", "th": "ฝึกต่อจากเดิม", "zh-TW": "繼續練習"}


async def through(person: Person, turn: Turn, language: str) -> Turn:
    """Tap through all steps."""
    while NEXT[language] in turn.buttons:
        turn = await person.tap(turn, NEXT[language])
    return await person.tap(turn, LAST[language])


@pytest.mark.parametrize(
    ("language", "word", "eased"),
    [
        ("en", "urge surfing", "It went from 8 to 3"),
        ("th", "โต้คลื่น", "จาก 8 เหลือ 3"),
        ("zh-TW", "衝動衝浪", "從 8 分到 3 分"),
    ],
)
async def test_a_craving_is_ridden_out(somebody: Somebody, language: str, word: str, eased: str) -> None:
    person = await somebody(language)
    turn = await person.say(word)
    turn = await through(person, await person.tap(turn, "8"), language)
    turn = await person.tap(turn, "3")
    assert eased in turn.text
    assert await person.facts(ExerciseEnded) == [
        ExerciseEnded(exercise="urge_surfing", completed=True, before=8, after=3)
    ]
    assert (await person.facts(FlowMoved))[-1].step == "done"


@pytest.mark.parametrize(
    ("language", "craving", "button"),
    [
        ("en", "I really want a drink right now", "Ride the urge"),
        ("th", "ตอนนี้อยากกินเหล้ามากเลย", "โต้คลื่นความอยาก"),
        ("zh-TW", "我現在好想喝酒", "跟著浪走"),
    ],
)
async def test_somebody_with_a_craving_is_offered_one(
    somebody: Somebody, language: str, craving: str, button: str
) -> None:
    person = await somebody(language)
    turn = await person.tap(await person.say(craving), button)
    assert "10" in turn.buttons
    turn = await person.say("9")
    assert NEXT[language] in turn.buttons
    turn = await person.say("...")
    assert NEXT[language] in turn.buttons


@pytest.mark.parametrize(
    ("language", "aside"),
    [
        ("en", "can I tell you about my sister?"),
        ("th", "น้ำใจเป็นคนจริงไหม"),
        ("zh-TW", "你是真人嗎？"),
    ],
)
async def test_a_question_in_between_is_answered_and_the_way_back_is_there(
    somebody: Somebody, language: str, aside: str
) -> None:
    person = await somebody(language)
    turn = await person.press("do=coping.open&exercise=breathing")
    turn = await person.tap(turn, "5")
    first = await person.tap(turn, NEXT[language])
    turn = await person.say(aside)
    assert RESUME[language] in turn.buttons
    back = await person.tap(turn, RESUME[language])
    assert first.text.splitlines()[-1] in back.text


async def test_danger_in_the_middle_comes_first_and_the_exercise_waits(somebody: Somebody) -> None:
    person = await somebody("th")
    turn = await person.press("do=coping.open&exercise=grounding")
    turn = await person.tap(turn, "7")
    turn = await person.say("อยากตาย คืนนี้จะทำแน่ๆ")
    assert "1323" in turn.text
    assert await person.facts(ExerciseEnded) == []


async def test_stopping_is_kind_and_on_record(somebody: Somebody) -> None:
    people = await asyncio.gather(*(somebody(language) for language in STOP))
    for person, language in zip(people, STOP, strict=True):
        turn = await person.press("do=coping.open&exercise=delay")
        turn = await person.tap(turn, "6")
        await person.tap(turn, STOP[language])
        assert await person.facts(ExerciseEnded) == [ExerciseEnded(exercise="delay", completed=False, before=6)]


async def test_who_is_worse_off_afterwards_is_not_blamed(somebody: Somebody) -> None:
    person = await somebody("en")
    turn = await person.press("do=coping.open&exercise=relax")
    turn = await through(person, await person.tap(turn, "3"), "en")
    turn = await person.say("it's a 9 now")
    assert "does not mean you did it wrong" in turn.text
    assert "Emergency" in turn.buttons


async def test_reasons_become_a_card(somebody: Somebody) -> None:
    person = await somebody("zh-TW")
    turn = await person.say("我的理由卡")
    await person.tap(turn, "6")
    for reason in ("想多陪女兒", "媽媽", "睡得好", "在公園跑步"):
        turn = await person.say(reason)
    turn = await person.tap(turn, "4")
    assert turn.kinds[0] == "flex"
    assert all(reason in turn.text for reason in ("想多陪女兒", "媽媽", "睡得好", "在公園跑步"))


async def test_a_number_past_ten_and_five_thousand_letters_harm_nothing(somebody: Somebody) -> None:
    person = await somebody("en")
    await person.say("coping")
    await person.press("do=coping.open&exercise=relax")
    assert "from 0 to 10 is enough" in (await person.say("55")).text
    turn = await person.say("a" * 5_000)
    assert RESUME["en"] in turn.buttons


async def test_an_old_button_after_the_end_is_answered_kindly(somebody: Somebody) -> None:
    person = await somebody("th")
    turn = await person.press("do=coping.open&exercise=breathing")
    step = await person.tap(turn, "5")
    await person.tap(step, STOP["th"])
    turn = await person.tap(step, NEXT["th"])
    assert "จบไปแล้ว" in turn.text
