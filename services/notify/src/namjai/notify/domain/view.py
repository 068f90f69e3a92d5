"""An alert as staff sees it in a list: where it stands, whose it is, and what its clock asks for next."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from namjai.events.risk import Category, Level
from namjai.notify.domain.due import Rules, due
from namjai.notify.domain.inbox import Alert, Inbox, Status
from namjai.notify.domain.sla import clock_s, is_waiting
from namjai.notify.domain.wording import reference


class Next(msgspec.Struct, frozen=True, kw_only=True):
    """What happens by itself if nobody does anything."""

    what: str
    at: datetime
    step: int = 0


class AlertView(msgspec.Struct, frozen=True, kw_only=True):
    """No name and no word of the person: those are in the dossier, and each look at it is on record."""

    id: str
    reference: str
    member: str
    status: Status
    level: Level
    category: Category
    reason: str
    received_at: datetime
    raised_at: datetime
    wait_s: float
    """From the message to the first human word, so far if there was none."""
    waiting: bool
    owner: str | None
    taken_over_by: str | None
    repeats: int
    run: int
    step: int
    """Steps carried out of this chain, of so many."""
    steps: int
    told: Sequence[str]
    word_at: datetime | None
    resolved_at: datetime | None
    disposition: str | None
    silenced_until: datetime | None
    next: Next | None


def view(alert: Alert, inbox: Inbox, rules: Rules, now: datetime) -> AlertView:
    """How it stands at a time."""
    chain, coming, silence = alert.chain, due(alert, inbox, rules), inbox.silence(alert.merge_key, now)
    return AlertView(
        id=alert.id,
        reference=reference(alert.id),
        member=alert.member,
        status=alert.status,
        level=alert.level,
        category=alert.category,
        reason=alert.reason,
        received_at=alert.received_at,
        raised_at=alert.raised_at,
        wait_s=round(clock_s(alert, now), 3),
        waiting=is_waiting(alert),
        owner=alert.owner,
        taken_over_by=alert.taken_over_by,
        repeats=alert.repeats,
        run=chain.run if chain else 0,
        step=chain.done if chain else 0,
        steps=len(chain.due_s) if chain else 0,
        told=sorted({telling.staff for telling in alert.told}),
        word_at=alert.word_at,
        resolved_at=alert.resolved_at,
        disposition=alert.disposition,
        silenced_until=silence.until if silence else None,
        next=Next(what=coming.what, at=coming.at, step=coming.number) if coming else None,
    )
