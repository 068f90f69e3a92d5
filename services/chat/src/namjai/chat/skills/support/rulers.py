"""The rulers of motivational interviewing: how important, how sure, how ready, from 0 to 10, and why not lower.

The number matters less than the answer to "why not lower?": there people say their own reasons, in their own words.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal, get_args

from namjai.chat.content import Language
from namjai.chat.domain.rating import is_number, rating
from namjai.chat.domain.stage import Stage
from namjai.chat.domain.visit import Flow
from namjai.chat.skills.support.library import Ruler
from namjai.chat.skills.support.listening import listening
from namjai.chat.skills.support.pick import pick
from namjai.events.checkin import CheckInRecorded

RULERS: Final[tuple[Ruler, ...]] = get_args(Ruler)
_THEN: Final[dict[Ruler, Ruler]] = {"importance": "confidence", "confidence": "readiness"}
_LOW_MAX: Final = 3
_MIDDLE_MAX: Final = 6
_STEPPING_DOWN: Final = 2
WHY: Final = ".why"
LEAVES: Final = frozenset(
    {
        "craving", "lapse", "relapse_worry", "withdrawal", "harm_reduction", "physical", "medicine",
        "who_are_you", "goodbye", "skill", "peer_pressure", "grief",
    }
)  # fmt: skip
"""Whoever says one of these instead of an answer is heard at once; the rulers can wait."""

_NO_REASON: Final = frozenset({"deny", "affirm"})


@dataclass(frozen=True)
class At:
    """A ruler that was asked, or, with `why`, the question after its number."""

    ruler: Ruler
    why: bool = False
    numbers: dict[str, int] = field(default_factory=dict)

    @property
    def step(self) -> str:
        """As the flow keeps it."""
        return self.ruler + (WHY if self.why else "")


@dataclass(frozen=True)
class Asked:
    """What to say, and where that leads; `at` is None at the end."""

    sentences: tuple[str, ...]
    at: At | None
    stage: Stage | None = None
    record: CheckInRecorded | None = None
    offers: bool = False
    """An exercise would help now."""


def standing(flow: Flow | None) -> At | None:
    """The ruler that an open conversation is at; None where it is at something else."""
    name = flow.step.removesuffix(WHY) if flow is not None else ""
    ruler = next((each for each in RULERS if each == name), None)
    if flow is None or ruler is None:
        return None
    kept: dict[str, Any] = flow.slots.get("numbers") or {}
    numbers = {str(name): n for name, n in kept.items() if name in RULERS and isinstance(n, int)}
    return At(ruler, flow.step.endswith(WHY), numbers)


def ask(ruler: Ruler, language: Language) -> Asked:
    """Ask one ruler, from the beginning."""
    return Asked((listening(language).rulers.ask[ruler],), At(ruler))


def answer(at: At, said: str, intent: str, *, language: Language, seed: str) -> Asked | None:
    """What follows an answer; None where it is none, and the conversation goes on without the ruler.

    `intent` is what the same words are about by themselves.
    """
    words = listening(language).rulers
    if at.why:
        return None if intent in LEAVES else _onward(at, pick(words.heard, seed), intent, language)
    number = rating(said)
    if number is None:
        return Asked((words.unread,), at) if is_number(said) else None
    return given(at, number, language=language)


def given(at: At, number: int, *, language: Language) -> Asked:
    """A number was given."""
    words = listening(language).rulers
    at = replace(at, numbers={**at.numbers, at.ruler: number}, why=False)
    band = _band(number)
    if at.ruler == "craving":
        return Asked((words.craving[band].format(n=number),), None, offers=band != "low")
    if at.ruler == "readiness":
        return Asked((words.end[band].format(n=number),), None, stage=stage_of(number), record=_record(at))
    kind = "none" if number == 0 else "low" if number <= _STEPPING_DOWN else "high"
    said = words.why[at.ruler][kind].format(n=number, lower=max(number - _STEPPING_DOWN, 0))
    return Asked((said,), replace(at, why=True))


def stage_of(readiness: int) -> Stage:
    """Where somebody stands who has not begun yet, by how ready they say they are."""
    stages: dict[str, Stage] = {"low": "precontemplation", "middle": "contemplation", "high": "preparation"}
    return stages[_band(readiness)]


def _onward(at: At, heard: str, intent: str, language: Language) -> Asked:
    """The next ruler. Who gave a reason is heard first; who had none is not thanked for one."""
    following = _THEN[at.ruler]
    asked = listening(language).rulers.ask[following]
    said = (asked,) if intent in _NO_REASON else (heard, asked)
    return Asked(said, replace(at, ruler=following, why=False))


def _record(at: At) -> CheckInRecorded:
    return CheckInRecorded(
        importance=at.numbers.get("importance"),
        confidence=at.numbers.get("confidence"),
        readiness=at.numbers.get("readiness"),
    )


def _band(number: int) -> Literal["low", "middle", "high"]:
    return "low" if number <= _LOW_MAX else "middle" if number <= _MIDDLE_MAX else "high"
