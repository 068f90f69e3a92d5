"""Decides what a newly raised alert does: begin a chain, join an open alert, or stay quiet because staff said so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from namjai.events import Fact
from namjai.events.alert import AlertMerged, AlertTriggered, TriggerCause
from namjai.events.risk import Level
from namjai.notify.domain.due import AGAIN_AFTER
from namjai.notify.domain.inbox import Alert, Inbox, rank


@dataclass(frozen=True)
class Plan:
    """An escalation policy laid out in time: for each step its seconds from the start, and the policy's level."""

    policy: str
    due_s: tuple[float, ...]
    levels: tuple[int, ...]
    end_s: float
    ack_timeout_s: float


def begin(alert: Alert, inbox: Inbox, plan: Plan, now: datetime) -> Sequence[Fact]:
    """The facts with which an alert starts its life. `plan` is that of its level."""
    into = inbox.open_with(alert.merge_key, but=alert.id)
    if into is not None and rank(alert.level) > rank(into.level):
        return [AlertMerged(alert=alert.id, into=into.id), trigger(into, "higher_level", plan, now, level=alert.level)]
    quiet = alert.level != "crisis" and inbox.silence(alert.merge_key, now) is not None
    if into is None:
        if quiet:
            return [AlertMerged(alert=alert.id, into=alert.id, silenced=True)]
        return [trigger(alert, "raised", plan, alert.raised_at)]
    merged = AlertMerged(alert=alert.id, into=into.id, silenced=quiet)
    if quiet or not _is_stale(into, alert.level, now):
        return [merged]
    return [merged, trigger(into, "repeated", plan, now, level=alert.level)]


def trigger(
    alert: Alert, cause: TriggerCause, plan: Plan, base: datetime, *, level: Level | None = None
) -> AlertTriggered:
    """A chain for this alert, from a moment on."""
    return AlertTriggered(
        alert=alert.id,
        run=alert.chain.run + 1 if alert.chain else 1,
        cause=cause,
        policy=plan.policy,
        level=level or alert.level,
        base=base,
        due_s=plan.due_s,
        levels=plan.levels,
        end_s=plan.end_s,
        ack_timeout_s=plan.ack_timeout_s,
    )


def _is_stale(alert: Alert, level: Level, now: datetime) -> bool:
    """Whether nobody is at it any more, though it is open: then a repeat must not vanish into it."""
    if alert.chain is not None and alert.chain.exhausted_at is not None and alert.owner is None:
        return True
    if alert.owner is None or alert.waits_since is not None:
        return False  # the chain is under way, or the owner's clock runs
    touched = max(filter(None, (alert.staff_at, alert.notified_at, alert.raised_at)))
    return now - touched >= AGAIN_AFTER.get(level, AGAIN_AFTER["medium"])
