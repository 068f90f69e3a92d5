"""What people ask of the memory, and what they get, in three languages."""

from __future__ import annotations

from dataclasses import replace

import pytest

from namjai.chat.content import LANGUAGES, Language
from namjai.chat.domain.carry_out import answer
from namjai.chat.domain.commands import Command, Purpose
from namjai.chat.domain.composed import View
from namjai.chat.domain.messages import problems
from namjai.chat.domain.recall import NOTES_MAX
from namjai.chat.skills.memory import SKILL
from namjai.chat.skills.memory.texts import texts as words
from namjai.events import Sealed
from namjai.events.member import MemberConsented
from namjai.events.memory import MemoryForgotten, MemoryNoted, MemorySummarised
from tests.unit.chat.visits import NOW, Talk, at_once, buttons, texts

BOTH = frozenset({"chat", "model"})
OPEN: dict[Language, str] = {"th": "จำอะไรได้บ้าง", "en": "What do you remember?", "zh-TW": "你記得什麼？"}
NOTE: dict[Language, str] = {
    "th": "จำไว้ว่าลูกสาวเกิดเดือนหก",
    "en": "Remember that my daughter was born in June",
    "zh-TW": "請記住我女兒六月出生",
}
NOTED: dict[Language, str] = {"th": "ลูกสาวเกิดเดือนหก", "en": "my daughter was born in June", "zh-TW": "我女兒六月出生"}
FORGET: dict[Language, str] = {"th": "ลืมทุกอย่าง", "en": "Forget everything!", "zh-TW": "全部忘記"}


def agreed(language: Language = "en") -> Talk:
    """Somebody who lets us remember."""
    return Talk(SKILL, language=language, consents=BOTH)


def known(language: Language = "en", *, notes: int = 2) -> Talk:
    """Somebody of whom something is remembered."""
    talk = agreed(language)
    talk.records.add(MemorySummarised(text=Sealed("Wants to drink less; works nights."), through=3, turns=12))
    for n in range(notes):
        talk.records.add(MemoryNoted(note=f"n{n}", text=Sealed(f"note {n}"), by="model"))
    return talk


def view(consents: frozenset[str]) -> View:
    """Somebody who agreed to this."""
    return View("en", "TH", consents)


