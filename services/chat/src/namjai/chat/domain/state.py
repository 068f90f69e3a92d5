"""What chat knows of a person and of the turns they wait for, without a word of theirs in it. `fold.py` builds it."""

from __future__ import annotations

from datetime import datetime
from typing import Final, Literal

import msgspec

from namjai.chat.content import UiLanguage
from namjai.chat.domain.protocol import GRAVITY, Hold
from namjai.chat.domain.remember import Memory
from namjai.chat.domain.stage import Stage
from namjai.events.media import MediaKind
from namjai.events.plan import PlanStep
from namjai.events.risk import Category, Level

REMEMBERED_MAX: Final = 64
"""How many ids of a kind are remembered (unsent, answered, unscreened): older ones can no longer matter to a turn."""


class Read(msgspec.Struct, frozen=True, kw_only=True):
    """What was found in a picture or a voice message; `judge`: there are words in it, and risk must see them."""

    event: str
    sequence: int
    judge: bool


class ImageSet(msgspec.Struct, frozen=True, kw_only=True):
    """Pictures that were sent together: which ones, and this one's place among them where LINE says so."""

    id: str
    index: int | None = None
    total: int | None = None


class Pending(msgspec.Struct, frozen=True, kw_only=True):
    """Something said to us that has no turn yet."""

    sequence: int
    event: str
    kind: Literal["message", "postback", "follow"]
    message_id: str = ""
    mode: str = "active"
    source_kind: str = "user"
    reachable: bool = True
    throttled: bool = False
    for_staff: bool = False
    """A button under an alert: notify answers it."""
    media: MediaKind | None = None
    image_set: ImageSet | None = None
    read: Read | None = None
    received_at: datetime

    @property
    def ids(self) -> tuple[str, ...]:
        """Everything about it that risk judges: the message, and the words that were found in it."""
        return (self.event, self.read.event) if self.read is not None and self.read.judge else (self.event,)


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """As much of an assessment as a turn depends on."""

    assessment: str
    message: str
    judged: bool
    level: Level
    category: Category
    subject: Literal["self", "other"]

    @property
    def is_crisis(self) -> bool:
        """Whether the card goes out: CLINICAL's levels high and crisis."""
        return self.level in ("high", "crisis")


class Cue(msgspec.Struct, frozen=True, kw_only=True):
    """Something that asks for a turn, or for a fact of ours, and is no message of the person."""

    sequence: int
    event: str
    kind: Literal["started", "taken_over", "said", "handed_back", "closed", "follow_up", "reminder"]
    """Nothing is said for `started` (a card went out, and the start of the crisis is to be put on record) and `closed`
    (a clinician ended the crisis, and nobody had taken over)."""
    danger: Verdict | None = None
    ends_hold: bool = False
    number: int = 0


class FlowAt(msgspec.Struct, frozen=True, kw_only=True):
    """Where a skill's own conversation stands; what it has gathered is in the event at `sequence`."""

    skill: str
    step: str
    sequence: int
    until: datetime | None = None


class Takeover(msgspec.Struct, frozen=True, kw_only=True):
    """A clinician is talking. `word_at` is their last word, or the takeover itself."""

    alert: str
    word_at: datetime


class Unspent(msgspec.Struct, frozen=True, kw_only=True):
    """The newest message that was left to a clinician: its reply token has not been used."""

    event: str
    received_at: datetime


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """What shapes an answer."""

    chosen_language: UiLanguage | None = None
    last_language: UiLanguage | None = None
    """What they wrote last; None until they have written."""
    consents: frozenset[str] = frozenset()
    paused: bool = False
    unfollowed: bool = False
    has_contact: bool = False
    greeted: bool = False
    registered: bool = False
    stage: Stage | None = None
    plan: frozenset[PlanStep] = frozenset()
    """The steps of their safety plan that they have written something in."""
    recent_content: tuple[str, ...] = ()
    memory: Memory = Memory()

    @property
    def has_plan(self) -> bool:
        """Whether there is a safety plan to show."""
        return bool(self.plan)


class State(msgspec.Struct, frozen=True, kw_only=True):
    """The fold. `through` is the last sequence folded in; `replied` the sequence of the last turn (0: none)."""

    through: int = 0
    replied: int = 0
    last_reply: str | None = None
    pending: tuple[Pending, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    cues: tuple[Cue, ...] = ()
    owed: tuple[Verdict, ...] = ()
    """Danger found in messages that were answered before it was found: the card is still to be sent."""
    hold: Hold | None = None
    takeover: Takeover | None = None
    asks: str | None = None
    """The question that the last turn left open."""
    answered: tuple[str, ...] = ()
    unscreened: tuple[str, ...] = ()
    unsent: tuple[str, ...] = ()
    unspent: Unspent | None = None
    flow: FlowAt | None = None
    heard_at: datetime | None = None
    person: Person = Person()
    erased: bool = False

    @property
    def waiting(self) -> tuple[Pending | Cue, ...]:
        """All that asks for a turn."""
        return (*self.pending, *self.cues)

    @property
    def unrecorded(self) -> Cue | None:
        """A crisis whose card is out and whose start is not on record yet."""
        return next((cue for cue in self.cues if cue.kind == "started"), None)

    @property
    def needed(self) -> frozenset[int]:
        """Sequences of the events that a turn is made from: what waits, what was read in it, and the open flow."""
        reads = {each.read.sequence for each in self.pending if each.read is not None}
        flow = {self.flow.sequence} if self.flow is not None else set[int]()
        return frozenset({each.sequence for each in self.waiting} | reads | flow)

    @property
    def heard_of(self) -> frozenset[str]:
        """The ids that risk has said something about."""
        return frozenset(verdict.message for verdict in self.verdicts)


def gravest(verdicts: tuple[Verdict, ...]) -> Verdict | None:
    """The first of the most severe."""
    return max(verdicts, key=lambda verdict: GRAVITY[verdict.level], default=None)
