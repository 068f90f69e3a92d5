"""The fold: a person's part of the log, event by event, into what chat knows of them."""

from __future__ import annotations

from typing import Final, get_args

import msgspec

from namjai.chat.content import UI_LANGUAGES, UiLanguage
from namjai.chat.domain import protocol
from namjai.chat.domain.attend import attend
from namjai.chat.domain.image_sets import image_set
from namjai.chat.domain.remember import after_fact, after_reply, may_remember
from namjai.chat.domain.stage import Stage
from namjai.chat.domain.state import (
    REMEMBERED_MAX,
    Cue,
    FlowAt,
    Pending,
    Person,
    Read,
    State,
    Unspent,
    Verdict,
    gravest,
)
from namjai.events import Envelope, Fact, Stored
from namjai.events.checkin import ReminderDue
from namjai.events.conversation import (
    ContactRequested,
    CrisisEnded,
    CrisisStarted,
    CrisisStepped,
    FlowMoved,
    StageChanged,
    TurnSkipped,
)
from namjai.events.instrument import InstrumentAnswered
from namjai.events.media import MediaKind, MediaTranscribed, MediaUnread
from namjai.events.member import (
    ContactNamed,
    LanguageChosen,
    MemberConsented,
    MemberErased,
    MemberFollowed,
    MemberPaused,
    MemberRegistered,
    MemberResumed,
    MemberUnfollowed,
)
from namjai.events.message import MessageReceived, MessageUnsent, PostbackReceived
from namjai.events.plan import PlanWritten
from namjai.events.reply import ReplyIssued
from namjai.events.risk import RiskAssessed, RiskReassessed

RECENT_CONTENT_MAX: Final = 24
STAFF_BUTTON: Final = "staff="
"""Postback data of the buttons under a staff alert begins so."""

_STAGES: Final[dict[str, Stage]] = {stage: stage for stage in get_args(Stage)}
_LANGUAGES: Final[dict[str, UiLanguage]] = {language: language for language in UI_LANGUAGES}
_MEDIA: Final[dict[str, MediaKind]] = {"audio": "audio", "image": "image"}
_replace = msgspec.structs.replace


def fold(state: State, stored: Stored[Fact]) -> State:
    """The state after one more event."""
    if stored.sequence <= state.through:
        return state
    return _replace(_apply(state, stored.event, stored.sequence), through=stored.sequence)


def _apply(state: State, event: Envelope[Fact], sequence: int) -> State:
    match event.data:
        case MessageReceived() | PostbackReceived() | MemberFollowed() as fact:
            return _heard(state, _pending(event.id, sequence, fact))
        case MessageUnsent(message_id=message_id):
            return _replace(state, unsent=(*state.unsent, message_id)[-REMEMBERED_MAX:])
        case RiskAssessed() | RiskReassessed() as fact:
            return _judged(state, event.id, fact)
        case ReplyIssued() as fact:
            return _replied(state, event, sequence, fact)
        case TurnSkipped() as fact:
            return _skipped(state, fact)
        case CrisisStarted() | CrisisStepped() | CrisisEnded() as fact:
            return _held(state, event, fact)
        case MediaTranscribed() | MediaUnread() as fact:
            return _perceived(state, event.id, sequence, fact)
        case InstrumentAnswered(about_death=True, value=value) if value > 0:
            # answered on, and judged by risk afterwards: danger found in it is owed a card like any other
            return _replace(state, unscreened=(*state.unscreened, event.id)[-REMEMBERED_MAX:])
        case FlowMoved() as fact:
            return _replace(state, flow=_flow(fact, sequence))
        case ReminderDue(number=number):
            cue = Cue(sequence=sequence, event=event.id, kind="reminder", number=number)
            return _replace(state, cues=(*state.cues, cue))
        case ContactRequested():
            return _replace(state, hold=_replace(state.hold, told=True) if state.hold else None)
        case MemberErased():
            return State(erased=True, replied=state.replied, last_reply=state.last_reply, pending=state.pending)
        case fact:
            person = _remembering(_person(state.person, fact), state.person, fact, sequence)
            return attend(_replace(state, person=person), event, sequence)


