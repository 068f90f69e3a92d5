"""Chooses which backups may go: complete ones that are too old, but never the newest; broken ones after two days."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from namjai.operations.domain.manifest import time_of

BROKEN_KEPT: Final = timedelta(days=2)
"""Longer than any backup takes: one that has no manifest yet may still be in the making."""


def outdated(
    complete: Collection[str], broken: Collection[str], now: datetime, *, keep_days: int, keep_count_min: int
) -> list[str]:
    """The names of the backups to remove, the oldest first. How many nights failed does not shorten what is kept."""
    removable = sorted(complete)[: max(0, len(complete) - keep_count_min)]
    old = [name for name in removable if time_of(name) < now - timedelta(days=keep_days)]
    return sorted([*old, *(name for name in broken if time_of(name) < now - BROKEN_KEPT)])
