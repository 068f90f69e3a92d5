"""What chat knows of a person: a fold of their part of the log, without a word of theirs in it."""

from __future__ import annotations

from datetime import datetime
from typing import Final, Literal, get_args

import msgspec

from namjai.chat.content import Language
from namjai.chat.skills.support.understand import Stage
from namjai.events import Fact, Stored
from namjai.events.conversation import TurnSkipped
from namjai.events.member import (
    LanguageChosen,
    MemberConsented,
    MemberErased,
    MemberFollowed,
    MemberPaused,
    MemberResumed,
)
from namjai.events.message import MessageEdited, MessageReceived, MessageUnsent, PostbackReceived
from namjai.events.reply import ReplyIssued
from namjai.events.risk import Category, Level, RiskAssessed

RECENT_CONTENT_MAX: Final = 12
REMEMBERED_MAX: Final = 64
"""How many unsent message ids and unscreened answers are remembered: older ones can no longer matter to a turn."""

_STAGES: Final[dict[str, Stage]] = {stage: stage for stage in get_args(Stage)}
_LANGUAGES: Final[dict[str, Language]] = {"th": "th", "en": "en", "zh-TW": "zh-TW"}


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
    received_at: datetime


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


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """What shapes an answer."""

    chosen_language: Language | None = None
    last_language: Language | None = None
    consents: frozenset[str] = frozenset()
    paused: bool = False
    greeted: bool = False
    stage: Stage | None = None
    recent_content: tuple[str, ...] = ()


class State(msgspec.Struct, frozen=True, kw_only=True):
    """The fold. `through` is the last sequence folded in; `replied` the sequence of the last turn (0: none)."""

    through: int = 0
    replied: int = 0
    last_reply: str | None = None
    pending: tuple[Pending, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    owed: tuple[Verdict, ...] = ()
    """Danger found in messages that were answered before their verdict came: the card is still to be sent."""
    unscreened: tuple[str, ...] = ()
    unsent: tuple[str, ...] = ()
    person: Person = Person()
    erased: bool = False

    def verdict(self, event: str) -> Verdict | None:
        """The verdict on a pending message, once there is one."""
        return next((verdict for verdict in self.verdicts if verdict.message == event), None)


def fold(state: State, stored: Stored[Fact]) -> State:
    """The state after one more event."""
    if stored.sequence <= state.through:
        return state
    changed = _apply(state, stored.event.id, stored.sequence, stored.event.data)
    return msgspec.structs.replace(changed, through=stored.sequence)


def _apply(state: State, event: str, sequence: int, fact: Fact) -> State:
    replace = msgspec.structs.replace
    match fact:
        case MessageReceived() | PostbackReceived() | MemberFollowed():
            return replace(state, pending=(*state.pending, _pending(event, sequence, fact)))
        case MessageEdited():
            return state  # groups only, where we say nothing; risk has read it
        case MessageUnsent():
            return replace(state, unsent=(*state.unsent, fact.message_id)[-REMEMBERED_MAX:])
        case RiskAssessed():
            return _judged(state, event, fact)
        case ReplyIssued():
            return _answered(state, event, sequence, fact)
        case TurnSkipped():
            return _without(state, fact.answers)
        case MemberErased():
            return State(erased=True)
        case _:
            return replace(state, person=_person(state.person, fact))


def _pending(event: str, sequence: int, fact: MessageReceived | PostbackReceived | MemberFollowed) -> Pending:
    if isinstance(fact, MemberFollowed):
        return Pending(sequence=sequence, event=event, kind="follow", mode=fact.mode, received_at=fact.received_at)
    return Pending(
        sequence=sequence,
        event=event,
        kind="message" if isinstance(fact, MessageReceived) else "postback",
        message_id=fact.message_id if isinstance(fact, MessageReceived) else "",
        mode=fact.mode,
        source_kind=fact.source_kind,
        reachable=fact.sender is not None,
        throttled=fact.throttled,
        received_at=fact.received_at,
    )


def _judged(state: State, event: str, fact: RiskAssessed) -> State:
    verdict = Verdict(
        assessment=event,
        message=fact.message,
        judged=fact.outcome != "failed",
        level=fact.level,
        category=fact.category,
        subject=fact.subject,
    )
    if any(pending.event == fact.message for pending in state.pending):
        return msgspec.structs.replace(state, verdicts=(*state.verdicts, verdict))
    if fact.message in state.unscreened and verdict.is_crisis:
        return msgspec.structs.replace(state, owed=(*state.owed, verdict)[-REMEMBERED_MAX:])
    return state


def _answered(state: State, event: str, sequence: int, fact: ReplyIssued) -> State:
    judged = {verdict.message for verdict in state.verdicts}
    missed = () if fact.screened else tuple(answer for answer in fact.answers if answer not in judged)
    person = state.person
    return msgspec.structs.replace(
        _without(state, fact.answers),
        replied=sequence,
        last_reply=event,
        unscreened=(*state.unscreened, *missed)[-REMEMBERED_MAX:],
        owed=tuple(verdict for verdict in state.owed if verdict.assessment not in fact.assessments),
        person=msgspec.structs.replace(
            person,
            greeted=True,
            stage=_STAGES.get(fact.stage or "", person.stage),
            last_language=_LANGUAGES.get(fact.language, person.last_language),
            recent_content=(*person.recent_content, *_variable(fact.content))[-RECENT_CONTENT_MAX:],
        ),
    )


def _variable(content: tuple[str, ...]) -> tuple[str, ...]:
    """The replies among the texts of a turn: fixed ones (`ui/…`, `crisis/…`) may be said again."""
    return tuple(text for text in content if not text.startswith(("ui/", "crisis/")))


def _without(state: State, answers: tuple[str, ...]) -> State:
    return msgspec.structs.replace(
        state,
        pending=tuple(pending for pending in state.pending if pending.event not in answers),
        verdicts=tuple(verdict for verdict in state.verdicts if verdict.message not in answers),
    )


def _person(person: Person, fact: Fact) -> Person:
    replace = msgspec.structs.replace
    match fact:
        case LanguageChosen():
            return replace(person, chosen_language=_LANGUAGES.get(fact.language, person.chosen_language))
        case MemberPaused():
            return replace(person, paused=True)
        case MemberResumed():
            return replace(person, paused=False)
        case MemberConsented():
            kept = person.consents - {fact.purpose}
            return replace(person, consents=kept | {fact.purpose} if fact.granted else kept)
        case _:
            return person
