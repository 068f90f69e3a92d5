"""The held conversation, rule by rule."""

from __future__ import annotations

from datetime import timedelta
from typing import get_args

import pytest

from namjai.chat.content import LANGUAGES, Language, care_texts, protocol_texts
from namjai.chat.domain import answers, care, contact, held, protocol
from namjai.chat.domain.decide import Rules
from namjai.chat.domain.protocol import Question, Reading
from namjai.chat.domain.rehearse import rehearse
from namjai.events.alert import AlertSaid, AlertTakenOver
from namjai.events.conversation import CrisisStepped, TurnSkipped
from namjai.events.sealed import Sealed
from tests.unit.chat.crisis.world import START, World

HIGH = protocol.start("a", "high", "suicide", "self")
CRISIS = protocol.start("b", "crisis", "suicide", "self")
VIOLENCE = protocol.start("c", "high", "violence", "self")


def test_every_fixed_turn_of_a_crisis_passes_lines_limits() -> None:
    assert rehearse(START) > 5_000


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_there_and_a_draft(language: Language) -> None:
    texts, care_of = protocol_texts(language), care_texts(language)
    assert texts.meta.status == care_of.meta.status == "draft"
    assert set(texts.ask) == {"safe_now", "with_you", "line_open"}
    assert set(texts.means_away) == set(texts.means_heard) == set(get_args(held.Means))
    assert set(texts.labels) <= {"default", *get_args(Question)}
    assert len(care_of.sender) <= care.SENDER_CHARS_MAX
    assert len(care_of.follow_ups) == 3


def test_the_level_of_a_crisis_never_sinks_and_its_questions_begin_anew_with_new_danger() -> None:
    hold = protocol.begin(None, CRISIS, START)
    hold = protocol.step(hold, CrisisStepped(step="safe_now", answer="yes"), START)
    hold = protocol.begin(hold, VIOLENCE, START)
    assert (hold.level, hold.category, hold.step) == ("crisis", "violence", "safe_now")
    assert not protocol.has_grown(hold, "high", "suicide", "self")
    assert protocol.has_grown(hold, "high", "overdose", "self")


def test_danger_to_oneself_after_danger_to_another_is_new() -> None:
    hold = protocol.begin(None, protocol.start("a", "high", "suicide", "other"), START)
    assert protocol.has_grown(hold, "high", "suicide", "self")


def test_time_ends_a_hold_of_level_high_only() -> None:
    day = timedelta(hours=24)
    high = protocol.begin(None, HIGH, START)
    assert not protocol.has_lapsed(high, START + day - timedelta(seconds=1), day)
    assert protocol.has_lapsed(high, START + day, day)
    assert not protocol.has_lapsed(protocol.endangered(high, START + day), START + day, day)
    crisis = protocol.begin(high, CRISIS, START)
    assert not protocol.has_lapsed(crisis, START + 100 * day, day)


def test_somebody_who_comes_back_after_hours_is_asked_from_the_beginning() -> None:
    world = World()
    world.says("I am going to end it tonight", "crisis")
    world.presses("q=safe_now&a=yes")
    world.now += protocol.ANEW_AFTER
    assert world.says("hello again").asks == "safe_now"
    assert world.says("yes").asks == "with_you"


def test_a_button_of_an_earlier_question_moves_nothing_unless_it_says_not_safe() -> None:
    world = World()
    world.says("I am going to end it tonight", "crisis")
    world.presses("q=safe_now&a=yes")
    world.presses("q=with_you&a=yes")
    assert world.presses("q=with_you&a=no").asks == "means_away"
    unsafe = world.presses("q=safe_now&a=no")
    assert unsafe.asks == "with_you"
    assert any(message["type"] == "flex" for message in unsafe.messages.value)


def test_the_record_of_a_step_holds_no_words_of_the_person() -> None:
    world = World()
    world.says("I am going to end it tonight", "crisis")
    world.says("my secret is the river")
    facts = [stored.event.data for stored in world.history if stored.event.type.startswith("conversation.")]
    assert "river" not in str(facts)


