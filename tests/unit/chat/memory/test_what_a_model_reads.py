"""What the model of a support turn is given besides the words of the turn, by consent."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest

from namjai.chat.domain.context import Exchange
from namjai.chat.ports import Desk, ModelAnswer, ModelRequest, Said
from namjai.chat.skills.support import SKILL
from namjai.events import Sealed
from namjai.events.memory import MemoryForgotten, MemoryNoted, MemorySummarised
from tests.unit.chat.visits import Talk, Unasked, texts

EARLIER = Exchange("My daughter was born in May", "What a spring that must have been.", 3)


@dataclass
class Listener(Unasked):
    """Says one thing, and keeps what it was asked."""

    asked: list[ModelRequest] = field(default_factory=list)

    async def write(self, request: ModelRequest) -> ModelAnswer:
        """As the port says."""
        self.asked.append(request)
        return ModelAnswer(text="I am listening.", model="listener")


@dataclass
class Roomy(Talk):
    """A talk whose desk lets a model read so much."""

    tokens_max: int = 1_200

    def desk(self) -> Desk:
        """As for any talk."""
        return replace(super().desk(), context_tokens_max=self.tokens_max)


def asked(*consents: str, tokens_max: int = 1_200, forgotten: bool = False) -> ModelRequest:
    """What the model is asked when somebody writes who has said and noted things before."""
    mind = Listener()
    talk = Roomy(SKILL, consents=frozenset(consents), mind=mind, tokens_max=tokens_max)
    talk.records.exchanges.append(EARLIER)
    talk.records.add(MemorySummarised(text=Sealed("They drink less since spring."), through=2, turns=12))
    talk.records.add(MemoryNoted(note="n", text=Sealed("Works nights"), by="person"))
    if forgotten:
        talk.records.add(MemoryForgotten())
    assert "I am listening." in texts(talk.write("Tonight the craving is strong"))
    return mind.asked[0]


def test_with_the_model_s_consent_alone_it_reads_the_words_of_this_turn() -> None:
    request = asked("model")
    assert (request.text, request.history) == ("Tonight the craving is strong", ())


def test_with_both_it_reads_what_is_remembered_and_the_newest_turns() -> None:
    request = asked("model", "chat")
    first, second = request.history
    assert first.who == "person"
    assert first.text.startswith("<remembered>\nThey drink less since spring.\n- Works nights\n</remembered>")
    assert first.text.endswith(EARLIER.asked)
    assert second == Said("namjai", EARLIER.said)
    assert request.text == "Tonight the craving is strong"


def test_nothing_of_a_person_is_in_the_instruction_which_the_other_side_may_keep() -> None:
    assert asked("model").system == asked("model", "chat").system
    assert "spring." not in asked("model", "chat").system


def test_what_was_forgotten_is_not_read() -> None:
    first, *_ = asked("model", "chat", forgotten=True).history
    assert first.text == EARLIER.asked


@pytest.mark.parametrize("tokens_max", [0, 20])
def test_without_room_the_words_of_this_turn_go_alone(tokens_max: int) -> None:
    request = asked("model", "chat", tokens_max=tokens_max)
    assert (request.text, request.history) == ("Tonight the craving is strong", ())
