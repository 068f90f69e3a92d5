"""People speak instead of writing: what is heard is screened and answered, and what is not heard is said."""

from __future__ import annotations

import asyncio
import math
from array import array

import pytest

from namjai.chat.media.sounds import to_m4a
from namjai.chat.skills.voice.skill import texts
from namjai.devkit.running import Running
from namjai.events.alert import AlertRaised
from namjai.events.media import MediaTranscribed, MediaUnread
from namjai.events.reply import ReplyIssued
from namjai.events.risk import RiskAssessed
from tests.e2e.conversations.conftest import Person, Somebody, Turn

RATE = 16_000
LISTENING = "Write down what is said"
_turn = asyncio.Lock()
"""The played model is told what it hears next, so voices are heard one at a time here."""


def voice(seconds: float = 1.5) -> bytes:
    """A hum, as a phone records it."""
    hum = array("h", (round(3_000 * math.sin(math.tau * 220 * n / RATE)) for n in range(round(seconds * RATE))))
    return to_m4a(hum.tobytes(), f"audio/L16;rate={RATE}").data


async def _speak(talking: Running, person: Person, words: str) -> Turn:
    async with _turn:
        await talking.script({"match": LISTENING, "text": words, "times": 1})
        return await person.upload(voice(), "audio/x-m4a")


@pytest.mark.parametrize(
    ("language", "words"), [("th", "อยากเลิกเหล้าแต่ทำไม่ได้"), ("en", "I want to drink less"), ("zh-TW", "我想少喝一點酒")]
)
async def test_what_is_said_is_shown_and_answered(
    talking: Running, somebody: Somebody, language: str, words: str
) -> None:
    person = await somebody(language, agreed=("model",))
    answer = await _speak(talking, person, words)
    assert words in answer.messages[0]["text"]
    assert len(answer.messages) >= 2
    (heard,) = await person.facts(MediaTranscribed)
    assert heard.kind == "audio"
    assert [use.purpose for use in heard.uses] == ["listen"]


async def test_risk_screens_what_was_said_before_it_is_answered(talking: Running, somebody: Somebody) -> None:
    person = await somebody("en", agreed=("model",))
    await _speak(talking, person, "I feel bored in the evenings")
    answer = (await person.facts(ReplyIssued))[-1]
    verdicts = await person.facts(RiskAssessed)
    assert answer.screened
    assert len(answer.assessments) == 2  # the message that it came with, and the words in it
    assert len(verdicts) >= 2


@pytest.mark.parametrize(
    ("language", "words"),
    [("th", "อยากตาย คืนนี้จะทำแน่ๆ"), ("en", "I am going to kill myself tonight"), ("zh-TW", "我今晚就要去死")],
)
async def test_danger_in_a_voice_gets_its_card_and_raises_its_alert(
    talking: Running, somebody: Somebody, language: str, words: str
) -> None:
    person = await somebody(language, agreed=("model",))
    card = await _speak(talking, person, words)
    assert "tel:" in str(card.messages)
    assert [each.level for each in await person.facts(AlertRaised)] == ["crisis"]
    assert [each.kind for each in await person.facts(ReplyIssued)][-1] == "crisis"


@pytest.mark.parametrize("language", ["th", "en", "zh-TW"])
async def test_without_consent_nobody_listens_and_it_is_asked_for(somebody: Somebody, language: str) -> None:
    person = await somebody(language)
    asked = await person.upload(voice(), "audio/x-m4a")
    words = texts(language)
    assert asked.text == words.unread["no_consent"]
    await person.tap(asked, words.labels["allow"])
    assert [each.reason for each in await person.facts(MediaUnread)] == ["no_consent"]


async def test_a_broken_recording_is_said_to_be_one(somebody: Somebody) -> None:
    person = await somebody("th", agreed=("model",))
    answer = await person.upload(voice()[:600], "audio/x-m4a")
    assert answer.text == texts("th").unread["unreadable"]


async def test_silence_is_heard_as_nothing(talking: Running, somebody: Somebody) -> None:
    person = await somebody("zh-TW", agreed=("model",))
    answer = await _speak(talking, person, "  ")
    assert answer.text in (texts("zh-TW").unread["empty"], texts("zh-TW").unread["failed"])
    assert await person.facts(MediaUnread)


async def test_a_recording_that_line_could_not_prepare_is_told(somebody: Somebody) -> None:
    person = await somebody("en", agreed=("model",))
    answer = await person.upload(voice(), "audio/x-m4a", failed="1")
    assert answer.text in texts("en").unread.values()


async def test_a_recording_that_line_still_prepares_is_waited_for(talking: Running, somebody: Somebody) -> None:
    person = await somebody("en", agreed=("model",))
    async with _turn:
        await talking.script({"match": LISTENING, "text": "Good morning", "times": 1})
        answer = await person.upload(voice(), "audio/x-m4a", processing_ms="900")
    assert "Good morning" in answer.text


@pytest.mark.parametrize(("language", "asked"), [("th", "อ่านให้ฟัง"), ("en", "read aloud"), ("zh-TW", "唸給我聽")])
async def test_an_answer_is_spoken_and_can_be_fetched_and_played(
    talking: Running, somebody: Somebody, language: str, asked: str
) -> None:
    person = await somebody(language, agreed=("model",))
    spoken = await person.say(asked)
    assert spoken.kinds == ["audio"]
    url = spoken.messages[0]["originalContentUrl"]
    assert spoken.messages[0]["duration"] > 0
    fetched = url.replace("https://", "http://") if "127.0.0.1" in url else url
    async with talking.http.get(fetched) as answer:
        assert answer.status == 200
        assert (await answer.read())[4:8] == b"ftyp"
    async with talking.http.get(fetched[:-2] + ("aa" if not fetched.endswith("aa") else "bb")) as forged:
        assert forged.status == 404


async def test_somebody_who_never_agreed_is_not_read_to_either(somebody: Somebody) -> None:
    person = await somebody("en")
    asked = await person.say("read aloud")
    assert asked.text == texts("en").speak_no_consent


async def test_a_voice_in_the_middle_of_a_form_answers_its_question(talking: Running, somebody: Somebody) -> None:
    person = await somebody("en", agreed=("model",))
    await person.press("do=interpreter.choose&target=th")
    answer = await _speak(talking, person, "My head hurts.")
    assert "My head hurts." in answer.messages[0]["text"]
    assert [each.skill for each in await person.facts(ReplyIssued)][-1] == "interpreter"
