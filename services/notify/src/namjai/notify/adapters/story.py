"""What the log knows: deliveries on record, and a member's alerts folded from their facts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from namjai.events import Envelope, Fact, Stored, follow, subjects
from namjai.events.alert import AlertNotified, AlertRaised
from namjai.events.delivery import DeliveryFailed, DeliverySent
from namjai.notify.domain.merge import OPEN_FOR, Raised
from namjai.runtime.journal import Journal
from namjai.runtime.metrics import Metrics

RECORDED_AHEAD = 1_000
"""Facts that are said before a handler ends are numbered from here, out of the way of those it returns."""
RESOLVED = "alert.resolved."


class LogStory:
    """Reads and folds; the log is the only place where any of this is kept."""

    def __init__(self, journal: Journal, source: str, metrics: Metrics) -> None:
        self._journal = journal
        self._source = source
        self._metrics = metrics

    async def is_settled(self, member: str, reply: str, since: datetime) -> bool:
        """Whether a delivery of this reply is on record."""
        stored = await self._journal.log.recent(subjects.area("delivery", member), since)
        return reply in _replies(stored)

    async def last_settled(self, member: str) -> frozenset[str]:
        """The replies that the member's newest delivery facts are about."""
        kinds = (DeliverySent.TYPE, DeliveryFailed.TYPE)
        return _replies(await self._journal.log.last([subjects.event(kind, member) for kind in kinds]))

    async def alerts(self, member: str, now: datetime) -> Sequence[Raised]:
        """The member's alerts of the last days, oldest first."""
        return fold(await self._journal.log.recent(subjects.area("alert", member), now - OPEN_FOR))

    async def record(self, cause: Envelope[AlertRaised], fact: Fact) -> None:
        """Append a fact at once; the same fact is said once, however often the handler is tried."""
        event = follow(cause, fact, source=self._source, n=RECORDED_AHEAD, time=cause.time)
        recorded = await self._journal.log.recent(subjects.event(fact.TYPE, cause.subject), cause.time)
        if all(stored.event.id != event.id for stored in recorded):
            await self._journal.append([event])
            self._metrics.appended.labels(fact.TYPE).inc()


def fold(stored: Sequence[Stored[Fact]]) -> list[Raised]:
    """Alerts by what was said about each; a resolution counts whichever version of it was written."""
    alerts: dict[str, Raised] = {}
    for each in stored:
        fact = each.event.data
        about = getattr(fact, "alert", None)
        if isinstance(fact, AlertRaised):
            alerts[each.event.id] = Raised(each.event.id, fact.level, fact.merge_key, each.event.time)
        elif about in alerts and isinstance(fact, AlertNotified):
            alerts[about] = replace(alerts[about], told_at=each.event.time)
        elif about in alerts and fact.TYPE.startswith(RESOLVED):
            alerts[about] = replace(alerts[about], resolved=True)
    return list(alerts.values())


def _replies(stored: Sequence[Stored[Fact]]) -> frozenset[str]:
    return frozenset(
        each.event.data.reply for each in stored if isinstance(each.event.data, DeliverySent | DeliveryFailed)
    )
