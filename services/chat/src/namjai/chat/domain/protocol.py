"""The held conversation as a state machine: from what was answered to the next question, and nothing else.

`Hold` is where it stands, a fold of the log: a card or `CrisisStarted` begins it, `CrisisStepped` moves it,
`CrisisEnded` ends it. `move` is its only decision. Words are made in `held.py`, readings of free text in `answers.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

import msgspec

from namjai.events.conversation import CrisisStarted, CrisisStepped
from namjai.events.risk import Category, Level

Step = Literal["safe_now", "with_you", "means_away", "line_open", "contact"]
Reading = Literal["yes", "no", "unsure", "unclear"]
Question = Literal[Step, "confirm_safe", "contact_name", "follow_up"]
"""Whatever a turn can leave open: the steps, and the questions beside them."""

STEPS: Final[tuple[Step, ...]] = ("safe_now", "with_you", "means_away", "line_open", "contact")
GRAVITY: Final[dict[Level, int]] = {"none": 0, "low": 1, "medium": 2, "high": 3, "crisis": 4}
ANEW_AFTER: Final = timedelta(hours=6)
"""Somebody who comes back after so long is asked from the beginning: what was true then need not be true now."""


class Hold(msgspec.Struct, frozen=True, kw_only=True):
    """A crisis that nobody has ended. `step` is the question that waits for its answer, None when all were asked."""

    level: Level
    category: Category
    subject: Literal["self", "other"]
    seen: tuple[Category, ...] = ()
    """Every kind of danger in it so far: each has had its whole card."""
    step: Step | None = "safe_now"
    again: bool = False
    """The answer to `step` was unclear once; a second unclear one goes on."""
    told: bool = False
    """Somebody whom the person named was asked to be told."""
    danger_at: datetime
    stepped_at: datetime


@dataclass(frozen=True)
class Move:
    """What one answer leads to."""

    fact: CrisisStepped | None = None
    ask: Step | None = None
    """The question to ask now; None: there is none left, or none was open."""
    lines: bool = False
    """The help lines come first once more."""


def start(assessment: str, level: Level, category: Category, subject: Literal["self", "other"]) -> CrisisStarted:
    """The fact that a crisis begins with this danger."""
    return CrisisStarted(assessment=assessment, level=level, category=category, subject=subject)


def begin(hold: Hold | None, fact: CrisisStarted, at: datetime) -> Hold:
    """The fold of a start. Within a crisis the danger can grow: the level never sinks, the questions begin anew."""
    seen = () if hold is None else hold.seen
    level = fact.level if hold is None or GRAVITY[fact.level] > GRAVITY[hold.level] else hold.level
    return Hold(
        level=level,
        category=fact.category,
        subject=fact.subject,
        told=hold is not None and hold.told,
        seen=(*seen, fact.category) if fact.category not in seen else seen,
        danger_at=at,
        stepped_at=at,
    )


def step(hold: Hold, fact: CrisisStepped, at: datetime) -> Hold:
    """The fold of an answer: on to the next question, or once more the same where the answer was unclear."""
    asked_twice = hold.again and hold.step == fact.step
    again = fact.answer == "unclear" and not asked_twice
    return msgspec.structs.replace(hold, step=fact.step if again else _after(fact.step), again=again, stepped_at=at)


def endangered(hold: Hold, at: datetime) -> Hold:
    """The fold of danger that was said again: a hold that ends with time lasts longer."""
    return msgspec.structs.replace(hold, danger_at=at)


def has_lapsed(hold: Hold, now: datetime, high_for: timedelta) -> bool:
    """Whether time has ended it. At level crisis only people do."""
    return hold.level != "crisis" and now - hold.danger_at >= high_for


def resumed(hold: Hold, now: datetime) -> Hold:
    """Where it goes on after a pause: after a long one from the first question."""
    if now - hold.stepped_at < ANEW_AFTER:
        return hold
    return msgspec.structs.replace(hold, step=STEPS[0], again=False)


def has_grown(hold: Hold | None, level: Level, category: Category, subject: Literal["self", "other"]) -> bool:
    """Whether danger that was found now is more than, or other than, what is being talked about: a whole card then."""
    if hold is None:
        return True
    nearer = subject == "self" and hold.subject == "other"
    return nearer or GRAVITY[level] > GRAVITY[hold.level] or category not in hold.seen


def move(hold: Hold, reading: Reading | None, *, unsafe: bool = False) -> Move:
    """What follows when `reading` is the answer to `hold.step`, or None if that was not answered.

    `unsafe`: the button "no" of the first question was pressed, whichever question is open. That is always heard.
    """
    if unsafe or (hold.step == STEPS[0] and reading == "no"):
        return Move(CrisisStepped(step=STEPS[0], answer="no"), ask=_after(STEPS[0]), lines=True)
    if hold.step is None or reading is None:
        return Move(ask=hold.step)
    ask = hold.step if reading == "unclear" and not hold.again else _after(hold.step)
    return Move(CrisisStepped(step=hold.step, answer=reading), ask=ask)


def _after(step: Step) -> Step | None:
    following = STEPS.index(step) + 1
    return STEPS[following] if following < len(STEPS) else None
