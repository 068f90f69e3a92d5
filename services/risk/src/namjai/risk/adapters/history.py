"""Earlier verdicts, read from the log."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from namjai.events import subjects
from namjai.events.risk import RiskAssessed
from namjai.risk.domain.model import Level, Past
from namjai.runtime.log import Log


class LogHistory:
    """A fold of `risk.assessed` over the last hours; the log is the only place where verdicts are kept."""

    def __init__(self, log: Log, hours: int) -> None:
        self._log = log
        self._reach = timedelta(hours=hours)

    async def recent(self, member: str, now: datetime) -> Sequence[Past]:
        stored = await self._log.recent(subjects.event(RiskAssessed.TYPE, member), now - self._reach)
        return [
            Past(
                level=Level(each.event.data.level),
                category=each.event.data.category,
                age_s=(now - each.event.time).total_seconds(),
            )
            for each in stored
            if isinstance(each.event.data, RiskAssessed)
        ]
