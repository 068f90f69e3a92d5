"""Whether to answer now, wait, or say nothing: screening first, rapid messages together, a crisis at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from namjai.chat.domain.state import Pending, State, Verdict

SkipReason = Literal["standby", "paused", "unsent", "no_recipient", "group", "erased"]


@dataclass(frozen=True)
class Rules:
    """The times a turn depends on."""

    coalesce: timedelta = timedelta(milliseconds=600)
    throttled_coalesce: timedelta = timedelta(seconds=5)
    screening_wait: timedelta = timedelta(seconds=2)
    coalesce_spans_max: int = 5
    """Somebody who never pauses is answered after this many coalescing times."""


@dataclass(frozen=True)
class Wait:
    """Nothing to say before this time, unless something new is heard."""

    until: datetime


@dataclass(frozen=True)
class Skip:
    """These get no answer, on record."""

    pending: tuple[Pending, ...]
    reason: SkipReason


@dataclass(frozen=True)
class Answer:
    """One turn for all of these. `danger` is the gravest verdict at high or crisis; `screened` is G3's promise."""

    pending: tuple[Pending, ...]
    verdicts: tuple[Verdict, ...]
    screened: bool
    danger: Verdict | None = None


Step = Wait | Skip | Answer | None

_GRAVITY = {"none": 0, "low": 1, "medium": 2, "high": 3, "crisis": 4}


def decide(state: State, first_seen: Mapping[str, datetime], now: datetime, rules: Rules) -> Step:
    """The next step for one person.

    `first_seen` says when this process first saw each pending event: after an outage of our own, risk gets its full
    time to judge the backlog before we call a verdict overdue.
    """
    if (silent := _silent(state)) is not None:
        return silent
    if state.owed:
        return Answer((), state.owed, screened=True, danger=_gravest(state.owed))
    pending = state.pending
    if not pending:
        return None
    if (crisis := _crisis(state)) is not None:
        return crisis
    missing = [each for each in pending if each.kind != "follow" and state.verdict(each.event) is None]
    overdue = min((first_seen.get(each.event, now) for each in missing), default=now) + rules.screening_wait
    if missing and now < overdue:
        return Wait(overdue)
    ready = _coalesced_at(pending, rules)
    if not missing and now < ready:
        return Wait(ready)
    verdicts = _verdicts(state, pending)
    return Answer(pending, verdicts, screened=not missing and all(verdict.judged for verdict in verdicts))


def _verdicts(state: State, pending: tuple[Pending, ...]) -> tuple[Verdict, ...]:
    return tuple(verdict for each in pending if (verdict := state.verdict(each.event)) is not None)


def _crisis(state: State) -> Answer | None:
    """The card at once: for the message in danger and everything before it; what came after has its own turn."""
    dangers = [verdict for verdict in state.verdicts if verdict.is_crisis]
    in_danger = {verdict.message for verdict in dangers}
    last = max((each.sequence for each in state.pending if each.event in in_danger), default=None)
    if last is None:
        return None
    pending = tuple(each for each in state.pending if each.sequence <= last)
    verdicts = _verdicts(state, pending)
    needed = [each for each in pending if each.kind != "follow"]
    screened = len(verdicts) == len(needed) and all(verdict.judged for verdict in verdicts)
    return Answer(pending, verdicts, screened=screened, danger=_gravest(tuple(dangers)))


def _silent(state: State) -> Skip | None:
    """What must not be answered whatever it says."""
    reasons: tuple[tuple[SkipReason, tuple[Pending, ...]], ...] = (
        ("erased", state.pending if state.erased else ()),
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


def _gravest(verdicts: tuple[Verdict, ...]) -> Verdict | None:
    return max(verdicts, key=lambda verdict: _GRAVITY[verdict.level], default=None)