def _heard(state: State, pending: Pending) -> State:
    person = _replace(state.person, unfollowed=False)
    return _replace(state, pending=(*state.pending, pending), heard_at=pending.received_at, person=person)


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
        for_staff=isinstance(fact, PostbackReceived) and fact.postback.get("").startswith(STAFF_BUTTON),
        media=_MEDIA.get(fact.kind) if isinstance(fact, MessageReceived) else None,
        image_set=image_set(fact.raw.get("")) if isinstance(fact, MessageReceived) and fact.kind == "image" else None,
        received_at=fact.received_at,
    )


def _perceived(state: State, event: str, sequence: int, fact: MediaTranscribed | MediaUnread) -> State:
    """A picture or a voice message was read. If its turn was taken meanwhile, only danger found in it still counts."""
    read = Read(event=event, sequence=sequence, judge=isinstance(fact, MediaTranscribed))
    if any(pending.event == fact.message for pending in state.pending):
        pending = tuple(_replace(each, read=read) if each.event == fact.message else each for each in state.pending)
        return _replace(state, pending=pending)
    return _replace(state, unscreened=(*state.unscreened, event)[-REMEMBERED_MAX:]) if read.judge else state


def _flow(fact: FlowMoved, sequence: int) -> FlowAt | None:
    if fact.step == "done":
        return None
    return FlowAt(skill=fact.skill, step=fact.step, sequence=sequence, until=fact.until)


def _judged(state: State, event: str, fact: RiskAssessed | RiskReassessed) -> State:
    """A verdict, or a second look at one. On a message that has its turn, only danger matters still."""
    verdict = Verdict(
        assessment=event,
        message=fact.message,
        judged=isinstance(fact, RiskReassessed) or fact.outcome != "failed",
        level=fact.level,
        category=fact.category,
        subject=fact.subject,
    )
    if any(fact.message in pending.ids for pending in state.pending):
        return _replace(state, verdicts=(*state.verdicts, verdict))
    answered = state.answered if isinstance(fact, RiskReassessed) else state.unscreened
    if fact.message in answered and verdict.is_crisis:
        return _replace(state, owed=(*state.owed, verdict)[-REMEMBERED_MAX:])
    return state


def _replied(state: State, event: Envelope[Fact], sequence: int, fact: ReplyIssued) -> State:
    started = _carded(state, event, sequence, fact) if fact.urgent else state
    person = state.person
    first = min((each.sequence for each in state.pending if each.event in fact.answers), default=None)
    may = may_remember(person.consents)
    return _replace(
        _settled(started, fact.answers, unscreened=not fact.screened),
        replied=sequence,
        last_reply=event.id,
        asks=state.asks if fact.kind == "reminder" else fact.asks,  # it comes between a question and its answer
        unspent=None,
        owed=tuple(verdict for verdict in state.owed if verdict.assessment not in fact.assessments),
        person=_replace(
            person,
            greeted=True,
            stage=_STAGES.get(fact.stage or "", person.stage),
            last_language=_LANGUAGES.get(fact.language if _wrote(state, fact) else "", person.last_language),
            recent_content=(*person.recent_content, *_variable(fact.content))[-RECENT_CONTENT_MAX:],
            memory=after_reply(person.memory, fact, sequence, first=first, may=may),
        ),
    )


def _wrote(state: State, fact: ReplyIssued) -> bool:
    """Whether this answers a message: a button, or following us, says nothing about a person's language."""
    return any(each.kind == "message" and each.event in fact.answers for each in state.pending)


def _carded(state: State, event: Envelope[Fact], sequence: int, fact: ReplyIssued) -> State:
    """Danger was answered. A whole card begins a crisis by itself: it goes out alone, and the record follows it.

    (One event is appended many times faster than a batch; G5.)
    """
    if fact.kind != "crisis":
        hold = protocol.endangered(state.hold, event.time) if state.hold else None
        return _replace(state, hold=hold)
    found = (verdict for verdict in (*state.verdicts, *state.owed) if verdict.assessment in fact.assessments)
    danger = gravest(tuple(found))
    if danger is None:
        return state
    begun = protocol.start(danger.assessment, danger.level, danger.category, danger.subject)
    cue = Cue(sequence=sequence, event=event.id, kind="started", danger=danger)
    return _replace(state, hold=protocol.begin(state.hold, begun, event.time), cues=(*state.cues, cue))


