"""The safety plan: the person's own document in six steps, after Stanley and Brown, in their own words."""

from __future__ import annotations

from typing import ClassVar, Literal

from namjai.events.envelope import Fact
from namjai.events.sealed import Sealed

PlanStep = Literal["signs", "coping", "places", "people", "professionals", "surroundings"]


class PlanWritten(Fact, frozen=True, kw_only=True):
    """One step in the person's words; a later one replaces it, an empty one clears it."""

    TYPE: ClassVar[str] = "plan.written.v1"
    step: PlanStep
    text: Sealed[str]


class PlanShared(Fact, frozen=True, kw_only=True):
    """The plan was sent to the one whom the person named, because they asked for it and agreed."""

    TYPE: ClassVar[str] = "plan.shared.v1"
    mail: str
    """Id of the `mail.requested` event it went with."""


FACTS = (PlanWritten, PlanShared)
