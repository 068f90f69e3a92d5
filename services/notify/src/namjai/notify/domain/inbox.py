"""A person's alerts as the log tells them: a fold from raised to resolved, without a word of anybody in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final, Literal

import msgspec

from namjai.events import Envelope, Fact, Stored
from namjai.events.alert import (
    AlertAcknowledged,
    AlertClaimed,
    AlertContacted,
    AlertCorrected,
    AlertEscalated,
    AlertExhausted,
    AlertFollowUpDue,
    AlertFollowUpEnded,
    AlertHandedBack,
    AlertHandedOver,
    AlertMerged,
    AlertNotified,
    AlertNotifyFailed,
    AlertRaised,
    AlertReopened,
    AlertResolved,
    AlertSaid,
    AlertSilenced,
    AlertTakenOver,
    AlertTriggered,
    AlertUnacknowledged,
    AlertUnsilenced,
    AlertWiped,
    Disposition,
)
from namjai.events.risk import Category, Level

LEVELS: Final[tuple[Level, ...]] = ("none", "low", "medium", "high", "crisis")
TOLD_MAX: Final = 500
"""Tellings remembered of one chain: ten levels, ten rounds, a handful of people."""

Status = Literal[
    "raised",
    "notified",
    "exhausted",
    "claimed",
    "acknowledged",
    "in_contact",
    "silenced",
    "merged",
    "resolved",
    "wiped",
]


def rank(level: Level) -> int:
    """0 for none up to 4 for crisis."""
    return LEVELS.index(level)


class Telling(msgspec.Struct, frozen=True, order=True):
    """Somebody was told, or could not be, in one step of one chain."""

    run: int
    step: int
    staff: str
    channel: str


class Chain(msgspec.Struct, frozen=True, kw_only=True):
    """One chain of escalation under way: its clock, and how far it has come."""

    run: int
    cause: str
    policy: str
    level: Level
    base: datetime
    due_s: tuple[float, ...]
    levels: tuple[int, ...]
    end_s: float
    ack_timeout_s: float
    began_at: datetime
    done: int = 0
    """Steps that were carried out: they are numbered from 1."""
    done_at: datetime | None = None
    reached: int = 0
    """People reached by all steps so far."""
    last_reached: bool = True
    """False: the last step reached nobody, so the next one does not wait."""
    exhausted_at: datetime | None = None


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """One alert. `level` is the highest it has had, or what a clinician said it is."""

    id: str
    member: str
    level: Level
    category: Category
    merge_key: str
    message: str
    reason: str
    raised_at: datetime
    received_at: datetime
    correlationid: str = ""
    chain: Chain | None = None
    told: frozenset[Telling] = frozenset()
    failed: frozenset[Telling] = frozenset()
    to_tell: frozenset[tuple[int, str]] = frozenset()
    """Who was to be told in which step of the chain: each must be in one of the two above."""
    notified_at: datetime | None = None
    repeats: int = 0
    last_repeat_at: datetime | None = None
    merged_into: str | None = None
    owner: str | None = None
    claimed_at: datetime | None = None
    acknowledged_at: datetime | None = None
    waits_since: datetime | None = None
    """From here on the owner owes the person a human word."""
    handed_over: int = 0
    """How often it changed hands."""
    heir_since: datetime | None = None
    """Somebody has it from another since then, and has not been told yet."""
    word_at: datetime | None = None
    """The first human word, by whatever path."""
    staff_at: datetime | None = None
    """The last time that anybody of the staff did anything about it."""
    taken_over_by: str | None = None
    resolved_at: datetime | None = None
    resolved_by: str | None = None
    disposition: Disposition | None = None
    reopened: int = 0
    follow_up: int = 0
    """The newest caring contact."""
    follow_up_at: datetime | None = None
    follow_up_open: bool = False
    follow_up_over: bool = False
    wiped: bool = False

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to do something about it."""
        return self.merged_into is None and self.resolved_at is None and not self.wiped

    @property
    def status(self) -> Status:
        """Where it stands, in one word."""
        if self.wiped:
            return "wiped"
        if self.merged_into is not None:
            return "silenced" if self.merged_into == self.id else "merged"
        if self.resolved_at is not None:
            return "resolved"
        if self.owner is not None:
            return "in_contact" if self.is_in_contact else "acknowledged" if self.acknowledged_at else "claimed"
        if self.chain is not None and self.chain.exhausted_at is not None:
            return "exhausted"
        return "notified" if self.notified_at is not None else "raised"

    @property
    def is_in_contact(self) -> bool:
        """The owner does not owe a word any more."""
        return self.owner is not None and self.waits_since is None


class Silence(msgspec.Struct, frozen=True):
    """Alerts with one merge key stay quiet until a time."""

    by: str
    until: datetime


