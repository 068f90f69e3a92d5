"""Turns that say nothing, on purpose and on record."""

from __future__ import annotations

from typing import ClassVar, Literal

from namjai.events.envelope import Fact


class TurnSkipped(Fact, frozen=True, kw_only=True):
    """Messages that get no answer, and why, so that silence can be told from loss."""

    TYPE: ClassVar[str] = "conversation.skipped.v1"
    answers: tuple[str, ...]
    through: int
    reason: Literal["standby", "paused", "unsent", "no_recipient", "group", "erased"]


FACTS = (TurnSkipped,)