@pytest.mark.parametrize(
    ("said", "question", "reading"),
    [
        ("Yes!", "safe_now", "yes"),
        ("yes, thank you", "safe_now", "yes"),
        ("yes, but he has a knife", "safe_now", "unclear"),
        ("no, he is outside the door", "safe_now", "no"),
        ("not now", "line_open", "no"),
        ("I'm not safe", "safe_now", "no"),
        ("I don’t know", "safe_now", "unsure"),
        ("alone", "with_you", "no"),
        ("alone", "line_open", "unclear"),
        ("fine", "follow_up", "yes"),
        ("ค่ะ", "safe_now", "unclear"),
        ("ไม่ค่ะ", "safe_now", "no"),
        ("มีดอยู่ในมือ", "with_you", "unclear"),
        ("มีครับ", "with_you", "yes"),
        ("ไม่มีใครเลยค่ะ", "with_you", "no"),
        ("ไม่แน่ใจเลย", "safe_now", "unsure"),
        ("ไม่ค่อยดีค่ะ", "follow_up", "no"),
        ("安全", "safe_now", "yes"),
        ("不安全", "safe_now", "no"),
        ("沒有人", "with_you", "no"),
        ("没有", "with_you", "no"),
        ("不確定啊", "safe_now", "unsure"),
        ("一個人", "with_you", "no"),
        ("", "safe_now", "unclear"),
        ("yes " * 50, "safe_now", "unclear"),
    ],
)
def test_an_answer_is_read_conservatively(said: str, question: Question, reading: Reading) -> None:
    assert answers.read([said], question) == reading


def test_two_answers_that_contradict_each_other_are_unclear() -> None:
    assert answers.read(["yes", "no"], "safe_now") == "unclear"
    assert answers.read(["yes", "yes please"], "safe_now") == "yes"


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_button_says_is_read_as_that_answer_when_it_is_typed(language: Language) -> None:
    """Some people type the label instead of pressing it."""
    labels = protocol_texts(language).labels
    for question in get_args(Question):
        if question == "contact_name":
            continue
        for answer, label in labels.get(question, labels["default"]).items():
            assert answers.read([label], question) == answer, (question, label)


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("Mali 081 234 5678", ("Mali", "0812345678", None)),
        ("แม่มะลิ โทร 081-234-5678", ("แม่มะลิ", "0812345678", None)),
        ("茉莉：０９１２３４５６７８", ("茉莉", "0912345678", None)),
        ("Dr. O'Neil +66 (0)81-234-5678", ("Dr. O'Neil", "+66812345678", None)),
        ("Arun, Arun@Example.org", ("Arun", None, "arun@example.org")),
        ("Arun 0812345678 arun@example.org", ("Arun", "0812345678", "arun@example.org")),
        ("0812345678", None),
        ("Mali", None),
        ("Mali 1323", None),
        ("Mali 0812345678 0898765432", None),
        ("Mali 0812345678901234567", None),
        ("arun@example.org", None),
        ("M" * 100 + " 0812345678", None),
    ],
)
def test_a_contact_is_a_name_and_one_way_to_reach_it(said: str, found: tuple[str, ...] | None) -> None:
    parsed = contact.parse(said)
    assert (parsed and (parsed.name, parsed.telephone, parsed.email)) == found
    assert "Mali" not in repr(parsed)


def test_a_clinician_who_spoke_lately_is_not_interrupted_by_a_card() -> None:
    world = World(rules=Rules())
    world.says("hello")
    world.fact(AlertTakenOver(alert="a", by="nok", via="cli"))
    world.answer()
    world.now += timedelta(minutes=9)
    world.fact(AlertSaid(alert="a", by="nok", via="cli", words=Sealed("I am here")))
    world.answer()
    world.now += timedelta(minutes=9)
    world.judge(world.write("I want to die").id, "crisis")
    world.run()
    assert [skipped.reason for skipped in world.of(TurnSkipped)] == ["taken_over"]
    world.now += timedelta(minutes=2)
    assert world.says("I want to die", "crisis").kind == "crisis"


def test_danger_found_late_while_a_clinician_talks_is_theirs_once_they_have_spoken() -> None:
    world = World()
    world.says("hello")
    world.fact(AlertTakenOver(alert="a", by="nok", via="cli"))
    world.answer()
    message = world.write("it will be over soon")
    world.run()
    world.judge(message.id, "crisis")
    world.run()
    assert [verdict.message for verdict in world.state.owed] == [message.id]
    world.fact(AlertSaid(alert="a", by="nok", via="cli", words=Sealed("I read that")))
    assert world.answer().kind == "human"
    assert not world.state.owed
