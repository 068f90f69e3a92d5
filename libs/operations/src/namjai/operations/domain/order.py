"""In which order a backup copies, so that what comes together again after a restore fits together.

Each part is copied at a moment of its own, seconds apart. So what only follows the log is copied before it (folded
state, read models: they catch up), and what the log needs after it (an event must never lack its key or its member).
Timers come after the log, too: one that fires in between has had its effect in the world.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from namjai.operations.domain.manifest import KEYS, POSTGRES

BEFORE_THE_LOG: Final = ("KV_snapshots", POSTGRES)
LOG: Final = "EVENTS"
AFTER_THE_LOG: Final = ("TIMERS", "KV_identities")


def in_order(streams: Iterable[str]) -> list[str]:
    """The parts of a backup of everything but the keys: these streams, and PostgreSQL."""
    parts = {*streams, POSTGRES} - {KEYS}
    first, last = (*BEFORE_THE_LOG, LOG), AFTER_THE_LOG
    rest = sorted(parts - {*first, *last})
    return [part for part in (*first, *last, *rest) if part in parts]
