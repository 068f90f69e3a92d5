"""Questionnaires: what was answered, item by item. Scores are clear, so that rules need no key."""

from __future__ import annotations

from typing import ClassVar, Literal

import msgspec

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


class InstrumentStarted(Fact, frozen=True, kw_only=True):
    """A questionnaire was begun; answers of an earlier, unfinished one of the same name no longer count."""

    TYPE: ClassVar[str] = "instrument.started.v1"
    instrument: str
    version: str


class InstrumentCompleted(Fact, frozen=True, kw_only=True):
    """All that had to be answered was answered. A screen, never a diagnosis."""

    TYPE: ClassVar[str] = "instrument.completed.v1"
    instrument: str
    version: str
    total: int | None = None
    """None where the instrument has no sum of its own."""
    band: str | None = None
    positive: bool | None = None
    subscores: dict[str, int] = msgspec.field(default_factory=dict)
    """By substance or part, where there are such."""
    flags: tuple[str, ...] = ()


class InstrumentStopped(Fact, frozen=True, kw_only=True):
    """Left unfinished: without a score, which is not the same as 0."""

    TYPE: ClassVar[str] = "instrument.stopped.v1"
    instrument: str
    version: str
    answered: int
    reason: Literal["person", "time", "skipped"]


FACTS = (InstrumentAnswered, InstrumentStarted, InstrumentCompleted, InstrumentStopped)
