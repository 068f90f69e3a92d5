"""Decides whether an alert is told to staff, or counted on one that is open already."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from namjai.events.risk import Level

OPEN_FOR: Final = timedelta(hours=72)
"""An alert that nobody resolved counts as open for so long."""
CRISIS_AGAIN: Final = timedelta(minutes=15)
"""A crisis that is repeated after this time is told again, however open the first one is."""
LEVELS: Final[tuple[Level, ...]] = ("none", "low", "medium", "high", "crisis")


@dataclass(frozen=True)
class Raised:
    """An alert of the past. `told_at` is when staff was last told of it, None if nobody was."""

    id: str
    level: Level
    merge_key: str
    at: datetime
    told_at: datetime | None = None
    resolved: bool = False


@dataclass(frozen=True)
class Tell:
    """Staff is told."""


@dataclass(frozen=True)
class MergeInto:
    """Staff knows: counted on the alert with this id."""

    alert: str


def merge(alert: Raised, earlier: Iterable[Raised], now: datetime) -> Tell | MergeInto:
    """A repeat of what staff was told at the same or a higher level is merged; anything else is told (ALERTS)."""
    known = [each for each in earlier if _is_open(each, now) and each.merge_key == alert.merge_key and each.told_at]
    known = [each for each in known if LEVELS.index(each.level) >= LEVELS.index(alert.level)]
    if not known:
        return Tell()
    if alert.level == "crisis" and _last_told(known) + CRISIS_AGAIN <= now:
        return Tell()
    return MergeInto(known[0].id)


def _is_open(alert: Raised, now: datetime) -> bool:
    return not alert.resolved and now - alert.at < OPEN_FOR


def _last_told(known: Sequence[Raised]) -> datetime:
    return max(each.told_at for each in known if each.told_at)
