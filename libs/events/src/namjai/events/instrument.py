"""Questionnaires: what was answered, item by item. Scores are clear, so that rules need no key."""

from __future__ import annotations

from typing import ClassVar

from namjai.events.envelope import Fact


class InstrumentAnswered(Fact, frozen=True, kw_only=True):
    """One item was answered. An item about death or self-harm above zero goes to risk at that answer."""

    TYPE: ClassVar[str] = "instrument.answered.v1"
    instrument: str
    """`phq-9`, `audit-c` …, as in the definition's file."""
    version: str
    item: int
    value: int
    about_death: bool = False


FACTS = (InstrumentAnswered,)
