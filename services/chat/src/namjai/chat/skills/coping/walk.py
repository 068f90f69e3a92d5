"""Where somebody stands in an exercise, and what one tap or word leads to: pure, and nobody is hurried."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

from namjai.chat.domain.asking import is_question
from namjai.chat.domain.rating import is_number, rating
from namjai.chat.domain.visit import Flow
from namjai.chat.skills.coping.exercises import Answer, offers

BEFORE: Final = "before"
AFTER: Final = "after"
GATHERED_CHARS_MAX: Final = 200
"""Of one reason; what is longer is talk, and is cut on the card."""
ASIDE_CHARS_MIN: Final = 160
"""Somebody who writes so much has something to tell: that is heard, and the exercise waits."""
HIGH: Final = 7
"""From here a craving is strong enough that nobody should stay alone with it."""


@dataclass(frozen=True)
class At:
    """A place in an exercise: `before`, a step counted from 1, or `after`."""

    exercise: str
    step: str = BEFORE
    before: int | None = None
    reasons: tuple[str, ...] = ()

    @property
    def number(self) -> int:
        """The step's number; 0 where it is a rating."""
        return int(self.step) if self.step.isdigit() else 0

    @property
    def gathers(self) -> bool:
        """Whether what is written here is kept for the card."""
        return offers()[self.exercise].gathers

    def slots(self) -> dict[str, Any]:
        """What has to be known to come back here."""
        return {"exercise": self.exercise, "before": self.before, "reasons": list(self.reasons)}


@dataclass(frozen=True)
class End:
    """The exercise is over. `answer` says how the two ratings compare."""

    at: At
    after: int | None

    @property
    def answer(self) -> Answer:
        """What to say to the difference."""
        if self.at.before is None or self.after is None:
            return "unknown"
        if self.after == self.at.before:
            return "same"
        return "eased" if self.after < self.at.before else "stronger"

    @property
    def is_high(self) -> bool:
        """Whether it is still so strong that more than an exercise is needed."""
        return self.after is not None and self.after >= HIGH


@dataclass(frozen=True)
class Unread:
    """A number that is none from 0 to 10: asked once more."""

    at: At


Walk = At | End | Unread


def begin(exercise: str) -> At | None:
    """The beginning of an exercise; None for one that does not exist."""
    return At(exercise) if exercise in offers() else None


def standing(flow: Flow) -> At | None:
    """Where an open conversation stands; None for one of an older release that we cannot read any more."""
    exercise, before = flow.slots.get("exercise"), flow.slots.get("before")
    if not isinstance(exercise, str) or exercise not in offers():
        return None
    reasons = tuple(each for each in flow.slots.get("reasons") or () if isinstance(each, str))
    return At(exercise, flow.step, before if isinstance(before, int) else None, reasons)


def is_aside(at: At, words: str) -> bool:
    """Whether somebody in the middle of an exercise says something that wants an answer of its own."""
    return is_question(words) or (len(words) >= ASIDE_CHARS_MIN and not (at.gathers and at.number))


def rated(at: At, number: int | None, steps: int) -> Walk:
    """A rating was given, or left out."""
    if at.step == AFTER:
        return End(at, number)
    return onward(replace(at, before=number), steps)


def said(at: At, words: str, steps: int) -> Walk:
    """Something was written: an answer where a number was asked for, else a sign to go on."""
    if at.number == 0:
        number = rating(words)
        return Unread(at) if number is None and is_number(words) else rated(at, number, steps)
    reasons = (*at.reasons, words.strip()[:GATHERED_CHARS_MAX]) if at.gathers and words.strip() else at.reasons
    return onward(replace(at, reasons=reasons), steps)


def onward(at: At, steps: int) -> At:
    """The next step, or the second rating after the last one."""
    return replace(at, step=str(at.number + 1) if at.number < steps else AFTER)
