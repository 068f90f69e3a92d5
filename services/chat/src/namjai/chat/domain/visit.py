"""One turn as a skill sees it: who is there, what was said, and where the skill's own conversation stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from namjai.chat.domain.composed import Scene, View
from namjai.chat.domain.doing import Doing
from namjai.chat.domain.heard import Heard
from namjai.chat.domain.state import Cue, Person
from namjai.events.conversation import FlowMoved
from namjai.events.sealed import Sealed

MODEL: Final = "model"
"""The purpose a person agrees to before an outside model reads a word of theirs."""
DONE: Final = "done"


@dataclass(frozen=True)
class Flow:
    """A skill's open conversation: its step, and what it has gathered."""

    skill: str
    step: str
    slots: Mapping[str, Any] = field(default_factory=dict)
    until: datetime | None = None


@dataclass(frozen=True)
class Visit:
    """What a skill decides from. `seed` is the newest event's id: the same turn composed again is the same."""

    member: str
    seed: str
    view: View
    person: Person
    heard: Heard
    scene: Scene
    kinds: tuple[str, ...] = ()
    """What was sent: LINE's message types, `postback`, `follow`; in order."""
    flow: Flow | None = None
    interrupts: str | None = None
    """Whose open conversation this turn comes in between, where it is another skill's."""
    calm: bool = True
    """Risk found no more than distress, in time, and no crisis is being talked about."""

    @property
    def now(self) -> datetime:
        """When the turn is composed."""
        return self.scene.now

    @property
    def may_ask_model(self) -> bool:
        """Whether the person lets an outside model read what they send."""
        return MODEL in self.view.consents

    @property
    def words(self) -> str:
        """All that was written or spoken in this turn."""
        return "\n".join(self.heard.texts)

    @property
    def newest(self) -> str | None:
        """The last thing that was written or spoken, if anything was."""
        return self.heard.texts[-1] if self.heard.texts else None

    def doing(self, skill: str) -> Doing | None:
        """The last thing that was asked of this skill."""
        return next((each for each in reversed(self.heard.doings) if each.skill == skill), None)

    def for_skill(self, skill: str) -> Visit:
        """The same turn without another skill's flow."""
        if self.flow is None or self.flow.skill == skill:
            return self
        return replace(self, flow=None, interrupts=self.flow.skill)


@dataclass(frozen=True)
class Call:
    """A turn that a timer asked for, as a skill sees it: nobody said anything."""

    cue: Cue
    view: View
    scene: Scene


def moved(skill: str, step: str, slots: Mapping[str, Any] | None = None, *, until: datetime | None = None) -> FlowMoved:
    """The fact that a skill's conversation stands here now."""
    return FlowMoved(skill=skill, step=step, slots=Sealed(dict(slots)) if slots else None, until=until)


def closed(skill: str) -> FlowMoved:
    """The fact that it is over."""
    return FlowMoved(skill=skill, step=DONE)


def kinds_of(events: Sequence[Any]) -> tuple[str, ...]:
    """What was sent, in order."""
    return tuple(getattr(event.data, "kind", None) or _BY_TYPE.get(event.type, "follow") for event in events)


_BY_TYPE: Final = {"message.postback.v1": "postback", "member.followed.v1": "follow"}
