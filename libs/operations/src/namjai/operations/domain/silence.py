"""Whether a person has been silent for so long that a clinic's rule of retention asks to forget them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Literal

from namjai.events import Fact, Stored
from namjai.events.alert import AlertMerged, AlertRaised, AlertReopened, AlertResolved, AlertWiped
from namjai.events.checkin import ReminderDue
from namjai.events.member import ErasureRequested, MemberErased

OURS: Final = frozenset({"reply", "delivery", "achievement", "report"})
"""What we said, or made of what was there: no sign of the person, however recent."""

Verdict = Literal["forget", "heard", "alert", "asked", "erased"]
"""`heard`: something happened since. `alert`: a human has not finished. `asked`: their erasure is under way."""


def judge(history: Sequence[Stored[Fact]], cutoff: datetime) -> Verdict:
    """What is to become of somebody, from everything the log has about them.

    What clinicians did (a note, a call, a correction) counts as a sign like a message: the clinic is still at work.
    """
    kinds = {type(stored.event.data) for stored in history}
    if MemberErased in kinds:
        return "erased"
    if ErasureRequested in kinds:
        return "asked"
    if any(stored.event.time >= cutoff and _is_a_sign(stored.event.data) for stored in history):
        return "heard"
    return "alert" if _open_alerts(history) else "forget"


def sender(history: Sequence[Stored[Fact]]) -> str | None:
    """Their LINE id, from the newest event that has one, so that the identity record is forgotten, too."""
    for stored in reversed(history):
        found = getattr(stored.event.data, "sender", None)
        kind = getattr(stored.event.data, "source_kind", "user")
        if found is not None and not found.is_erased and kind == "user":
            return str(found.value)
    return None


def _is_a_sign(fact: Fact) -> bool:
    return fact.TYPE.split(".")[0] not in OURS and not isinstance(fact, ReminderDue)


def _open_alerts(history: Sequence[Stored[Fact]]) -> set[str]:
    opened: set[str] = set()
    for stored in history:
        match stored.event.data:
            case AlertRaised():
                opened.add(stored.event.id)
            case AlertReopened(alert=alert):
                opened.add(alert)
            case AlertResolved(alert=alert) | AlertMerged(alert=alert) | AlertWiped(alert=alert):
                opened.discard(alert)
    return opened
