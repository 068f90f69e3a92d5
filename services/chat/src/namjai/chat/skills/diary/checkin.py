"""Where somebody stands in a check-in, and what one answer leads to: pure, and every question may be skipped."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final, Literal

from namjai.chat.content import LANGUAGES
from namjai.chat.domain.language import fold
from namjai.chat.domain.rating import is_number, rating
from namjai.chat.domain.visit import Flow
from namjai.chat.skills.diary.texts import STEPS, Step, answers, texts
from namjai.events.checkin import CheckInRecorded
from namjai.events.sealed import Sealed

NOTE_CHARS_MAX: Final = 1_000
CONTROL_CHARS_MAX: Final = 40
Control = Literal["skip", "back", "stop", "yes", "no"]
Answer = int | bool | str | None
_EDGES: Final = " .!?。！？～~…,，"
_QUESTION: Final = re.compile(r"[?？]\s*$")


@dataclass(frozen=True)
class At:
    """The question that is open, and what was answered so far; what was skipped is None."""

    step: Step = STEPS[0]
    craving: int | None = None
    mood: int | None = None
    used: bool | None = None
    note: str | None = None
    over: bool = False

    @property
    def number(self) -> int:
        """The question's number, from 1."""
        return STEPS.index(self.step) + 1

    @property
    def is_blank(self) -> bool:
        """Whether nothing was answered."""
        return (self.craving, self.mood, self.used, self.note) == (None, None, None, None)

    def slots(self) -> dict[str, Any]:
        """What has to be known to come back here."""
        return {"craving": self.craving, "mood": self.mood, "used": self.used, "note": self.note}

    def fact(self) -> CheckInRecorded:
        """What goes on record."""
        note = Sealed(self.note) if self.note is not None else None
        return CheckInRecorded(craving=self.craving, mood=self.mood, used=self.used, note=note)


@dataclass(frozen=True)
class Unread:
    """An answer that is none, to be asked for once more; those before it count."""

    at: At


@dataclass(frozen=True)
class Stopped:
    """The person wants no more questions."""

    at: At


def standing(flow: Flow) -> At | None:
    """Where an open conversation stands; None where it is no check-in."""
    step = next((each for each in STEPS if each == flow.step), None)
    if step is None:
        return None
    slots = flow.slots
    return At(
        step,
        _number(slots, "craving"),
        _number(slots, "mood"),
        used if isinstance(used := slots.get("used"), bool) else None,
        note if isinstance(note := slots.get("note"), str) else None,
    )


def given(at: At, answer: Answer) -> At:
    """The question is answered, or skipped with None: on to the next."""
    value: dict[str, Any] = {at.step: answer}
    answered = replace(at, **value)
    if at.step == STEPS[-1]:
        return replace(answered, over=True)
    return replace(answered, step=STEPS[STEPS.index(at.step) + 1])


def back(at: At) -> At:
    """The question before; the first stays the first."""
    return replace(at, step=STEPS[max(STEPS.index(at.step) - 1, 0)])


def pressed(at: At, value: str) -> At | None:
    """A button under the open question; None for one that no question has."""
    if value == "skip":
        return given(at, None)
    if at.step in ("craving", "mood"):
        number = rating(value)
        return given(at, number) if number is not None else None
    if at.step == "used" and value in ("yes", "no"):
        return given(at, value == "yes")
    return None


def said(at: At, words: Sequence[str]) -> At | Unread | Stopped | None:
    """Where typed words lead; None for words that are no answer and want one of their own.

    Somebody who writes two numbers in a row has answered two questions. In the end all that is left is the note.
    """
    moved = False
    for n, each in enumerate(words):
        control = _control(each)
        if control == "stop":
            return Stopped(at)
        if control == "back":
            at, moved = back(at), True
        elif control == "skip" or (at.step == "note" and control == "no"):
            at, moved = given(at, None), True
        elif at.step == "note":
            return _noted(at, words[n:]) or (at if moved else None)
        elif (answer := _read(at.step, each, control)) is not None:
            at, moved = given(at, answer), True
        elif is_number(each) or control is not None or len(each.strip()) <= 2:
            return Unread(at)
        else:
            return at if moved else None
        if at.over:
            return at
    return at if moved else None


def _noted(at: At, words: Sequence[str]) -> At | None:
    """A question is no note: it wants an answer."""
    if _QUESTION.search(words[-1]):
        return None
    note = "\n".join(words).strip()
    kept = note if len(note) <= NOTE_CHARS_MAX else f"{note[: NOTE_CHARS_MAX - 1].rstrip()}…"
    return given(at, kept or None)


def _read(step: Step, words: str, control: Control | None) -> Answer:
    if step == "used":
        return control == "yes" if control in ("yes", "no") else None
    return rating(words)


def _control(words: str) -> Control | None:
    """What a short answer means; None for anything else."""
    if len(words) > CONTROL_CHARS_MAX:
        return None
    plain = fold(words).strip(_EDGES)
    if (found := _controls().get(plain)) is not None:
        return found
    for polite in answers().polite:
        if plain.endswith(polite) and (found := _controls().get(plain.removesuffix(polite).strip(_EDGES))) is not None:
            return found
    return None


@lru_cache(maxsize=1)
def _controls() -> Mapping[str, Control]:
    """Folded phrase → meaning; what is on a button counts, since some type it."""
    known = answers()
    buttons: dict[Control, tuple[str, ...]] = {
        "yes": ("yes",),
        "no": ("no",),
        "skip": ("skip", "rather_not", "no_note"),
        "back": ("back",),
        "stop": ("stop",),
    }
    found: dict[str, Control] = {}
    for control, labels in buttons.items():
        found.update({fold(phrase): control for phrase in getattr(known, control)})
        found.update({fold(texts(language).labels[label]): control for language in LANGUAGES for label in labels})
    return found


def _number(slots: Mapping[str, Any], name: str) -> int | None:
    value = slots.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else None
