"""What is said about voice messages that were not heard, what goes before an answer to one that was, and speaking."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import cast, get_args

import pytest

from namjai.chat.content import LANGUAGES, Language
from namjai.chat.domain.commands import AGREE
from namjai.chat.domain.heard import Media
from namjai.chat.domain.messages import problems
from namjai.chat.domain.messages import text as plain_text
from namjai.chat.domain.state import Person
from namjai.chat.ports import Attachment, Desk, Mind, ModelAnswer, ModelUnavailable, Spoken
from namjai.chat.skills.voice.skill import SKILL, SPOKEN_CHARS_MAX, frame, listen
from namjai.chat.skills.voice.skill import texts as texts_of
from namjai.events import Sealed
from namjai.events.media import UnreadReason
from namjai.events.reply import ReplyIssued
from tests.unit.chat.visits import NOW, Talk, at_once, buttons, texts


class OneVoice:
    """Speaks at once, or not at all."""

    def __init__(self, *, fails: bool = False) -> None:
        self.fails = fails
        self.said: list[tuple[str, str]] = []

    async def speak(self, member: str, words: str, *, language: str) -> Spoken:
        if self.fails:
            raise ModelUnavailable("deadline")
        self.said.append((words, language))
        return Spoken("https://example.org/media/1", 1_234)


class Talking(Talk):
    """A talk at a desk with a voice."""

    voice: OneVoice | None = None

    def desk(self) -> Desk:
        return Desk(records=self.records, mind=self.mind, speaker=self.voice)


def _replied(words: str, at: datetime = NOW) -> ReplyIssued:
    return ReplyIssued(
        answers=("e",),
        through=1,
        screened=True,
        kind="support",
        responder="offline",
        received_at=at,
        messages=Sealed([plain_text(words)]),
        to=Sealed("U1"),
    )


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("reason", get_args(UnreadReason))
def test_whoever_was_not_heard_is_told_why_and_what_to_do(language: Language, reason: UnreadReason) -> None:
    said = Talk(SKILL, language).show("audio", Media("", "audio", unread=reason))
    assert texts(said)
    assert said is not None
    assert not [problem for message in said.messages for problem in problems(message)]
    assert (AGREE in buttons(said).values()) == (reason == "no_consent")
    assert "cmd=emergency" in buttons(said).values()


def test_what_was_heard_is_for_the_other_skills_to_answer() -> None:
    assert Talk(SKILL).show("audio", Media("", "audio", "I want to stop drinking")) is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_was_heard_is_shown_before_the_answer(language: Language) -> None:
    talk = Talk(SKILL, language)
    visit = talk.visit(talk._event("audio", None), Media("", "audio", "I want to stop"))
    answer = Talk(SKILL, language).show("audio", Media("", "audio", unread="empty"))
    assert answer is not None
    framed = frame(visit, answer)
    assert "I want to stop" in framed.messages[0]["text"]
    assert framed.messages[1:] == answer.messages
    assert "quickReply" in framed.messages[-1]


def test_typed_words_are_not_repeated() -> None:
    talk = Talk(SKILL)
    answer = Talk(SKILL).show("audio", Media("", "audio", unread="empty"))
    assert answer is not None
    assert frame(talk.visit(talk._event("text", "hello")), answer) is answer


@pytest.mark.parametrize("asked", ["speak", "อ่านให้ฟัง", "朗讀"])
def test_the_last_answer_is_spoken_when_asked_for(asked: str) -> None:
    talk = Talking(SKILL, consents=frozenset({"model"}))
    talk.voice = OneVoice()
    talk.records.add(_replied("Breathe slowly."))
    said = talk.write(asked)
    assert said is not None
    (audio,) = said.messages
    assert (audio["type"], audio["duration"]) == ("audio", 1_234)
    assert talk.voice.said == [("Breathe slowly.", "en")]


def test_a_long_answer_is_spoken_in_part_and_says_so() -> None:
    talk = Talking(SKILL, consents=frozenset({"model"}))
    talk.voice = OneVoice()
    talk.records.add(_replied("One sentence. " * 200))
    said = talk.write("speak")
    assert said is not None
    assert said.messages[0]["text"] == texts_of("en").speak_part
    ((words, _),) = talk.voice.said
    assert len(words) <= SPOKEN_CHARS_MAX
    assert words.endswith("sentence.")


def test_without_consent_nothing_leaves_the_house() -> None:
    talk = Talking(SKILL)
    talk.voice = OneVoice()
    talk.records.add(_replied("hello"))
    assert AGREE in buttons(talk.write("speak")).values()
    assert talk.voice.said == []


@pytest.mark.parametrize(
    ("voice", "words", "expected"),
    [
        (None, "hello", "speak_no_model"),
        (OneVoice(), "", "nothing_to_speak"),
        (OneVoice(fails=True), "hello", "speak_failed"),
    ],
)
def test_what_cannot_be_spoken_is_said_so(voice: OneVoice | None, words: str, expected: str) -> None:
    talk = Talking(SKILL, consents=frozenset({"model"}))
    talk.voice = voice
    if words:
        talk.records.add(_replied(words))
    assert texts(talk.write("speak")) == getattr(texts_of("en"), expected)


class Ears:
    """Hears one thing, and remembers which languages it was told to expect."""

    def __init__(self, words: str) -> None:
        self.words = words
        self.languages: Sequence[str] = ()

    async def listen(self, sound: Attachment, *, languages: Sequence[str]) -> ModelAnswer:
        self.languages = languages
        return ModelAnswer(text=f" {self.words} ", model="m")


def test_the_persons_language_is_expected_first() -> None:
    ears = Ears("你好")
    found = at_once(listen(Attachment(b"", "audio/flac"), Person(chosen_language="zh-TW"), cast(Mind, ears)))
    assert found.text == "你好"
    assert ears.languages[0] == "zh-TW"
    assert len(set(ears.languages)) == len(ears.languages)
