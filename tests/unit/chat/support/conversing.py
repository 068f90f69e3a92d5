"""Somebody who talks to the supporter, and whose replies and stage are remembered as the fold remembers them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec

from namjai.chat.domain.composed import Composed
from namjai.chat.domain.fold import RECENT_CONTENT_MAX
from namjai.chat.domain.stage import STAGES
from namjai.chat.skills.skill import Skill
from namjai.chat.skills.support import SKILL
from namjai.events import Fact
from namjai.events.conversation import StageChanged
from tests.unit.chat.visits import Talk

F = TypeVar("F", bound=Fact)


@dataclass
class Conversation(Talk):
    """A talk with support; by default of somebody who may be remembered."""

    skill: Skill = SKILL
    consents: frozenset[str] = frozenset({"chat"})

    def said(self, words: str) -> Composed:
        """What is answered, which is never nothing."""
        turn = self.write(words)
        assert turn is not None
        return turn

    def facts(self, kind: type[F]) -> list[F]:
        """Everything of one type, the oldest first."""
        return [each.fact for each in self.records.said if isinstance(each.fact, kind)]

    def _turn(self, *arguments: Any) -> Composed | None:
        turn = super()._turn(*arguments)
        assert turn is not None
        recent = (*self.person.recent_content, *turn.content)[-RECENT_CONTENT_MAX:]
        stage = next((stage for stage in STAGES if stage == turn.stage), self.person.stage)
        for fact in turn.facts:
            if isinstance(fact, StageChanged):
                stage = next(each for each in STAGES if each == fact.after)
        self.person = msgspec.structs.replace(self.person, recent_content=recent, stage=stage)
        return turn