class Inbox(msgspec.Struct, frozen=True, kw_only=True):
    """All alerts of one person. `sequence` is the place of the last fact folded in: what an append expects."""

    member: str
    sequence: int = 0
    alerts: Mapping[str, Alert] = {}
    silences: Mapping[str, Silence] = {}

    def open_with(self, merge_key: str, *, but: str) -> Alert | None:
        """The open alert that a repeat with this merge key belongs to."""
        same = (a for a in self.alerts.values() if a.is_open and a.merge_key == merge_key and a.id != but)
        return next((alert for alert in same if alert.chain is not None), None)

    def silence(self, merge_key: str, now: datetime) -> Silence | None:
        """The silence in force, if there is one."""
        silence = self.silences.get(merge_key)
        return silence if silence is not None and silence.until > now else None


def fold(inbox: Inbox, stored: Stored[Fact]) -> Inbox:
    """The inbox after one more fact about alerts."""
    if stored.sequence <= inbox.sequence:
        return inbox
    event = stored.event
    inbox = msgspec.structs.replace(inbox, sequence=stored.sequence)
    fact = event.data
    match fact:
        case AlertRaised():
            return _with(inbox, _raised(event, fact))
        case AlertSilenced():
            silences = {**inbox.silences, fact.merge_key: Silence(fact.by, fact.until)}
            return msgspec.structs.replace(inbox, silences=silences)
        case AlertUnsilenced():
            silences = {key: silence for key, silence in inbox.silences.items() if key != fact.merge_key}
            return msgspec.structs.replace(inbox, silences=silences)
        case AlertMerged():
            return _merged(inbox, event.time, fact)
    about = inbox.alerts.get(getattr(fact, "alert", None) or "")
    change = _CHANGES.get(type(fact))
    return _with(inbox, change(about, event.time, fact)) if about is not None and change is not None else inbox


def _with(inbox: Inbox, alert: Alert) -> Inbox:
    return msgspec.structs.replace(inbox, alerts={**inbox.alerts, alert.id: alert})


def _raised(event: Envelope[Fact], fact: AlertRaised) -> Alert:
    return Alert(
        id=event.id,
        member=event.subject,
        level=fact.level,
        category=fact.category,
        merge_key=fact.merge_key,
        message=fact.message,
        reason=fact.reason,
        raised_at=event.time,
        received_at=fact.received_at or event.time,
        correlationid=event.correlationid,
    )


def _merged(inbox: Inbox, at: datetime, fact: AlertMerged) -> Inbox:
    if (repeat := inbox.alerts.get(fact.alert)) is not None:
        inbox = _with(inbox, msgspec.structs.replace(repeat, merged_into=fact.into))
    if fact.into != fact.alert and (into := inbox.alerts.get(fact.into)) is not None:
        inbox = _with(inbox, msgspec.structs.replace(into, repeats=into.repeats + 1, last_repeat_at=at))
    return inbox


def _triggered(alert: Alert, at: datetime, fact: AlertTriggered) -> Alert:
    chain = Chain(
        run=fact.run,
        cause=fact.cause,
        policy=fact.policy,
        level=fact.level,
        base=fact.base,
        due_s=fact.due_s,
        levels=fact.levels,
        end_s=fact.end_s,
        ack_timeout_s=fact.ack_timeout_s,
        began_at=at,
    )
    free = {} if fact.cause == "raised" else _FREE
    level = fact.level if rank(fact.level) > rank(alert.level) else alert.level
    return msgspec.structs.replace(
        alert, chain=chain, level=level, told=frozenset(), failed=frozenset(), to_tell=frozenset(), **free
    )


_FREE: Final[dict[str, Any]] = {"owner": None, "claimed_at": None, "acknowledged_at": None, "waits_since": None}
"""Nobody's again."""


def _notified(alert: Alert, at: datetime, fact: AlertNotified) -> Alert:
    told = alert.told
    if len(told) < TOLD_MAX:
        told = told | {Telling(fact.run, fact.step, fact.staff, fact.channel)}
    return msgspec.structs.replace(alert, told=told, notified_at=at, heir_since=alert.heir_since if fact.step else None)


def _notify_failed(alert: Alert, at: datetime, fact: AlertNotifyFailed) -> Alert:
    if not fact.step:
        alert = msgspec.structs.replace(alert, heir_since=None)
    if len(alert.failed) >= TOLD_MAX:
        return alert
    failed = alert.failed | {Telling(fact.run, fact.step, fact.staff, fact.channel)}
    return msgspec.structs.replace(alert, failed=failed)


def _escalated(alert: Alert, at: datetime, fact: AlertEscalated) -> Alert:
    if alert.chain is None or alert.chain.run != fact.run or fact.step <= alert.chain.done:
        return alert
    chain = msgspec.structs.replace(
        alert.chain,
        done=fact.step,
        done_at=at,
        reached=alert.chain.reached + fact.reached,
        last_reached=fact.reached > 0,
    )
    to_tell = alert.to_tell | {(fact.step, staff) for staff in fact.targets}
    return msgspec.structs.replace(alert, chain=chain, to_tell=to_tell if len(to_tell) <= TOLD_MAX else alert.to_tell)


