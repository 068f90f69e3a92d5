"""Stickers: answered for what LINE says they show, where that is a feeling, and with thanks where it is not."""

from __future__ import annotations

import json

import pytest

from namjai.chat.content import LANGUAGES, Language
from namjai.chat.domain.composed import Composed
from namjai.chat.skills.support.skill import SKILL
from namjai.events import Sealed, begin
from namjai.events.message import MessageReceived
from tests.unit.chat.visits import NOW, Talk


class Sticking(Talk):
    """Somebody who sends stickers."""

    def stick(self, *keywords: str, text: str | None = None) -> Composed | None:
        """What is said to one."""
        raw = {"type": "sticker", "keywords": keywords, **({"text": text} if text else {})}
        fact = MessageReceived(kind="sticker", message_id="1", raw=Sealed(json.dumps(raw)), **self._from_webhook())
        return self._turn(begin(fact, source="test", cause=f"{self.turns}", member="m", time=NOW))


@pytest.mark.parametrize(
    "keywords,intent",
    [
        (("Bear", "crying", "Sad"), "sadness"),
        (("Angry", "Fire"), "anger"),
        (("Bunny", "thank you"), "thanks"),
        (("Good night", "moon"), "goodbye"),
        (("worried",), "anxiety"),
        (("Happy", "Party", "Beer"), "got_sticker"),
        (("yes",), "got_sticker"),
        ((), "got_sticker"),
    ],
)
def test_a_sticker_is_answered_for_the_feeling_it_shows(keywords: tuple[str, ...], intent: str) -> None:
    said = Sticking(SKILL).stick(*keywords)
    assert said is not None
    assert said.intent == intent


@pytest.mark.parametrize("language", LANGUAGES)
def test_its_words_are_not_the_persons_language(language: Language) -> None:
    said = Sticking(SKILL, language).stick("Sad")
    assert said is not None
    assert (said.language, said.intent) == (language, "sadness")


def test_what_somebody_wrote_on_a_sticker_goes_first() -> None:
    said = Sticking(SKILL).stick("Hello", text="I feel so sad")
    assert said is not None
    assert said.intent == "sadness"
