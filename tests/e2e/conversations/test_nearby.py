"""Places, stickers and files: what people send besides words, pictures and voice, and what they get for it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from namjai.events.reply import ReplyIssued
from namjai.events.risk import RiskAssessed
from tests.e2e.conversations.conftest import Somebody, Turn, as_json

LUMPHINI = {"type": "location", "title": "Lumphini", "latitude": 13.7307, "longitude": 100.5418}
TAIPEI = {"type": "location", "latitude": 25.0330, "longitude": 121.5654}
OCEAN = {"type": "location", "latitude": 0.0, "longitude": -150.0}
NEAR_ME = {"th": "ใกล้ฉัน", "en": "near me", "zh-TW": "附近"}
SHARE = {"th": "แชร์ตำแหน่ง", "en": "Share my location", "zh-TW": "分享我的位置"}
HOSPITAL = {"th": "โรงพยาบาลจุฬาลงกรณ์", "en": "King Chulalongkorn", "zh-TW": "朱拉隆功"}
SAD = {"type": "sticker", "packageId": "446", "stickerId": "1990", "keywords": ["Bear", "Sad", "crying"]}
FILE = {"type": "file", "fileName": "results.pdf", "fileSize": 20_000}
VIDEO = {"type": "video", "duration": 5_000, "contentProvider": {"type": "line"}}


def addresses(turn: Turn) -> list[str]:
    """Every number and page that a tap would open."""
    return [each for each in json.dumps(turn.messages).split('"') if each.startswith(("tel:", "https:"))]


@pytest.mark.parametrize("language", ["th", "en", "zh-TW"])
async def test_who_asks_for_help_near_them_shares_a_place_and_gets_the_closest(
    somebody: Somebody, language: str
) -> None:
    person = await somebody(language)
    asked = await person.say(NEAR_ME[language])
    assert asked.buttons[SHARE[language]]["type"] == "location", as_json(asked)
    found = await person.send(LUMPHINI)
    assert found.kinds == ["text", "flex"]
    assert HOSPITAL[language] in found.text
    assert "1165" in found.text
    assert sum("maps" in each for each in addresses(found)) == 3


async def test_a_place_needs_no_question_before_it(somebody: Somebody) -> None:
    person = await somebody("zh-TW")
    found = await person.send(TAIPEI)
    assert "松德院區" in found.text, as_json(found)
    assert "0800770885" in found.text


async def test_a_thai_in_taipei_is_given_taiwans_numbers(somebody: Somebody) -> None:
    person = await somebody("th")
    found = await person.send(TAIPEI)
    assert "1925" in found.text, as_json(found)
    assert "1323" not in found.text


async def test_in_the_middle_of_nowhere_there_are_still_numbers(somebody: Somebody) -> None:
    person = await somebody("en")
    found = await person.send(OCEAN)
    assert found.kinds == ["text"]
    assert "1165" in found.text


@pytest.mark.parametrize("odd", [{"latitude": 123.0}, {"latitude": None, "longitude": None}], ids=["off", "without"])
async def test_an_odd_place_is_answered_kindly(somebody: Somebody, odd: dict[str, Any]) -> None:
    person = await somebody("en")
    assert (await person.send({**LUMPHINI, **odd})).text


async def test_two_places_and_the_newer_one_counts(somebody: Somebody) -> None:
    person = await somebody("en")
    await person.send(LUMPHINI)
    found = await person.send({**LUMPHINI, "latitude": 18.79, "longitude": 98.97})
    assert "Chiang Mai" in found.text, as_json(found)


@pytest.mark.parametrize("language", ["th", "en", "zh-TW"])
async def test_a_sad_sticker_is_answered_for_its_feeling(somebody: Somebody, language: str) -> None:
    person = await somebody(language)
    answered = await person.send(SAD)
    assert answered.text
    newest = (await person.facts(ReplyIssued))[-1]
    assert (newest.intent, newest.language) == ("sadness", language)


async def test_what_a_sticker_says_is_screened(somebody: Somebody) -> None:
    person = await somebody("en")
    card = await person.send({**SAD, "keywords": ["Bear", "kill myself"]})
    assert "1323" in card.text, as_json(card)
    assert (await person.facts(RiskAssessed))[-1].level in ("high", "crisis")


@pytest.mark.parametrize("sent", [FILE, VIDEO], ids=["file", "video"])
@pytest.mark.parametrize("language", ["th", "en", "zh-TW"])
async def test_what_nobody_here_can_open_is_declined_politely(
    somebody: Somebody, language: str, sent: dict[str, Any]
) -> None:
    person = await somebody(language)
    answered = await person.send(sent)
    assert answered.text
    newest = (await person.facts(ReplyIssued))[-1]
    assert newest.intent == f"got_{sent['type']}"


async def test_a_file_s_name_is_screened_too(somebody: Somebody) -> None:
    person = await somebody("en")
    card = await person.send({**FILE, "fileName": "I want to kill myself tonight.pdf"})
    assert "1323" in card.text, as_json(card)


async def test_a_place_in_a_crisis_does_not_end_it(somebody: Somebody) -> None:
    person = await somebody("th")
    await person.say("อยากตาย คืนนี้จะทำแน่ๆ")
    assert (await person.send(LUMPHINI)).text
    newest = (await person.facts(ReplyIssued))[-1]
    assert newest.kind == "protocol"
