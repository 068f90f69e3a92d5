"""The safety plan: written step by step in the person's own words, one tap away, changed, and sent by consent only."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from namjai.chat.content import LANGUAGES, Language
from namjai.chat.domain.composed import Composed
from namjai.chat.domain.contact import Contact
from namjai.chat.domain.messages import problems
from namjai.chat.domain.visit import Visit
from namjai.chat.skills.plan import SKILL
from namjai.chat.skills.plan.page import LINE_CHARS_MAX, STEP_CHARS_MAX, added, first_blank, page
from namjai.chat.skills.plan.skill import ASKED_FOR, OPEN_FOR
from namjai.chat.skills.plan.texts import STEPS, preload, texts
from namjai.events import Sealed
from namjai.events.mail import MailRequested
from namjai.events.plan import PlanShared, PlanStep, PlanWritten
from tests.unit.chat.visits import Talk, buttons
from tests.unit.chat.visits import texts as words_of

MALI = Contact("Mali", email="mali@example.org")


class Talking(Talk):
    """A talk whose person has named somebody, or is not calm."""

    contact: Contact | None = None
    calm: bool = True

    def visit(self, *arguments: Any) -> Visit:
        visit = super().visit(*arguments)
        return replace(visit, view=replace(visit.view, contact=self.contact), calm=self.calm)


def with_plan(language: Language = "en", **steps: str) -> Talking:
    talk = Talking(SKILL, language=language)
    for step in STEPS:
        if step in steps:
            talk.records.add(PlanWritten(step=step, text=Sealed(steps[step])))
    return talk


def plan_of(talk: Talk) -> dict[PlanStep, tuple[str, ...]]:
    return dict(page([each.fact for each in talk.records.said if isinstance(each.fact, PlanWritten)]))


def shown(turn: Composed | None) -> str:
    assert turn is not None
    return json.dumps([message for message in turn.messages if message["type"] == "flex"], ensure_ascii=False)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_plan_is_written_step_by_step_with_examples_and_own_words(language: Language) -> None:
    talk, words = Talk(SKILL, language=language), texts(language)
    turn = talk.tap(talk.press("do=plan.show"), words.labels["write"])
    assert words.about in words_of(turn)
    for number, step in enumerate(STEPS):
        assert words.steps[step].ask in words_of(turn)
        assert words.about not in words_of(turn) or number == 0
        turn = talk.tap(turn, words.steps[step].examples[0])
        assert words.noted in words_of(turn)
        turn = talk.write(f"ของฉันเอง {number}")
        turn = talk.tap(turn, words.labels["next"])
    assert words.finished in words_of(turn)
    assert talk.flow is None
    for number, step in enumerate(STEPS):
        assert plan_of(talk)[step] == (words.steps[step].examples[0], f"ของฉันเอง {number}")
        assert f"ของฉันเอง {number}" in shown(turn)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_fullest_plan_fits_into_one_bubble(language: Language) -> None:
    line = "ก" * 49
    talk = with_plan(language, **dict.fromkeys(STEPS, "\n".join(f"{line}{n}" for n in range(8))))
    turn = talk.press("do=plan.show")
    assert turn is not None
    assert [problem for message in turn.messages for problem in problems(message)] == []
    assert shown(turn).count("ก" * 49) == 8 * 6


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_bubble_is_one_that_line_takes(language: Language) -> None:
    talk, words = Talk(SKILL, language=language), texts(language)
    turn = talk.press("do=plan.write")
    for step in STEPS:
        for example in words.steps[step].examples:
            turn = talk.tap(turn, example)
            assert turn is not None
            assert [problem for message in turn.messages for problem in problems(message)] == []
        turn = talk.tap(turn, words.labels["next"])
    for data in ("do=plan.change", "do=plan.edit&at=people", "do=plan.share"):
        turn = talk.press(data)
        assert turn is not None
        assert [problem for message in turn.messages for problem in problems(message)] == []
    preload()


@pytest.mark.parametrize(
    ("language", "word"), [("en", "my safety plan"), ("th", "แผนความปลอดภัย"), ("zh-TW", "安全計畫")]
)
def test_one_typed_word_shows_it(language: Language, word: str) -> None:
    assert "ไปหาแม่" in shown(with_plan(language, people="ไปหาแม่").write(word))


@pytest.mark.parametrize(("language", "number"), [("th", "1323"), ("zh-TW", "1925")])
def test_the_lines_are_always_in_it_and_can_be_called(language: Language, number: str) -> None:
    talk = with_plan(language, signs="x")
    assert f"tel:{number}" in shown(talk.press("do=plan.show"))
    talk.press("do=plan.edit&at=professionals")
    turn = talk.press("do=plan.clear&at=professionals")
    assert number in words_of(turn)
    assert f"tel:{number}" in shown(talk.press("do=plan.show"))


def test_the_words_of_the_plan_are_not_in_what_a_locked_screen_shows() -> None:
    turn = with_plan(signs="I stop eating").press("do=plan.show")
    assert turn is not None
    assert [message["altText"] for message in turn.messages if message["type"] == "flex"] == ["My safety plan"]


def test_a_step_can_be_skipped_gone_back_to_and_cleared() -> None:
    talk = Talk(SKILL)
    turn = talk.tap(talk.press("do=plan.write"), "Skip for now")
    turn = talk.tap(talk.write("a walk"), "One step back")
    assert texts("en").steps["signs"].ask in words_of(turn)
    turn = talk.tap(turn, "Skip for now")
    assert "• a walk" in words_of(turn)
    turn = talk.tap(turn, "Clear this step")
    assert texts("en").cleared in words_of(turn)
    assert plan_of(talk)["coping"] == ()


def test_one_step_is_changed_alone() -> None:
    talk = with_plan(people="Mali")
    turn = talk.tap(talk.tap(talk.press("do=plan.show"), "Change something"), "4")
    assert "• Mali" in words_of(turn)
    turn = talk.tap(talk.write("Somchai 081 234 5678"), "Show my plan")
    assert "Somchai 081 234 5678" in shown(turn)
    assert talk.flow is None


def test_stopping_keeps_everything_and_the_rest_is_offered_later() -> None:
    talk = Talk(SKILL, language="th")
    talk.press("do=plan.write")
    turn = talk.tap(talk.write("นอนไม่หลับเลย"), "หยุดไว้ก่อน")
    assert texts("th").stopped in words_of(turn)
    assert talk.flow is None
    turn = talk.tap(talk.press("do=plan.show"), "เขียนส่วนที่เหลือ")
    assert texts("th").steps["coping"].ask in words_of(turn)
    assert texts("th").about not in words_of(turn)


def test_who_was_interrupted_comes_back_to_the_same_step() -> None:
    talk = Talk(SKILL)
    talk.tap(talk.press("do=plan.write"), "Skip for now")
    assert talk.write("does this help anybody?") is None
    assert talk.flow is not None
    assert texts("en").steps["coping"].ask in words_of(talk.press("do=plan.resume"))
    talk.now += OPEN_FOR + timedelta(minutes=1)
    assert talk.write("a walk") is None


def test_a_button_of_another_step_changes_nothing() -> None:
    talk = Talk(SKILL)
    first = talk.press("do=plan.write")
    talk.tap(first, "Skip for now")
    assert texts("en").earlier in words_of(talk.tap(first, "I can't sleep"))
    assert plan_of(talk) == dict.fromkeys(STEPS, ())


def test_an_empty_way_through_is_no_plan_and_no_failure() -> None:
    talk = Talk(SKILL)
    turn = talk.press("do=plan.write")
    for _ in STEPS:
        turn = talk.tap(turn, "Skip for now")
    assert texts("en").none in words_of(turn)
    assert talk.flow is None


def test_in_danger_the_plan_comes_with_ways_to_call_and_nobody_is_asked_to_write() -> None:
    talk = with_plan("th", coping="ฟังเพลง")
    talk.calm = False
    turn = talk.press("do=plan.show")
    assert "ฟังเพลง" in shown(turn)
    assert set(buttons(turn).values()) == {"cmd=emergency", "cmd=safe"}
    empty = with_plan("th")
    empty.calm = False
    turn = empty.press("do=plan.show")
    assert "1323" in words_of(turn)
    assert "do=plan.write" not in buttons(turn).values()
    assert empty.flow is None


def test_a_heavy_line_is_kept_and_met_with_care() -> None:
    talk = with_plan()
    talk.press("do=plan.write")
    talk.calm = False
    turn = talk.write("I start to wish I were gone")
    assert texts("en").now in words_of(turn)
    assert plan_of(talk)["signs"] == ("I start to wish I were gone",)


# --- Sharing


def test_it_is_sent_only_after_a_name_an_address_a_consent_and_a_yes() -> None:
    talk = with_plan(coping="music", people="Mali")
    assert buttons(talk.press("do=plan.share")) == {"Name someone": "cmd=contact"}
    talk.contact = Contact("Mali", telephone="0812345678")
    assert "Name someone else" in buttons(talk.press("do=plan.share"))
    talk.contact = MALI
    assert "They may be told" in buttons(talk.press("do=plan.share"))
    talk.consents = frozenset({"contact"})
    turn = talk.press("do=plan.share")
    assert "mali@example.org" in words_of(turn)
    assert not [each for each in talk.records.said if isinstance(each.fact, MailRequested)]
    turn = talk.tap(turn, "Yes, send it now")
    assert texts("en").share.sent.format(name="Mali") in words_of(turn)
    (mail,) = [each.fact for each in talk.records.said if isinstance(each.fact, MailRequested)]
    assert (mail.kind, mail.to.value, mail.html) == ("plan", "mali@example.org", None)
    assert "- music" in mail.text.value
    assert any(isinstance(each.fact, PlanShared) for each in talk.records.said)
    assert talk.flow is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_letter_is_whole_in_every_language(language: Language) -> None:
    talk = with_plan(language, **dict.fromkeys(STEPS, "一 two สาม"))
    talk.contact, talk.consents = MALI, frozenset({"contact"})
    talk.tap(talk.press("do=plan.share"), texts(language).labels["send"])
    (mail,) = [each.fact for each in talk.records.said if isinstance(each.fact, MailRequested)]
    assert mail.text.value.count("一 two สาม") == len(STEPS)
    assert mail.language == language
    assert "{" not in mail.text.value + mail.subject.value


@pytest.mark.parametrize("change", ["another contact", "consent withdrawn", "too late", "never asked", "plan cleared"])
def test_a_yes_counts_only_for_what_was_asked(change: str) -> None:
    talk = with_plan(coping="music")
    talk.contact, talk.consents = MALI, frozenset({"contact"})
    turn = talk.press("do=plan.share")
    match change:
        case "another contact":
            talk.contact = Contact("Nok", email="nok@example.org")
        case "consent withdrawn":
            talk.consents = frozenset()
        case "too late":
            talk.now += ASKED_FOR + timedelta(minutes=1)
        case "never asked":
            talk.flow = None
        case _:
            talk.records.add(PlanWritten(step="coping", text=Sealed("")))
    assert texts("en").share.changed in words_of(talk.tap(turn, "Yes, send it now"))
    assert not [each for each in talk.records.said if isinstance(each.fact, MailRequested | PlanShared)]


def test_no_sends_nothing() -> None:
    talk = with_plan(coping="music")
    talk.contact, talk.consents = MALI, frozenset({"contact"})
    turn = talk.tap(talk.press("do=plan.share"), "Not now")
    assert texts("en").share.kept in words_of(turn)
    assert not [each for each in talk.records.said if isinstance(each.fact, MailRequested)]


def test_an_empty_plan_is_not_sent() -> None:
    talk = with_plan()
    talk.contact, talk.consents = MALI, frozenset({"contact"})
    assert texts("en").share.nothing in words_of(talk.press("do=plan.share"))


# --- The page


def test_later_words_replace_and_empty_ones_clear() -> None:
    facts = [PlanWritten(step="signs", text=Sealed(said)) for said in ("a\nb", "c", "")]
    assert page(facts[:1])["signs"] == ("a", "b")
    assert page(facts[:2])["signs"] == ("c",)
    assert page(facts)["signs"] == ()
    assert first_blank(page(facts[:1])) == "coping"


@given(st.lists(st.text(max_size=300), max_size=12))
def test_a_step_stays_short_whatever_is_written(said: list[str]) -> None:
    lines: tuple[str, ...] = ()
    for words in said:
        kept, _ = added(lines, [words])
        assert kept[: len(lines)] == lines
        lines = kept
    assert sum(map(len, lines)) <= STEP_CHARS_MAX
    assert all(0 < len(line) <= LINE_CHARS_MAX and "\n" not in line for line in lines)
    assert len(set(lines)) == len(lines)


@pytest.mark.parametrize(
    "data",
    [
        "do=plan.pick&at=signs&n=99",
        "do=plan.pick&at=signs&n=x",
        "do=plan.edit&at=moon",
        "do=plan.dance",
        "do=plan.next",
    ],
)
def test_a_button_that_nobody_made_does_no_harm(data: str) -> None:
    talk = Talk(SKILL)
    talk.press("do=plan.write")
    assert words_of(talk.press(data))
    assert plan_of(talk) == dict.fromkeys(STEPS, ())


@pytest.mark.parametrize("said", ["ok", "Done!", "โอเค", "ไม่มี", "下一步", "好了。"])
def test_what_only_means_go_on_is_no_line_of_the_plan(said: str) -> None:
    talk = Talk(SKILL)
    talk.press("do=plan.write")
    assert texts("en").steps["coping"].ask in words_of(talk.write(said))
    assert plan_of(talk) == dict.fromkeys(STEPS, ())
    alone = with_plan(coping="music")
    alone.press("do=plan.edit&at=coping")
    assert "music" in shown(alone.write(said))
    assert alone.flow is None


@pytest.mark.parametrize("said", ["thank you", "ทำไปทำไม", "這有用嗎", "สวัสดี"])
def test_what_is_said_to_us_is_no_line_of_the_plan(said: str) -> None:
    talk = Talk(SKILL)
    talk.press("do=plan.write")
    assert talk.write(said) is None
    assert talk.flow is not None
