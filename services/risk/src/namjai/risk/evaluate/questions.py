"""What is asked of a verdict, by what the texts of a set say of themselves, and what is aimed at."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal

import msgspec

from namjai.risk.domain.model import Level
from namjai.risk.evaluate.data import EXPLORATION, SELF_DIRECTED, Example, Format
from namjai.risk.evaluate.judge import Verdict

SUICIDE_OR_HARM: Final = ("suicide", "self_harm")
ACTIVE_IDEATION_SEVERITY: Final = 2


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """A yes or no about a text: what people answered, and what the screener did."""

    name: str
    what: str
    so: Callable[[Example], bool]
    said: Callable[[Verdict], bool]


class Aim(msgspec.Struct, frozen=True, kw_only=True):
    """A figure that was promised."""

    figure: str
    bound: Literal["at_least", "at_most"]
    target: float

    def met_by(self, value: float) -> bool:
        """Whether a value keeps the promise."""
        return value >= self.target if self.bound == "at_least" else value <= self.target


def _level(level: Level) -> Question:
    return Question(
        name=level.value,
        what=f"labelled {level.value} or above; judged {level.value} or above",
        so=lambda example: example.level >= level,
        said=lambda verdict: verdict.level >= level,
    )


LEVELS: Final = tuple(_level(level) for level in Level if level > Level.NONE)

ERRORS_OF: Final = ("medium", "high", "crisis", "self_directed")
"""The questions whose wrong answers are listed: inbox, alert, card, and the aim that is not about levels."""

_PSYGUARD: Final = (
    Question(
        name="self_directed",
        what="a self-directed label; judged medium or above, whatever the category",
        so=lambda example: bool(example.labels & SELF_DIRECTED),
        said=lambda verdict: verdict.level >= Level.MEDIUM,
    ),
    Question(
        name="self_directed_category",
        what="a self-directed label; judged medium or above for suicide or self-harm",
        so=lambda example: bool(example.labels & SELF_DIRECTED),
        said=lambda verdict: verdict.level >= Level.MEDIUM and verdict.category in SUICIDE_OR_HARM,
    ),
    Question(
        name="self_directed_or_exploration",
        what="a self-directed label or a question about suicide; judged medium or above",
        so=lambda example: bool(example.labels & (SELF_DIRECTED | {EXPLORATION})),
        said=lambda verdict: verdict.level >= Level.MEDIUM,
    ),
)
_SEVERITY: Final = (
    Question(
        name="severity_2",
        what="severity 2 or above; judged high or above",
        so=lambda example: (example.severity or 0) >= ACTIVE_IDEATION_SEVERITY,
        said=lambda verdict: verdict.level >= Level.HIGH,
    ),
)
_HAND_MADE: Final = (
    Aim(figure="crisis_recall", bound="at_least", target=0.95),
    Aim(figure="alarms_on_negatives", bound="at_most", target=0.05),
)

QUESTIONS: Final[dict[Format, tuple[Question, ...]]] = {
    "psyguard": (*LEVELS, *_PSYGUARD),
    "severity": (*LEVELS, *_SEVERITY),
    "harmless": LEVELS,
    "levels": LEVELS,
    "suite": LEVELS,
}
AIMS: Final[dict[Format, tuple[Aim, ...]]] = {
    "psyguard": (
        Aim(figure="self_directed.f1", bound="at_least", target=0.88),
        Aim(figure="self_directed.false_alarms", bound="at_most", target=0.04),
    ),
    "severity": (Aim(figure="severity_2.f1", bound="at_least", target=0.85),),
    "harmless": (Aim(figure="alarms_on_negatives", bound="at_most", target=0.002),),
    "levels": _HAND_MADE,
    "suite": _HAND_MADE,
}
