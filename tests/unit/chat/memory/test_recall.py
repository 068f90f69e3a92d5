"""What of the log a model may read, and what is remembered once some of it is to be forgotten."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from namjai.chat.domain.fold import fold
from namjai.chat.domain.recall import NOTES_MAX, exchanges
from namjai.chat.domain.remember import TURNS_MAX
from namjai.chat.domain.state import State
from namjai.chat.remembered import known
from namjai.events import Envelope, Fact, Sealed, Stored, begin
from namjai.events.member import MemberConsented
from namjai.events.memory import MemoryForgotten, MemoryNoted, MemorySummarised
from namjai.events.message import MessageReceived, MessageUnsent
from namjai.events.reply import ReplyIssued
from namjai.events.risk import Level, RiskAssessed
from tests.unit.chat.visits import Facts, at_once

NOW = datetime(2026, 3, 4, 14, 0, tzinfo=UTC)


class Story:
    """One person's part of a log, written by hand."""

    def __init__(self, *consents: str) -> None:
        self.events: list[Stored[Fact]] = []
        self.state = State()
        for purpose in consents:
            self.add(MemberConsented(purpose=purpose, granted=True, text_version="1"))

    def add(self, fact: Fact) -> Envelope[Any]:
        """Append, and fold."""
        n = len(self.events) + 1
        event = begin(fact, source="test", cause=str(n), member="m1", time=NOW + timedelta(seconds=n))
        self.events.append(Stored(n, event))
        self.state = fold(self.state, self.events[-1])
        return event

    def hear(self, words: str, level: Level = "none") -> Envelope[Any]:
        """A message, and what risk says of it."""
        n = len(self.events) + 1
        message = self.add(
            MessageReceived(
                kind="text",
                message_id=f"line-{n}",
                webhook_event_id=f"hook-{n}",
                source_kind="user",
                mode="active",
                sent_at=NOW,
                received_at=NOW,
                sender=Sealed("U1"),
                reply_token=Sealed("token"),
                text=Sealed(words),
                raw=Sealed("{}"),
            )
        )
        self.add(RiskAssessed(message=message.id, outcome="screened", level=level, category="other", policy="test"))
        return message

    def answer(self, *heard: Envelope[Any], said: str = "I hear you.", **of_turn: Any) -> None:
        """A turn of ours."""
        turn = {"kind": "support", "skill": "support", "responder": "offline", "screened": True, **of_turn}
        self.add(
            ReplyIssued(
                answers=tuple(each.id for each in heard),
                through=len(self.events),
                received_at=NOW,
                messages=Sealed([{"type": "text", "text": said}]),
                to=Sealed("U1"),
                **turn,
            )
        )

    def talk(self, words: str, level: Level = "none", **of_turn: Any) -> Envelope[Any]:
        """A message and its turn."""
        heard = self.hear(words, level)
        self.answer(heard, **of_turn)
        return heard

    @property
    def read(self) -> list[str]:
        """What a model would read of the person's words."""
        return [each.asked for each in exchanges(self.events, self.state.person.memory)]


@pytest.fixture
def story() -> Story:
    """Somebody who agreed to both."""
    return Story("chat", "model")


def test_turns_of_plain_talk_are_read_in_their_order(story: Story) -> None:
    story.talk("first")
    story.talk("second", said="Tell me more.")
    found = exchanges(story.events, story.state.person.memory)
    assert [(each.asked, each.said) for each in found] == [("first", "I hear you."), ("second", "Tell me more.")]


def test_messages_of_one_turn_are_read_together(story: Story) -> None:
    story.answer(story.hear("I am tired"), story.hear("and thirsty"))
    assert story.read == ["I am tired\nand thirsty"]


@pytest.mark.parametrize("consents", [(), ("chat",), ("model",)])
def test_without_both_consents_nothing_is_read(consents: tuple[str, ...]) -> None:
    story = Story(*consents)
    story.talk("a secret")
    assert story.read == []


def test_what_was_said_before_both_consents_is_never_read() -> None:
    story = Story("model")
    story.talk("before")
    story.add(MemberConsented(purpose="chat", granted=True, text_version="1"))
    story.talk("after")
    assert story.read == ["after"]


def test_giving_a_consent_again_that_was_given_changes_nothing(story: Story) -> None:
    story.talk("first")
    story.add(MemberConsented(purpose="chat", granted=True, text_version="1"))
    assert story.read == ["first"]


