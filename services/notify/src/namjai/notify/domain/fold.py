"""Folds what the log says of a person's alerts into their inbox: what each fact changes about its alert."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

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
)
from namjai.notify.domain.inbox import Alert, Chain, Inbox, Silence, Telling, rank

TOLD_MAX: Final = 500
"""Tellings remembered of one chain: ten levels, ten rounds, a handful of people."""


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
