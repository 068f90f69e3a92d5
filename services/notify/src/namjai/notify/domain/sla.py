"""How long people wait for a human word: median, 95th percentile, worst, and the share within five minutes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec

from namjai.events.risk import Level
from namjai.notify.domain.inbox import LEVELS, Alert

PROMISED: Final = timedelta(minutes=5)


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds from the receipt of the message to the first human word. What still waits counts with its age so far."""

    level: Level
    alerts: int
    waiting: int
    """Of these, still without a word."""
    median_s: float | None
    p95_s: float | None
    worst_s: float | None
    within_promise: float | None
    """Share with a word within five minutes, 0 to 1."""


def clock_s(alert: Alert, now: datetime) -> float:
    """The waiting time: a word by any path stops it, and so does resolving."""
    stopped = min(filter(None, (alert.word_at, alert.resolved_at)), default=now)
    return max(0.0, (stopped - alert.received_at).total_seconds())


def is_waiting(alert: Alert) -> bool:
    """Whether the person has had no human word yet."""
    return alert.is_open and alert.word_at is None


def figures(alerts: Iterable[Alert], now: datetime) -> Sequence[Figures]:
    """By level, the gravest first; alerts that joined another, or were wiped, are not counted twice or at all."""
    counted = [alert for alert in alerts if alert.merged_into is None and not alert.wiped]
    return [
        _of(level, [alert for alert in counted if alert.level == level], now)
        for level in reversed(LEVELS)
        if any(alert.level == level for alert in counted)
    ]


def _of(level: Level, alerts: Sequence[Alert], now: datetime) -> Figures:
    waits = sorted(clock_s(alert, now) for alert in alerts)
    answered = [clock_s(alert, now) for alert in alerts if not is_waiting(alert)]
    kept = sum(wait <= PROMISED.total_seconds() for wait in answered)
    due = [wait for wait in waits if wait > PROMISED.total_seconds()]
    judged = kept + len(due)  # one that waits, and may still make it, is not judged yet
    return Figures(
        level=level,
        alerts=len(alerts),
        waiting=sum(is_waiting(alert) for alert in alerts),
        median_s=_percentile(waits, 0.5),
        p95_s=_percentile(waits, 0.95),
        worst_s=waits[-1] if waits else None,
        within_promise=kept / judged if judged else None,
    )


def _percentile(ordered: Sequence[float], share: float) -> float | None:
    """The nearest-rank percentile."""
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else None