@pytest.mark.parametrize("level", ["medium", "high", "crisis"])
def test_what_risk_worried_about_is_left_out(story: Story, level: Level) -> None:
    story.talk("a bad night", level)
    story.talk("a better day")
    assert story.read == ["a better day"]


def test_a_second_look_that_finds_more_leaves_the_turn_out(story: Story) -> None:
    heard = story.talk("I went to the river")
    story.add(RiskAssessed(message=heard.id, outcome="screened", level="high", category="suicide", policy="test"))
    assert story.read == []


@pytest.mark.parametrize(
    "turn",
    [{"kind": "crisis"}, {"kind": "protocol"}, {"kind": "human"}, {"level": "high"}, {"screened": False}],
    ids=str,
)
def test_a_crisis_turn_and_a_clinician_s_are_left_out(story: Story, turn: dict[str, Any]) -> None:
    story.talk("what was said there", **turn)
    assert story.read == []


@pytest.mark.parametrize("skill", ["registration", "instruments", "plan", "education"])
def test_what_was_typed_into_a_form_is_left_out(story: Story, skill: str) -> None:
    story.talk("ABC-123", kind="skill", skill=skill)
    assert story.read == []


def test_what_was_never_judged_is_left_out(story: Story) -> None:
    heard = story.hear("hello")
    story.events = [each for each in story.events if not isinstance(each.event.data, RiskAssessed)]
    story.answer(heard)
    assert story.read == []


def test_words_that_were_taken_back_and_the_answer_to_them_are_gone(story: Story) -> None:
    heard = story.talk("I should not have said this")
    story.add(MessageUnsent(webhook_event_id="w", message_id=heard.data.message_id, received_at=NOW))
    assert story.read == []


def test_what_was_deleted_from_the_log_is_gone(story: Story) -> None:
    heard = story.talk("unsent before it was read")
    story.events = [each for each in story.events if each.event.id != heard.id]
    assert story.read == []


def test_the_turns_that_a_summary_tells_of_are_not_read_again(story: Story) -> None:
    story.talk("old")
    story.add(MemorySummarised(text=Sealed("…"), through=len(story.events), turns=1))
    story.talk("new")
    assert story.read == ["new"]


def test_after_everything_is_forgotten_only_what_comes_then_is_read(story: Story) -> None:
    story.talk("old")
    story.add(MemoryForgotten())
    story.talk("new")
    assert story.read == ["new"]


def test_a_summary_that_was_on_its_way_when_all_was_forgotten_changes_nothing(story: Story) -> None:
    story.talk("old")
    through = len(story.events)
    story.add(MemoryForgotten())
    story.add(MemorySummarised(text=Sealed("old things"), through=through, turns=1))
    assert story.state.person.memory.through == 0


def test_only_so_many_turns_are_found_again(story: Story) -> None:
    for n in range(TURNS_MAX + 5):
        story.talk(f"turn {n}")
    assert len(story.read) == TURNS_MAX
    assert story.read[-1] == f"turn {TURNS_MAX + 4}"


def _noted(note: str, by: Any = "model") -> MemoryNoted:
    return MemoryNoted(note=note, text=Sealed(f"note {note}"), by=by)


def _known(*facts: Fact) -> tuple[str | None, list[str]]:
    records = Facts()
    for fact in facts:
        records.add(fact)
    found = at_once(known(records))
    return found.summary, [note.id for note in found.notes]


def _summary(through: int = 7) -> MemorySummarised:
    return MemorySummarised(text=Sealed("They try to drink less."), through=through, turns=12)


def test_summary_and_notes_are_remembered() -> None:
    assert _known(_summary(), _noted("a"), _noted("b", "person")) == ("They try to drink less.", ["a", "b"])


def test_one_note_can_be_forgotten() -> None:
    assert _known(_noted("a"), _noted("b"), MemoryForgotten(note="a")) == (None, ["b"])


def test_the_summary_can_be_forgotten_alone() -> None:
    assert _known(_summary(), _noted("a"), MemoryForgotten(note="summary")) == (None, ["a"])


def test_everything_can_be_forgotten_and_later_notes_stand() -> None:
    assert _known(_summary(1), _noted("a"), MemoryForgotten(), _noted("b")) == (None, ["b"])


def test_the_person_s_own_notes_stay_when_there_are_too_many() -> None:
    facts = [_noted("mine", "person"), *(_noted(str(n)) for n in range(NOTES_MAX + 3))]
    _, notes = _known(*facts)
    assert len(notes) == NOTES_MAX
    assert notes[0] == "mine"
    assert "0" not in notes