def _variable(content: tuple[str, ...]) -> tuple[str, ...]:
    """The replies among the texts of a turn: fixed ones may be said again."""
    fixed = ("ui/", "crisis/", "protocol/", "care/", "instruments/", "instrument/")
    return tuple(text for text in content if not text.startswith(fixed))


def _skipped(state: State, fact: TurnSkipped) -> State:
    """Silence. Danger that is found later in what was left to a clinician, or to a pause, still counts."""
    if fact.reason not in ("taken_over", "paused"):
        return _without(state, fact.answers)
    left = [each for each in state.pending if each.event in fact.answers and each.kind != "follow"]
    unspent = Unspent(event=left[-1].event, received_at=left[-1].received_at) if left else state.unspent
    return _replace(_settled(state, fact.answers, unscreened=True), unspent=unspent)


def _settled(state: State, answers: tuple[str, ...], *, unscreened: bool) -> State:
    """These have had their turn; where one was taken without its verdict, that is remembered."""
    read = tuple(each.ids[-1] for each in state.pending if each.event in answers and len(each.ids) > 1)
    heard = (*answers, *read)
    missed = tuple(each for each in heard if each not in state.heard_of) if unscreened else ()
    return _replace(
        _without(state, answers),
        answered=(*state.answered, *heard)[-REMEMBERED_MAX:],
        unscreened=(*state.unscreened, *missed)[-REMEMBERED_MAX:],
    )


def _without(state: State, answers: tuple[str, ...]) -> State:
    heard = {*answers, *(event for each in state.pending if each.event in answers for event in each.ids)}
    return _replace(
        state,
        pending=tuple(pending for pending in state.pending if pending.event not in answers),
        verdicts=tuple(verdict for verdict in state.verdicts if verdict.message not in heard),
        cues=tuple(cue for cue in state.cues if cue.event not in answers),
        owed=tuple(verdict for verdict in state.owed if verdict.message not in heard),
    )


def _held(state: State, event: Envelope[Fact], fact: CrisisStarted | CrisisStepped | CrisisEnded) -> State:
    cause = event.causationid or ""
    recorded = _replace(state, cues=tuple(cue for cue in state.cues if cue.event != cause))
    match fact:
        case CrisisStarted() if state.unrecorded is not None and state.unrecorded.event == cause:
            return recorded  # its card began it
        case CrisisStarted():
            return _replace(state, hold=protocol.begin(state.hold, fact, event.time))
        case CrisisStepped():
            hold = protocol.step(state.hold, fact, event.time) if state.hold else None
            return _replace(state, hold=hold)
        case CrisisEnded():
            hold = state.hold if fact.by == "clinician" else None  # a clinician's word ended it when it was said
            return _replace(recorded, hold=hold)


def _remembering(person: Person, before: Person, fact: Fact, sequence: int) -> Person:
    might, may = may_remember(before.consents), may_remember(person.consents)
    memory = after_fact(person.memory, fact, sequence, might=might, may=may)
    return person if memory is person.memory else _replace(person, memory=memory)


def _person(person: Person, fact: Fact) -> Person:
    match fact:
        case LanguageChosen():
            return _replace(person, chosen_language=_LANGUAGES.get(fact.language, person.chosen_language))
        case MemberPaused():
            return _replace(person, paused=True)
        case MemberResumed():
            return _replace(person, paused=False)
        case MemberUnfollowed():
            return _replace(person, unfollowed=True)
        case ContactNamed():
            return _replace(person, has_contact=True)
        case MemberRegistered():
            return _replace(person, registered=True)
        case PlanWritten():
            written = bool(fact.text.get("").strip())
            return _replace(person, plan=person.plan | {fact.step} if written else person.plan - {fact.step})
        case StageChanged():
            return _replace(person, stage=_STAGES.get(fact.after, person.stage))
        case MemberConsented():
            kept = person.consents - {fact.purpose}
            return _replace(person, consents=kept | {fact.purpose} if fact.granted else kept)
        case _:
            return person
