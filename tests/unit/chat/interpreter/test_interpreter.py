"""Which languages, plain words first, what is confirmed, and what is said when nothing may be said."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from namjai.chat.content import LANGUAGES, Language
from namjai.chat.domain.commands import AGREE
from namjai.chat.domain.composed import Composed
from namjai.chat.domain.messages import problems
from namjai.chat.ports import Desk, ModelAnswer, ModelFailure, ModelRequest, ModelUnavailable, Spoken, Taigi
from namjai.chat.skills.interpreter.pair import Pair, facing, pair_named
from namjai.chat.skills.interpreter.skill import SAID_CHARS_MAX, SKILL
from namjai.chat.skills.interpreter.texts import texts as texts_of
from tests.unit.chat.visits import Talk, Unable, buttons, texts

ALLOWED = frozenset({"model"})
JARGON = "BP 140/90, start an ACE inhibitor"
PLAIN = "Your blood pressure is 140/90. You begin a medicine that lowers it."


class Interpreting(Unable):
    """A mind that knows one sentence, and remembers what it was asked."""

    def __init__(self, *, changed: bool = True, fails: ModelFailure | None = None, plain_fails: bool = False) -> None:
        self.changed = changed
        self.fails = fails
        self.plain_fails = plain_fails
        self.asked: list[ModelRequest] = []

    async def write(self, request: ModelRequest) -> ModelAnswer:
        self.asked.append(request)
        if self.fails is not None:
            raise ModelUnavailable(self.fails)
        return ModelAnswer(text=f"[{request.language}] {request.text}", model="m-1")

    async def fill(self, request: ModelRequest, shape: type[Any]) -> tuple[Any, ModelAnswer]:
        self.asked.append(request)
        if self.fails is not None or self.plain_fails:
            raise ModelUnavailable("misshapen")
        words = PLAIN if self.changed else request.text
        given = {"plain": words, "changed": self.changed, "terms": [{"term": "BP", "meaning": "blood pressure"}]}
        return msgspec.convert(given, shape), ModelAnswer(text="", model="m-1")


class OneTaigi:
    """A service for Taigi that knows one word."""

    name = "Test Taigi"

    async def translate(self, mandarin: str) -> Taigi:
        return Taigi("食飽未", "Tsia̍h-pá buē")

    async def speak(self, member: str, hanji: str) -> Spoken:
        return Spoken("https://example.org/media/taigi", 900)


class Voice:
    async def speak(self, member: str, words: str, *, language: str) -> Spoken:
        return Spoken(f"https://example.org/media/{language}", 1_500)


class InterpreterTalk(Talk):
    """A talk at a desk with a voice, and with Taigi where a test wants it."""

    taigi: OneTaigi | None = None

    def desk(self) -> Desk:
        return Desk(records=self.records, mind=self.mind, speaker=Voice(), taigi=self.taigi)


def _talk(language: Language = "en", mind: Interpreting | None = None) -> InterpreterTalk:
    return InterpreterTalk(SKILL, language, consents=ALLOWED, mind=mind or Interpreting())


def _fits(said: Composed | None) -> None:
    assert said is not None
    assert not [problem for message in said.messages for problem in problems(message)]
    assert 0 < len(said.messages) <= 5


@pytest.mark.parametrize("language", LANGUAGES)
def test_from_the_menu_to_the_answer_of_the_other_side(language: Language) -> None:
    mind = Interpreting()
    talk = _talk(language, mind)
    menu = talk.press("do=interpreter.open")
    _fits(menu)
    ready = talk.tap(menu, "日本語") if menu is not None else None
    _fits(ready)
    confirm = talk.write(JARGON)
    _fits(confirm)
    assert PLAIN in texts(confirm)
    assert "blood pressure" in texts(confirm)
    words = texts_of(language)
    done = talk.press(buttons(confirm)[words.labels["yes"]])
    _fits(done)
    assert f"[ja] {PLAIN}" in texts(done)
    assert done is not None
    assert done.responder == "m-1"
    swapped = talk.press(buttons(done)[words.labels["swap"]])
    _fits(swapped)
    talk.write("はい、わかりました")
    assert mind.asked[-1].system.count("Japanese")
    _fits(talk.press("do=interpreter.stop"))
    assert talk.flow is None


def test_plain_words_are_translated_at_once() -> None:
    talk = _talk(mind=Interpreting(changed=False))
    talk.press("do=interpreter.choose&target=th")
    assert "[th] It hurts here" in texts(talk.write("It hurts here"))


def test_what_was_written_may_be_translated_as_it_is() -> None:
    talk = _talk()
    talk.press("do=interpreter.choose&target=th")
    talk.write(JARGON)
    assert f"[th] {JARGON}" in texts(talk.press("do=interpreter.as_written"))


def test_if_words_cannot_be_made_plain_they_are_translated_as_they_are() -> None:
    talk = _talk(mind=Interpreting(plain_fails=True))
    talk.press("do=interpreter.choose&target=th")
    assert f"[th] {JARGON}" in texts(talk.write(JARGON))


def test_numbers_are_held_to_by_the_guard() -> None:
    mind = Interpreting(changed=False)
    talk = _talk(mind=mind)
    talk.press("do=interpreter.choose&target=th")
    talk.write("Take 2 a day")
    assert [request.guard for request in mind.asked] == ["data", "translation"]


@pytest.mark.parametrize("failure", ["guard", "deadline", "breaker", "blocked"])
def test_on_any_doubt_nothing_is_translated_and_it_is_said(failure: ModelFailure) -> None:
    talk = _talk(mind=Interpreting(fails=failure))
    talk.press("do=interpreter.choose&target=th")
    assert texts(talk.write("hello")) == texts_of("en").failed
    assert talk.flow is not None


def test_without_consent_or_without_a_model_it_is_said_before_anything_leaves() -> None:
    mind = Interpreting()
    talk = InterpreterTalk(SKILL, mind=mind)
    assert AGREE in buttons(talk.press("do=interpreter.open")).values()
    assert texts(InterpreterTalk(SKILL, consents=ALLOWED).press("do=interpreter.open")) == texts_of("en").no_model
    assert mind.asked == []


def test_a_consent_that_is_withdrawn_in_the_middle_counts_at_once() -> None:
    mind = Interpreting()
    talk = _talk(mind=mind)
    talk.press("do=interpreter.choose&target=th")
    talk.consents = frozenset()
    assert AGREE in buttons(talk.write("hello")).values()
    assert mind.asked == []


def test_a_book_is_asked_for_in_pieces() -> None:
    mind = Interpreting()
    talk = _talk(mind=mind)
    talk.press("do=interpreter.choose&target=th")
    assert str(SAID_CHARS_MAX) in texts(talk.write("a" * (SAID_CHARS_MAX + 1)))
    assert mind.asked == []


def test_the_translation_is_read_aloud_in_its_own_language() -> None:
    talk = _talk(mind=Interpreting(changed=False))
    talk.press("do=interpreter.choose&target=ko")
    talk.write("hello")
    said = talk.press("do=interpreter.speak")
    assert said is not None
    assert said.messages[0]["originalContentUrl"].endswith("/ko")
    assert texts(_talk().press("do=interpreter.speak")) == texts_of("en").nothing_to_speak


def test_taigi_goes_by_way_of_mandarin_and_names_its_service() -> None:
    mind = Interpreting(changed=False)
    talk = _talk(mind=mind)
    talk.taigi = OneTaigi()
    talk.press("do=interpreter.choose&target=nan")
    said = talk.write("Have you eaten?")
    assert "食飽未\nTsia̍h-pá buē" in texts(said)
    assert "Test Taigi" in texts(said)
    assert mind.asked[-1].language == "zh-TW"
    spoken = talk.press("do=interpreter.speak")
    assert spoken is not None
    assert spoken.messages[0]["originalContentUrl"].endswith("/taigi")


def test_without_a_service_taigi_is_not_offered() -> None:
    assert "台語" not in buttons(_talk().press("do=interpreter.open"))
    assert texts(_talk().press("do=interpreter.choose&target=nan")) == texts_of("en").no_taigi


@pytest.mark.parametrize(
    ("said", "pair"),
    [
        ("translate to Japanese", Pair("en", "ja")),
        ("translate from Thai to Chinese", Pair("th", "zh-TW")),
        ("แปลเป็นภาษาเวียดนาม", Pair("en", "vi")),
        ("翻譯成英文", None),
    ],
)
def test_a_language_may_be_named_in_a_sentence(said: str, pair: Pair | None) -> None:
    assert pair_named(said, "en") == pair


def test_the_phone_may_be_handed_over_without_pressing_anything() -> None:
    pair = Pair("th", "ja")
    assert facing(pair, "どこが痛いですか") == pair.swapped
    assert facing(pair, "ปวดหัวมาก") == pair
    assert facing(pair, "ok") == pair
    assert facing(Pair("zh-TW", "nan"), "你好") == Pair("zh-TW", "nan")
    assert facing(Pair("en", "fr"), "bonjour tout le monde") == Pair("en", "fr")


def test_talk_before_a_language_is_chosen_is_for_the_others() -> None:
    talk = _talk()
    talk.press("do=interpreter.open")
    assert talk.write("I feel sad today") is None
    assert "Japanese" in texts(talk.write("Japanese please"))


@pytest.mark.parametrize(
    "data", ["do=interpreter.yes", "do=interpreter.swap", "do=interpreter.again", "do=interpreter.x"]
)
def test_an_old_button_begins_anew(data: str) -> None:
    assert texts(_talk().press(data)) == texts_of("en").choose
