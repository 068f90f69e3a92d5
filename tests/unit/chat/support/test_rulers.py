"""The rulers from 0 to 10: asked one by one, followed by "why not lower?", left at any time, and put on record."""

from __future__ import annotations

from dataclasses import replace

import pytest

from namjai.chat.content import LANGUAGES, Language
from namjai.chat.domain.composed import Composed
from namjai.chat.domain.faults import fault
from namjai.chat.domain.messages import problems
from namjai.chat.domain.stage import Stage
from namjai.chat.domain.state import Person
from namjai.chat.skills.support.listening import listening
from namjai.chat.skills.support.rulers import At, given, stage_of
from namjai.chat.skills.support.talk import curated
from namjai.events.checkin import CheckInRecorded
from namjai.events.conversation import FlowMoved, StageChanged
from tests.unit.chat.support.conversing import Conversation
from tests.unit.chat.visits import buttons, texts


def through(talk: Conversation, *, readiness: str) -> Composed | None:
    """All three rulers, each by tapping or writing."""
    talk.tap(talk.press("do=support.rulers"), "7")
    talk.tap(talk.write("because of my daughter"), "4")
    talk.write("I did it once")
    return talk.write(readiness)


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_number_is_followed_by_why_not_lower_and_ends_in_a_step(language: Language) -> None:
    talk, words = Conversation(language=language), listening(language).rulers
    turn = talk.press("do=support.rulers")
    assert words.ask["importance"] in texts(turn)
    assert words.why["importance"]["high"].format(n=7, lower=5) in texts(talk.tap(turn, "7"))
    turn = talk.write("เพราะลูก")
    assert words.ask["confidence"] in texts(turn)
    assert words.why["confidence"]["low"].format(n=2) in texts(talk.tap(turn, "2"))
    turn = talk.write("不知道怎麼說")
    assert words.ask["readiness"] in texts(turn)
    assert words.end["high"].format(n=8) in texts(talk.write("8"))
    assert talk.facts(CheckInRecorded) == [CheckInRecorded(importance=7, confidence=2, readiness=8)]
    assert talk.flow is None or talk.flow.step == "talk"


@pytest.mark.parametrize(
    ("readiness", "stage"), [("1", "precontemplation"), ("5", "contemplation"), ("9", "preparation")]
)
def test_the_stage_follows_from_how_ready_somebody_is(readiness: str, stage: Stage) -> None:
    talk = Conversation()
    through(talk, readiness=readiness)
    changed = [fact for fact in talk.facts(StageChanged) if fact.by == "rulers"]
    assert changed == [StageChanged(before=None, after=stage, by="rulers")]
    assert stage_of(int(readiness)) == stage


def test_who_has_begun_is_not_sent_back_by_a_low_number() -> None:
    talk = Conversation(person=Person(greeted=True, stage="action"))
    through(talk, readiness="2")
    assert talk.facts(StageChanged) == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("number", range(11))
def test_whatever_number_is_given_one_kind_question_follows_at_most(language: Language, number: int) -> None:
    for ruler in ("importance", "confidence", "readiness", "craving"):
        asked = given(At(ruler), number, language=language)
        said = " ".join(asked.sentences)
        assert fault(said, language) is None, said
        assert said.count("?") + said.count("？") <= 1
        assert number == 0 or str(number) in said
        assert "{" not in said


def test_zero_is_an_honest_answer() -> None:
    talk = Conversation()
    turn = talk.tap(talk.press("do=support.rulers"), "0")
    assert "honest" in texts(turn)


@pytest.mark.parametrize(
    ("said", "intent"),
    [("I really want a drink right now", "craving"), ("I drank again last night", "lapse"), ("goodbye", "goodbye")],
)
def test_whoever_has_something_else_at_heart_is_heard_at_once(said: str, intent: str) -> None:
    talk = Conversation()
    talk.press("do=support.rulers")
    assert talk.said(said).intent == intent
    talk = Conversation()
    talk.tap(talk.press("do=support.rulers"), "6")
    assert talk.said(said).intent == intent


def test_words_where_a_number_was_asked_for_are_answered_as_words() -> None:
    talk = Conversation()
    talk.press("do=support.rulers")
    assert talk.said("I feel so lonely").intent == "loneliness"
    assert talk.facts(CheckInRecorded) == []


def test_a_number_past_ten_is_asked_for_again() -> None:
    talk = Conversation()
    talk.press("do=support.rulers")
    assert listening("en").rulers.unread in texts(talk.said("12"))
    assert listening("en").rulers.why["importance"]["high"].format(n=9, lower=7) in texts(talk.said("9"))


def test_not_now_is_respected() -> None:
    talk = Conversation()
    turn = talk.tap(talk.press("do=support.rulers"), "Not now")
    assert texts(turn)
    assert talk.flow is None
    assert talk.said("7").intent == "unclear"


def test_nobody_is_thanked_for_a_reason_that_they_did_not_give() -> None:
    talk = Conversation()
    talk.tap(talk.press("do=support.rulers"), "6")
    turn = talk.said("I don't know")
    assert texts(turn) == listening("en").rulers.ask["confidence"]


def test_a_reply_that_asks_for_a_number_is_followed_by_its_ruler() -> None:
    talk = Conversation()
    while (turn := talk.said("I really want a drink")).content[-1] != "support/en/craving.surf":
        pass
    assert {"0", "10"} <= set(buttons(turn))
    turn = talk.said("9")
    assert listening("en").rulers.craving["high"].format(n=9) in texts(turn)


def test_in_the_middle_of_another_skill_nothing_of_it_is_ended() -> None:
    talk = Conversation()
    visit = talk.visit(talk._pressed("do=support.rulers"))
    assert visit.interrupts is None
    said = curated(replace(visit, interrupts="plan"))
    assert not [fact for fact in said.composed.facts if isinstance(fact, FlowMoved)]


@pytest.mark.parametrize(
    "data", ["do=support.rate", "do=support.rate&ruler=x&n=3", "do=support.rate&ruler=craving&n=77"]
)
def test_a_button_that_nobody_made_does_no_harm(data: str) -> None:
    assert texts(Conversation().press(data))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_bubble_is_one_that_line_takes(language: Language) -> None:
    talk = Conversation(language=language)
    for data in ("do=support.rulers", "do=support.rate&ruler=importance&n=3", "do=support.later"):
        turn = talk.press(data)
        assert turn is not None
        assert [problem for message in turn.messages for problem in problems(message)] == []
