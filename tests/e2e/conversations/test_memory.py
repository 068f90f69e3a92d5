"""People see what is remembered of them, have something remembered, and have it forgotten."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from namjai.chat.content import ui_texts
from namjai.chat.domain.summary import EVERY_TURNS
from namjai.chat.skills.memory.texts import texts
from namjai.devkit.running import until
from namjai.events.leaflet import LeafletMade
from namjai.events.memory import MemoryForgotten, MemoryNoted, MemorySummarised
from tests.e2e.conversations.conftest import Person, Somebody

BOTH = ("model", "chat")
OPEN = {"th": "จำอะไรได้บ้าง", "en": "what do you remember?", "zh-TW": "你記得什麼？"}
NOTE = {
    "th": "จำไว้ว่าลูกสาวเกิดเดือนหก",
    "en": "Remember that my daughter was born in June",
    "zh-TW": "請記住我女兒六月出生",
}
NOTED = {"th": "ลูกสาวเกิดเดือนหก", "en": "my daughter was born in June", "zh-TW": "我女兒六月出生"}
FORGET = {"th": "ลืมทุกอย่าง", "en": "forget everything", "zh-TW": "全部忘記"}
SUMMARY = "They want to drink less. A sister helps them."
FACT = "Likes long walks by the river"
SUMS_UP = "You keep the memory of Namjai"


@pytest.mark.parametrize("language", ["th", "en", "zh-TW"])
async def test_what_somebody_wants_remembered_is_shown_and_forgotten_by_a_button(
    somebody: Somebody, language: Any
) -> None:
    person, words = await somebody(language, agreed=BOTH), texts(language)
    assert NOTED[language] in (await person.say(NOTE[language])).text
    shown = await person.say(OPEN[language])
    assert NOTED[language] in shown.text
    gone = await person.tap(shown, words.labels.forget.format(number=1))
    assert words.forgotten in gone.text
    assert words.nothing in (await person.say(OPEN[language])).text
    assert len(await person.facts(MemoryForgotten)) == 1


@pytest.mark.parametrize("language", ["th", "en", "zh-TW"])
async def test_everything_is_forgotten_after_one_question_and_out_of_the_log(somebody: Somebody, language: Any) -> None:
    person, words = await somebody(language, agreed=BOTH), texts(language)
    await person.say(NOTE[language])
    asked = await person.say(FORGET[language])
    assert words.ask_all in asked.text
    assert words.all_forgotten in (await person.tap(asked, words.labels.yes_all)).text
    assert words.nothing in (await person.say(OPEN[language])).text
    assert await until(lambda: _none_left(person), 10)


@pytest.mark.parametrize("language", ["th", "en", "zh-TW"])
async def test_without_consent_nothing_is_kept_and_two_taps_change_that(somebody: Somebody, language: Any) -> None:
    person, words, labels = await somebody(language), texts(language), ui_texts(language).labels
    asked = await person.say(NOTE[language])
    assert words.ask_consent in asked.text
    await person.tap(asked, labels["give_chat"])
    await person.tap(asked, labels["give_model"])
    assert NOTED[language] in (await person.say(NOTE[language])).text
    assert len(await person.facts(MemoryNoted)) == 1


async def test_of_somebody_new_nothing_is_remembered(somebody: Somebody) -> None:
    person = await somebody("en")
    assert texts("en").nothing in (await person.say(OPEN["en"])).text


async def test_who_is_asked_what_to_remember_says_it_in_the_next_message(somebody: Somebody) -> None:
    person = await somebody("en", agreed=BOTH)
    assert texts("en").ask_note in (await person.say("please remember")).text
    assert "I sleep badly on Sundays" in (await person.say("I sleep badly on Sundays")).text


async def test_a_wish_that_tells_of_danger_gets_the_card_and_is_kept_nowhere(somebody: Somebody) -> None:
    person = await somebody("en", agreed=BOTH)
    card = await person.say("remember that I am going to kill myself tonight, I have the pills here")
    assert "1323" in card.text
    assert await person.facts(MemoryNoted) == []


async def test_a_consent_taken_back_takes_the_memory_along(somebody: Somebody) -> None:
    person = await somebody("en", agreed=BOTH)
    await person.say(NOTE["en"])
    await person.press("cmd=consent&purpose=chat&granted=no")
    assert texts("en").nothing in (await person.say(OPEN["en"])).text
    await person.press("cmd=consent&purpose=chat&granted=yes")
    assert texts("en").nothing in (await person.say(OPEN["en"])).text


async def test_a_long_conversation_is_summed_up_and_the_person_can_read_it(somebody: Somebody) -> None:
    person = await somebody("en", agreed=BOTH)
    await person.namjai.script(
        {"system": SUMS_UP, "match": "", "text": json.dumps({"summary": SUMMARY, "notes": [FACT]})}
    )
    for day in range(EVERY_TURNS + 1):
        await person.say(f"on day {day} I had tea with a friend and went home early")
    await until(lambda: person.facts(MemorySummarised), 20)
    shown = await person.say(OPEN["en"])
    assert SUMMARY in shown.text
    assert FACT in shown.text


async def test_two_people_who_ask_about_the_same_thing_get_one_leaflet(somebody: Somebody) -> None:
    one, other = await asyncio.gather(*(somebody("en", agreed=("model",)) for _ in range(2)))
    for person, said in ((one, "health leaflet tennis elbow"), (other, "health leaflet tell me about Tennis Elbow")):
        await person.say(said)
    [first], [second] = await one.facts(LeafletMade), await other.facts(LeafletMade)
    assert first.source == "generated"
    assert first.leaflet == second.leaflet


async def _none_left(person: Person) -> bool:
    return await person.facts(MemoryNoted) == []
