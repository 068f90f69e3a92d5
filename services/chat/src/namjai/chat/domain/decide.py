"""Whether to answer now, wait, or say nothing: screening first, rapid messages together, a crisis at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from namjai.chat.domain import image_sets, protocol
from namjai.chat.domain.image_sets import SetRules
from namjai.chat.domain.protocol import Hold
from namjai.chat.domain.state import Cue, Pending, State, Verdict, gravest
from namjai.events.conversation import SkipReason
from namjai.events.media import MediaKind


@dataclass(frozen=True)
class Rules:
    """The times a turn depends on."""

    coalesce: timedelta = timedelta(milliseconds=600)
    throttled_coalesce: timedelta = timedelta(seconds=5)
    screening_wait: timedelta = timedelta(seconds=2)
    coalesce_spans_max: int = 5
    """Somebody who never pauses is answered after this many coalescing times."""
    high_hold: timedelta = timedelta(hours=24)
    """A hold of level high ends by itself so long after the last danger; one of level crisis never does."""
    human_quiet: timedelta = timedelta(minutes=10)
    """A clinician who has said nothing for so long does not keep a crisis card back."""
    follow_up_quiet: timedelta = timedelta(hours=12)
    """Somebody who wrote within this time needs no caring contact."""
    perceives: frozenset[MediaKind] = frozenset()
    """The media that are read before their turn."""
    sets: SetRules = field(default_factory=SetRules)
    """Pictures that were sent together."""


@dataclass(frozen=True)
class Wait:
    """Nothing to say before this time, unless something new is heard."""

    until: datetime


@dataclass(frozen=True)
class Skip:
    """These get no answer, on record."""

    pending: tuple[Pending | Cue, ...]
    reason: SkipReason


@dataclass(frozen=True)
class Answer:
    """One turn for all of these. `danger` is the gravest verdict at high or crisis; `screened` is G3's promise.

    `hold` is the crisis being talked about, `lapsed` says that time has ended one. `taken_over`: a clinician talks;
    `attended`: and did so just now, so that not even a card comes in between.
    """

    pending: tuple[Pending, ...]
    verdicts: tuple[Verdict, ...]
    screened: bool
    danger: Verdict | None = None
    hold: Hold | None = None
    lapsed: bool = False
    taken_over: bool = False
    attended: bool = False


@dataclass(frozen=True)
class Perceive:
    """A voice message or a picture is to be read first: risk must see the words in it."""

    pending: Pending


@dataclass(frozen=True)
class Carry:
    """A turn that no message asked for: a clinician's words, the notice of a takeover, a caring contact."""

    cue: Cue


Step = Wait | Skip | Answer | Perceive | Carry | None


def decide(state: State, first_seen: Mapping[str, datetime], now: datetime, rules: Rules) -> Step:
    """The next step for one person.

    `first_seen` says when this process first saw each pending event: after an outage of our own, risk gets its full
    time to judge the backlog before we call a verdict overdue.
    """
    if (silent := _silent(state)) is not None:
        return silent
    if state.unrecorded is not None:
        return Carry(state.unrecorded)
    attended = state.takeover is not None and now - state.takeover.word_at <= rules.human_quiet
    if (danger := _danger(state)) is not None and not attended:
        return _in_context(danger, state, now, rules)
    if state.cues:
        return _carry(state, state.cues[0], now, rules)
    if not state.pending:
        return None
    step = _in_time(state, first_seen, now, rules)
    return (
        step if isinstance(step, Wait | Perceive) else _in_context(replace(step, attended=attended), state, now, rules)
    )


def _in_time(state: State, first_seen: Mapping[str, datetime], now: datetime, rules: Rules) -> Wait | Perceive | Answer:
    """Wait for verdicts, for a pause and for the rest of a set of pictures, each up to its limit, and read what was
    sent; then answer. Who has waited too long for a verdict does not wait for pictures."""
    pending = state.pending
    said = [each for each in pending if each.kind != "follow"]
    missing = [event for each in said for event in each.ids if event not in state.heard_of]
    overdue = min((first_seen.get(each, now) for each in missing), default=now) + rules.screening_wait
    in_wait = bool(missing) and now < overdue
    more_until = image_sets.open_until(pending, now, rules.sets)
    if more_until is not None and (in_wait or not missing):
        return Wait(min(more_until, overdue) if in_wait else more_until)
    unread = _next_to_read(pending, rules)
    if unread is not None and unread.event not in missing:
        return Perceive(unread)
    if in_wait:
        return Wait(overdue)
    if unread is not None:
        return Perceive(unread)
    ready = _coalesced_at(pending, rules)
    if not missing and now < ready:
        return Wait(ready)
    return Answer(pending, _verdicts(state, pending), screened=_is_screened(state, pending))


