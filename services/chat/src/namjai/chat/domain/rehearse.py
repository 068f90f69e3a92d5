"""Builds every fixed turn of a crisis once at start, so that a mistake in the data stops a start and not a card."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import get_args

from namjai.chat.content import LANGUAGES, lines
from namjai.chat.domain import care, converse, crisis, held, protocol
from namjai.chat.domain.composed import MESSAGES_MAX, Clinic, Composed, Scene, View
from namjai.chat.domain.contact import NAME_CHARS_MAX, Contact
from namjai.chat.domain.decide import Answer
from namjai.chat.domain.heard import Heard
from namjai.chat.domain.messages import problems
from namjai.chat.domain.protocol import Hold, Question, Reading
from namjai.chat.domain.state import Cue, State, Verdict
from namjai.events.duty import WatchChanged

LONGEST = Contact(name="ม" * NAME_CHARS_MAX, telephone="081234567890123", email="a@example.org")


def rehearse(now: datetime) -> int:
    """Returns how many turns were built. Raises `ValueError` when one would pass a limit of LINE."""
    built = 0
    for name, turn in _turns(now):
        wrong = [problem for message in turn.messages for problem in problems(message)]
        if wrong or not 0 < len(turn.messages) <= MESSAGES_MAX:
            raise ValueError(f"the crisis turn {name}: {wrong or len(turn.messages)}")
        built += 1
    return built


def _turns(now: datetime) -> Iterator[tuple[str, Composed]]:
    watch = WatchChanged(watched=False, until=now + timedelta(hours=1))
    categories, subjects = get_args(crisis.Category), get_args(crisis.Subject)
    for language, country in itertools.product(LANGUAGES, sorted({line.country for line in lines()})):
        scene = Scene(now, Clinic(language, country), watch)
        view = View(language, country, frozenset(), LONGEST, has_plan=True)
        for category, subject in itertools.product(categories, subjects):
            where = f"{language}/{country}/{category}/{subject}"
            for level in get_args(crisis.Level):
                verdict = Verdict(
                    assessment="", message="", judged=True, level=level, category=category, subject=subject
                )
                step = Answer((), (verdict,), screened=True, danger=verdict)
                yield f"{where}/{level}", converse.in_danger(step, verdict, Heard(), State(), view, scene)
            hold = Hold(level="crisis", category=category, subject=subject, danger_at=now, stepped_at=now)
            for name, turn in _held(hold, view, scene):
                yield f"{where}/{name}", turn
        for cue in [_cue("taken_over"), _cue("handed_back"), *(_cue("follow_up", number) for number in range(1, 4))]:
            if (said := care.carried(cue, None, view)) is not None:
                yield f"{language}/{cue.kind}/{cue.number}", said


def _held(hold: Hold, view: View, scene: Scene) -> Iterator[tuple[str, Composed]]:
    questions: tuple[Question, ...] = (*protocol.STEPS, "confirm_safe", "contact_name")
    for asked in questions:
        yield asked, held.question(asked, hold, view, scene.now)
    yield "unnamed", held.question("contact", hold, replace(view, contact=None), scene.now)
    for step, reading in itertools.product(protocol.STEPS, get_args(Reading)):
        yield f"{step}/{reading}", held.acknowledged(step, reading, hold, view, lines=True, now=scene.now)
    yield "short", held.short(hold, view, scene.now)
    yield "stay", held.stay(hold, view, scene.now, 0)


def _cue(kind: str, number: int = 0) -> Cue:
    return Cue(sequence=0, event="", kind=kind, number=number)  # type: ignore[arg-type]
