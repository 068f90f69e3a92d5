"""The plan in the middle of a crisis: whoever has written one finds it under every question, and one tap shows it."""

from __future__ import annotations

from datetime import UTC, datetime

from namjai.chat.content import LANGUAGES, ui_texts
from namjai.chat.domain import held
from namjai.chat.domain.composed import View
from namjai.chat.domain.fold import fold
from namjai.chat.domain.protocol import STEPS, Hold
from namjai.chat.domain.state import State
from namjai.events import Sealed, Stored, begin
from namjai.events.plan import PlanStep, PlanWritten

NOW = datetime(2026, 3, 4, 14, 0, tzinfo=UTC)
HOLD = Hold(level="crisis", category="suicide", subject="self", danger_at=NOW, stepped_at=NOW)


def after(*facts: PlanWritten) -> State:
    state = State()
    for sequence, fact in enumerate(facts, start=1):
        event = begin(fact, source="test", cause=str(sequence), member="m", time=NOW)
        state = fold(state, Stored(event=event, sequence=sequence))
    return state


def written(step: PlanStep, words: str) -> PlanWritten:
    return PlanWritten(step=step, text=Sealed(words))


def test_a_plan_is_there_once_a_step_has_words_and_gone_with_the_last_of_them() -> None:
    assert not after().person.has_plan
    assert after(written("signs", "x")).person.has_plan
    assert after(written("signs", "x"), written("people", "y"), written("signs", "")).person.has_plan
    assert not after(written("signs", "x"), written("signs", " ")).person.has_plan


def test_every_question_of_a_crisis_has_the_button_for_who_has_a_plan() -> None:
    for language in LANGUAGES:
        label = ui_texts(language).labels["plan"]
        for has_plan in (True, False):
            view = View(language, "TH", frozenset(), has_plan=has_plan)
            turns = [held.question(step, HOLD, view, NOW) for step in STEPS]
            turns.append(held.stay(HOLD, view, NOW, 0))
            for turn in turns:
                buttons = {
                    each["action"]["label"]: each["action"].get("data")
                    for each in turn.messages[-1]["quickReply"]["items"]
                }
                assert (buttons.get(label) == "do=plan.show") == has_plan