def _next_to_read(pending: tuple[Pending, ...], rules: Rules) -> Pending | None:
    """The first voice message or picture that is to be read and is not yet; of many pictures at once only some are."""
    readable = [each for each in pending if each.media in rules.perceives and not each.throttled]
    skipped = image_sets.left_out(readable, rules.sets)
    wanted = (each for each in image_sets.in_order(readable) if each.event not in skipped)
    return next((each for each in wanted if each.read is None), None)


def _in_context(step: Answer, state: State, now: datetime, rules: Rules) -> Answer:
    """The answer with what it is given in: a crisis being talked about, or a clinician who talks."""
    lapsed = state.hold is not None and protocol.has_lapsed(state.hold, now, rules.high_hold)
    hold = None if state.hold is None or lapsed else protocol.resumed(state.hold, now)
    return replace(step, hold=hold, lapsed=lapsed, taken_over=state.takeover is not None)


def _carry(state: State, cue: Cue, now: datetime, rules: Rules) -> Carry | Skip:
    """What staff asked for is carried out; a caring contact or a reminder only where it is welcome."""
    if cue.kind not in ("follow_up", "reminder"):
        return Carry(cue)
    wrote_lately = state.heard_at is not None and now - state.heard_at < rules.follow_up_quiet
    reasons: tuple[tuple[SkipReason, bool], ...] = (
        ("unfollowed", state.person.unfollowed),
        ("paused", state.person.paused),
        ("taken_over", state.takeover is not None),
        ("crisis", cue.kind == "reminder" and state.hold is not None),
        ("talking", wrote_lately and cue.kind == "follow_up"),
    )
    return next((Skip((cue,), reason) for reason, holds in reasons if holds), Carry(cue))


def _verdicts(state: State, pending: tuple[Pending, ...]) -> tuple[Verdict, ...]:
    heard = {event for each in pending for event in each.ids}
    return tuple(verdict for verdict in state.verdicts if verdict.message in heard)


def _is_screened(state: State, pending: tuple[Pending, ...]) -> bool:
    judged = {verdict.message for verdict in state.verdicts if verdict.judged}
    return all(each.kind == "follow" or judged.issuperset(each.ids) for each in pending)


def _danger(state: State) -> Answer | None:
    """The card at once: first what is owed, then for the message in danger and everything before it.

    What came after that message has its own turn.
    """
    if state.owed:
        return Answer((), state.owed, screened=True, danger=gravest(state.owed))
    dangers = tuple(verdict for verdict in state.verdicts if verdict.is_crisis)
    in_danger = {verdict.message for verdict in dangers}
    last = max((each.sequence for each in state.pending if in_danger.intersection(each.ids)), default=None)
    if last is None:
        return None
    pending = tuple(each for each in state.pending if each.sequence <= last)
    screened = _is_screened(state, pending)
    return Answer(pending, _verdicts(state, pending), screened=screened, danger=gravest(dangers))


def _silent(state: State) -> Skip | None:
    """What must not be answered whatever it says."""
    reasons: tuple[tuple[SkipReason, tuple[Pending, ...]], ...] = (
        ("erased", state.pending if state.erased else ()),
        ("staff", tuple(each for each in state.pending if each.for_staff)),
        ("standby", tuple(each for each in state.pending if each.mode == "standby")),
        ("group", tuple(each for each in state.pending if each.source_kind != "user")),
        ("no_recipient", tuple(each for each in state.pending if not each.reachable)),
        ("unsent", tuple(each for each in state.pending if each.message_id and each.message_id in state.unsent)),
    )
    return next((Skip(found, reason) for reason, found in reasons if found), None)


def _coalesced_at(pending: tuple[Pending, ...], rules: Rules) -> datetime:
    """When no more is expected to come: a pause after the last message, but not for ever after the first."""
    messages = [each for each in pending if each.kind == "message"]
    if len(messages) < len(pending) or not messages:
        return pending[-1].received_at  # a button or a greeting wants its answer now
    pause = rules.throttled_coalesce if messages[-1].throttled else rules.coalesce
    patience = messages[0].received_at + pause * rules.coalesce_spans_max
    return min(messages[-1].received_at + pause, patience)
