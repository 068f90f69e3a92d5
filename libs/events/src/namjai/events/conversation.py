"""The course of a conversation: turns that say nothing, on purpose and on record, and crises from start to end."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, Literal

from namjai.events.envelope import Fact
from namjai.events.risk import Category, Level
from namjai.events.sealed import Sealed

SkipReason = Literal[
    "standby",
    "paused",
    "unsent",
    "no_recipient",
    "group",
    "erased",
    "unfollowed",
    "talking",
    "crisis",
    "taken_over",
    "staff",
]


class TurnSkipped(Fact, frozen=True, kw_only=True):
    """Messages that get no answer, and why, so that silence can be told from loss."""

    TYPE: ClassVar[str] = "conversation.skipped.v1"
    answers: tuple[str, ...]
    through: int
    reason: SkipReason
    """`taken_over`: a clinician is talking. `crisis`: a reminder in the middle of one. `staff`: a button under an
    alert, which is not for us. `talking`: a follow-up to somebody who wrote just now. Where a member of staff or a
    timer asked for the turn, `answers` names that event."""


class CrisisStarted(Fact, frozen=True, kw_only=True):
    """From here until it ends, only fixed words are said: the held conversation."""

    TYPE: ClassVar[str] = "conversation.crisis_started.v1"
    assessment: str
    level: Level
    category: Category
    subject: Literal["self", "other"]


class CrisisStepped(Fact, frozen=True, kw_only=True):
    """A step of the held conversation was answered: which one, and what was chosen (never free words)."""

    TYPE: ClassVar[str] = "conversation.crisis_stepped.v1"
    step: Literal["safe_now", "with_you", "means_away", "line_open", "contact"]
    answer: Literal["yes", "no", "unsure", "unclear"]


class CrisisEnded(Fact, frozen=True, kw_only=True):
    """The person or a clinician ended it; one of level high also ends with time."""

    TYPE: ClassVar[str] = "conversation.crisis_ended.v1"
    by: Literal["person", "clinician", "time"]


class ContactRequested(Fact, frozen=True, kw_only=True):
    """The person asks that the one they named be told, or staff's policy says so."""

    TYPE: ClassVar[str] = "conversation.contact_requested.v1"
    basis: Literal["consent", "policy"]


class FlowMoved(Fact, frozen=True, kw_only=True):
    """Where a skill's own conversation with a person stands: a form's next question, an exercise's next breath."""

    TYPE: ClassVar[str] = "conversation.flow_moved.v1"
    skill: str
    step: str
    """A word of the skill's own; `done` closes the flow."""
    slots: Sealed[dict[str, Any]] | None = None
    """What the skill has gathered on the way."""
    until: datetime | None = None
    """When it is forgotten, if nothing more is said."""


class StageChanged(Fact, frozen=True, kw_only=True):
    """The person's stage of change, as read from their words, their rulers, or their own account."""

    TYPE: ClassVar[str] = "conversation.stage_changed.v1"
    before: str | None
    after: str
    by: Literal["words", "rulers", "person"]


class ExerciseEnded(Fact, frozen=True, kw_only=True):
    """A guided exercise was gone through, or left."""

    TYPE: ClassVar[str] = "conversation.exercise_ended.v1"
    exercise: str
    completed: bool
    before: int | None = None
    """Craving from 0 to 10 when it began."""
    after: int | None = None


FACTS = (
    TurnSkipped,
    CrisisStarted,
    CrisisStepped,
    CrisisEnded,
    ContactRequested,
    FlowMoved,
    StageChanged,
    ExerciseEnded,
)
