"""What we decided to say."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from namjai.events.envelope import Fact
from namjai.events.risk import Level
from namjai.events.sealed import Sealed
from namjai.events.uses import ModelUse


class ReplyIssued(Fact, frozen=True, kw_only=True):
    """One turn: the answer to one or more messages of a person, in order, once."""

    TYPE: ClassVar[str] = "reply.issued.v1"
    answers: tuple[str, ...]
    """Ids of the events that this turn answers."""
    through: int
    """The log sequence up to which the person's messages are handled."""
    assessments: tuple[str, ...] = ()
    """Ids of the verdicts that it waited for (G3)."""
    screened: bool
    """False: the verdict was overdue, and the crisis lines are in the answer."""
    level: Level = "none"
    kind: str
    """crisis (a card), protocol (a step of the held conversation), support, skill, command, greeting, notice, human,
    follow_up, reminder."""
    skill: str | None = None
    """Whose turn it was, where it was a skill's."""
    responder: str
    """Who composed it: `offline`, `fixed`, `staff`, or a model's name."""
    content: tuple[str, ...] = ()
    """Ids of the curated texts used."""
    review: str = "draft"
    """Lowest review status among them."""
    language: str = "th"
    intent: str | None = None
    stage: str | None = None
    asks: str | None = None
    """The question that this turn leaves open, such as `safe_now`: a word said next may be its answer."""
    uses: tuple[ModelUse, ...] = ()
    """Every call of a model on the way to these words, the vain ones too."""
    previous: str | None = None
    """Id of the turn before, so that the sender can keep the order."""
    urgent: bool = False
    received_at: datetime
    """When the newest answered message reached us: the reply token's age counts from here."""
    messages: Sealed[list[dict[str, Any]]]
    """LINE message objects, at most five a call after splitting."""
    to: Sealed[str]
    reply_token: Sealed[str] | None = None


FACTS = (ReplyIssued,)