def _exhausted(alert: Alert, at: datetime, fact: AlertExhausted) -> Alert:
    if alert.chain is None or alert.chain.run != fact.run:
        return alert
    return msgspec.structs.replace(alert, chain=msgspec.structs.replace(alert.chain, exhausted_at=at))


def _claimed(alert: Alert, at: datetime, fact: AlertClaimed) -> Alert:
    return msgspec.structs.replace(alert, owner=fact.by, claimed_at=at, waits_since=at, staff_at=at)


def _acknowledged(alert: Alert, at: datetime, fact: AlertAcknowledged) -> Alert:
    """The owner has looked, and has the whole time-out from here for a human word."""
    since = at if alert.waits_since is not None else None
    return msgspec.structs.replace(alert, acknowledged_at=at, waits_since=since, staff_at=at)


def _unacknowledged(alert: Alert, at: datetime, fact: AlertUnacknowledged) -> Alert:
    return msgspec.structs.replace(alert, **_FREE)


def _handed_over(alert: Alert, at: datetime, fact: AlertHandedOver) -> Alert:
    return msgspec.structs.replace(
        alert,
        owner=fact.to,
        claimed_at=at,
        acknowledged_at=None,
        waits_since=at,
        staff_at=at,
        handed_over=alert.handed_over + 1,
        heir_since=at,
    )


def _taken_over(alert: Alert, at: datetime, fact: AlertTakenOver) -> Alert:
    return msgspec.structs.replace(alert, taken_over_by=fact.by, staff_at=at)


def _handed_back(alert: Alert, at: datetime, fact: AlertHandedBack) -> Alert:
    return msgspec.structs.replace(alert, taken_over_by=None, staff_at=at)


def _word(alert: Alert, at: datetime, fact: AlertSaid | AlertContacted) -> Alert:
    return msgspec.structs.replace(alert, word_at=alert.word_at or at, waits_since=None, staff_at=at)


def _resolved(alert: Alert, at: datetime, fact: AlertResolved) -> Alert:
    return msgspec.structs.replace(
        alert,
        resolved_at=at,
        resolved_by=fact.by,
        disposition=fact.disposition,
        waits_since=None,
        taken_over_by=None,
        staff_at=at,
    )


def _reopened(alert: Alert, at: datetime, fact: AlertReopened) -> Alert:
    """Open again; when it is over once more, the caring contacts begin with the first."""
    over: dict[str, Any] = {"resolved_at": None, "resolved_by": None, "disposition": None}
    contacts: dict[str, Any] = {"follow_up": 0, "follow_up_at": None, "follow_up_open": False, "follow_up_over": False}
    return msgspec.structs.replace(alert, reopened=alert.reopened + 1, staff_at=at, **over, **contacts, **_FREE)


def _corrected(alert: Alert, at: datetime, fact: AlertCorrected) -> Alert:
    return msgspec.structs.replace(alert, level=fact.level, category=fact.category, staff_at=at)


def _follow_up_due(alert: Alert, at: datetime, fact: AlertFollowUpDue) -> Alert:
    return msgspec.structs.replace(alert, follow_up=fact.number, follow_up_at=at, follow_up_open=True)


def _follow_up_ended(alert: Alert, at: datetime, fact: AlertFollowUpEnded) -> Alert:
    return msgspec.structs.replace(
        alert,
        follow_up=max(alert.follow_up, fact.number),
        follow_up_open=False,
        follow_up_over=fact.outcome != "answered",
    )


def _wiped(alert: Alert, at: datetime, fact: AlertWiped) -> Alert:
    return msgspec.structs.replace(alert, wiped=True, taken_over_by=None)


_CHANGES: Final[Mapping[type[Fact], Callable[[Alert, datetime, Any], Alert]]] = {
    AlertTriggered: _triggered,
    AlertNotified: _notified,
    AlertNotifyFailed: _notify_failed,
    AlertEscalated: _escalated,
    AlertExhausted: _exhausted,
    AlertClaimed: _claimed,
    AlertAcknowledged: _acknowledged,
    AlertUnacknowledged: _unacknowledged,
    AlertHandedOver: _handed_over,
    AlertTakenOver: _taken_over,
    AlertHandedBack: _handed_back,
    AlertSaid: _word,
    AlertContacted: _word,
    AlertResolved: _resolved,
    AlertReopened: _reopened,
    AlertCorrected: _corrected,
    AlertFollowUpDue: _follow_up_due,
    AlertFollowUpEnded: _follow_up_ended,
    AlertWiped: _wiped,
}
"""What each fact changes about its alert. What is not here changes nothing: a note, a look."""