@pytest.mark.parametrize("language", LANGUAGES)
def test_who_asks_is_shown_everything_with_a_button_for_each_note(language: Language) -> None:
    said = known(language).write(OPEN[language])
    assert "Wants to drink less; works nights." in texts(said)
    assert "1. note 1" in texts(said)
    assert "2. note 0" in texts(said)
    data = list(buttons(said).values())
    assert data[:3] == ["do=memory.forget&note=n1", "do=memory.forget&note=n0", "do=memory.forget_all"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_of_somebody_new_nothing_is_remembered_and_it_says_how_that_changes(language: Language) -> None:
    said = Talk(SKILL, language=language).write(OPEN[language])
    assert words(language).nothing in texts(said)
    assert words(language).how in texts(said)
    assert list(buttons(said).values()) == [f"cmd=consent&purpose={each}&granted=yes" for each in ("chat", "model")]


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_they_want_remembered_is_noted_in_their_words_and_can_be_forgotten(language: Language) -> None:
    talk = agreed(language)
    assert NOTED[language] in texts(talk.write(NOTE[language]))
    shown = talk.write(OPEN[language])
    assert f"1. {NOTED[language]}{words(language).by_person}" in texts(shown)
    gone = talk.tap(shown, words(language).labels.forget.format(number=1))
    assert words(language).forgotten in texts(gone)
    assert words(language).nothing in texts(gone)


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_is_forgotten_after_one_question(language: Language) -> None:
    talk = known(language)
    asked = talk.write(FORGET[language])
    assert texts(asked) == words(language).ask_all
    done = talk.tap(asked, words(language).labels.yes_all)
    assert texts(done) == words(language).all_forgotten
    assert words(language).nothing in texts(talk.write(OPEN[language]))


def test_who_thinks_again_keeps_it() -> None:
    talk = known()
    talk.tap(talk.write("forget everything"), "No, keep it")
    assert "note 1" in texts(talk.write("my memory"))


@pytest.mark.parametrize("consents", [(), ("chat",), ("model",)], ids=str)
def test_without_both_consents_it_asks_for_what_is_missing_and_notes_nothing(consents: tuple[str, ...]) -> None:
    talk = Talk(SKILL, consents=frozenset(consents))
    said = talk.write("remember that I like tea")
    assert texts(said) == words("en").ask_consent
    assert said is not None
    assert not any(isinstance(fact, MemoryNoted) for fact in said.facts)
    assert len(buttons(said)) == 2 - len(consents)


def test_what_is_there_is_shown_also_when_it_may_not_be_used() -> None:
    talk = replace(known(), consents=frozenset({"chat"}))
    assert words("en").unused in texts(talk.write("my memory"))


def test_asked_without_saying_what_it_asks_and_takes_the_next_words() -> None:
    talk = agreed()
    assert texts(talk.write("please remember")) == words("en").ask_note
    assert "I sleep badly on Sundays" in texts(talk.write("I sleep badly on Sundays"))
    assert talk.write("and something else") is None


def test_too_long_a_note_is_asked_for_again() -> None:
    talk = agreed()
    assert texts(talk.write("remember that " + "I had a long day " * 20)) == words("en").too_long
    assert "it was long" in texts(talk.write("it was long"))


def test_the_same_thing_twice_is_noted_once() -> None:
    talk = agreed()
    talk.write("remember that I like tea")
    assert texts(talk.write("remember that I LIKE tea")) == words("en").known_already


def test_who_has_many_notes_is_told_that_there_is_no_room() -> None:
    talk = agreed()
    for n in range(NOTES_MAX):
        talk.write(f"remember that thing number {n} matters")
    assert texts(talk.write("remember that one more matters")) == words("en").full.format(count=NOTES_MAX)


def test_many_notes_come_a_page_at_a_time() -> None:
    talk = known(notes=11)
    first = talk.write("my memory")
    assert len(buttons(first)) == 10
    second = talk.tap(first, "Show more")
    assert "9. note 2" in texts(second)
    assert "Wants to drink less" not in texts(second)


@pytest.mark.parametrize("page", ["99", "x", "-1"])
def test_an_odd_page_is_the_first_one(page: str) -> None:
    assert "1. note 1" in texts(known().press(f"do=memory.open&page={page}"))


def test_a_button_pressed_twice_is_answered_kindly() -> None:
    talk = known()
    shown = talk.write("my memory")
    talk.tap(shown, "Forget no. 1")
    again = talk.tap(shown, "Forget no. 1")
    assert words("en").gone_already in texts(again)
    assert again is not None
    assert again.facts == ()


def test_who_is_in_a_bad_way_is_answered_for_that() -> None:
    talk = agreed()
    visit = replace(talk.visit(talk._event("text", "remember that I cannot go on")), calm=False)
    assert at_once(SKILL.turn(visit, talk.desk())) is None


def test_a_button_of_an_older_release_is_left_to_others() -> None:
    assert agreed().press("do=memory.dance") is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_turn_fits_line(language: Language) -> None:
    talk = known(language, notes=NOTES_MAX)
    for said in (talk.write(OPEN[language]), talk.write(FORGET[language]), talk.write(NOTE[language])):
        assert said is not None
        assert [problems(message) for message in said.messages] == [[] for _ in said.messages]


@pytest.mark.parametrize("purpose", ["chat", "model"])
def test_a_consent_taken_back_takes_what_was_remembered_with_it(purpose: Purpose) -> None:
    said = answer(Command("consent", purpose=purpose, granted=False), view(BOTH), now=NOW)
    assert [type(fact) for fact in said.facts] == [MemberConsented, MemoryForgotten]


@pytest.mark.parametrize("purpose", ["clinician", "contact"])
def test_another_consent_taken_back_leaves_it_alone(purpose: Purpose) -> None:
    consents = BOTH | {"clinician", "contact"}
    said = answer(Command("consent", purpose=purpose, granted=False), view(consents), now=NOW)
    assert [type(fact) for fact in said.facts] == [MemberConsented]


def test_a_consent_that_was_never_given_has_nothing_to_forget() -> None:
    said = answer(Command("consent", purpose="chat", granted=False), view(frozenset()), now=NOW)
    assert [type(fact) for fact in said.facts] == [MemberConsented]
