"""The picture of the diary: within LINE's limits, with a text beside it, and with nothing that shames."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from namjai.chat.content import LANGUAGES, Language
from namjai.chat.domain.messages import ALT_TEXT_MAX, BUBBLE_BYTES_MAX, problems
from namjai.chat.skills.diary import SKILL
from namjai.chat.skills.diary.picture import BAR_PX, CLEAN, CRAVING, MOOD, UNKNOWN, USED
from namjai.chat.skills.diary.texts import texts
from namjai.events import Sealed
from namjai.events.checkin import CheckInRecorded, RemindersSet
from namjai.events.conversation import ContactRequested, ExerciseEnded
from tests.unit.chat.visits import NOW, Talk, buttons
from tests.unit.chat.visits import texts as words_of


def boxes(part: Any, colour: str) -> list[dict[str, Any]]:
    found = []
    if isinstance(part, dict):
        found += [part] if part.get("backgroundColor") == colour else []
        part = list(part.values())
    if isinstance(part, list):
        found += [box for inner in part for box in boxes(inner, colour)]
    return found


def sheet(talk: Talk) -> dict[str, Any]:
    turn = talk.press("do=diary.view")
    assert turn is not None
    assert [problem for message in turn.messages for problem in problems(message)] == []
    return dict(turn.messages[1])


def full(language: Language) -> Talk:
    """A year and a bit, every day, with long notes in a script that takes many bytes, and every badge."""
    talk = Talk(SKILL, language=language)
    note = {"th": "วันนี้เหนื่อยแต่ก็ผ่านไปได้ ", "en": "a tiring day ", "zh-TW": "今天很累但是撐過去了 "}[language] * 30
    for ago in range(400, 0, -1):
        fact = CheckInRecorded(craving=ago % 11, mood=(ago * 7) % 11, used=ago == 380, note=Sealed(note))
        talk.records.add(fact, NOW - timedelta(days=ago))
    talk.records.add(ExerciseEnded(exercise="delay", completed=True))
    talk.records.add(ContactRequested(basis="consent"))
    return talk


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_fullest_diary_there_can_be_fits_into_one_bubble(language: Language) -> None:
    message = sheet(full(language))
    assert len(json.dumps(message["contents"], ensure_ascii=True)) <= BUBBLE_BYTES_MAX
    assert len(message["altText"]) <= ALT_TEXT_MAX
    shown = json.dumps(message, ensure_ascii=False)
    for badge in texts(language).badges.values():
        assert badge.name in shown


def test_bars_are_as_high_as_what_was_said_and_dots_have_their_colour() -> None:
    talk = Talk(SKILL)
    talk.records.add(CheckInRecorded(craving=10, mood=5, used=True), NOW - timedelta(days=2))
    talk.records.add(CheckInRecorded(craving=0, used=False), NOW - timedelta(days=1))
    contents = sheet(talk)["contents"]
    assert [box["height"] for box in boxes(contents, CRAVING)] == [f"{BAR_PX}px", "3px", "30px", "3px"]
    assert [box["height"] for box in boxes(contents, MOOD)][:1] == [f"{BAR_PX // 2}px"]
    assert len(boxes(contents, USED)) == 2  # in the week and in the month
    assert len(boxes(contents, CLEAN)) == 2
    assert len(boxes(contents, UNKNOWN)) > 30


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_text_beside_it_has_numbers_and_none_of_the_persons_words(language: Language) -> None:
    talk = Talk(SKILL, language=language)
    for ago, (craving, mood) in enumerate(((4, 6), (2, 8)), start=1):
        fact = CheckInRecorded(craving=craving, mood=mood, used=False, note=Sealed("my secret"))
        talk.records.add(fact, NOW - timedelta(days=ago))
    alt = sheet(talk)["altText"]
    assert "3.0" in alt
    assert "7.0" in alt
    assert "2" in alt
    assert "secret" not in alt


def test_after_a_lapse_no_zero_stands_there() -> None:
    talk = Talk(SKILL)
    for ago, used in enumerate((True, *[False] * 12), start=1):
        talk.records.add(CheckInRecorded(used=used), NOW - timedelta(days=ago))
    message = sheet(talk)
    shown = json.dumps(message, ensure_ascii=False)
    assert '"12 days"' in shown
    assert '"0 days' not in shown
    assert texts("en").view.fresh in shown


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_empty_diary_invites(language: Language) -> None:
    turn = Talk(SKILL, language=language).press("do=diary.view")
    assert words_of(turn) == texts(language).view.empty
    assert "do=diary.checkin" in buttons(turn).values()


def test_the_day_of_a_check_in_is_that_of_the_clinic() -> None:
    talk = Talk(SKILL)
    talk.records.add(CheckInRecorded(craving=5), NOW)
    assert texts("en").view.today in words_of(talk.press("do=diary.open"))
    talk.now += timedelta(days=1)
    turn = talk.press("do=diary.open")
    assert turn is not None
    assert "1 of 4" in json.dumps(turn.messages)


def test_reminders_can_be_stopped_from_the_diary() -> None:
    talk = Talk(SKILL)
    talk.records.add(CheckInRecorded(craving=5), NOW)
    assert "Remind me" in buttons(talk.press("do=diary.view"))
    talk.records.add(RemindersSet(on=True, hour=20), NOW)
    assert "Stop reminders" in buttons(talk.press("do=diary.view"))
