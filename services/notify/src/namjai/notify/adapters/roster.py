"""The roster in force: the live config section `alerts`, and where that names nobody, the settings' staff."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime

from nats.js import JetStreamContext
from nats.js.errors import NotFoundError

from namjai.events.risk import Level
from namjai.notify.adapters.duty import DutyLog
from namjai.notify.domain import roster
from namjai.notify.domain.begin import Plan
from namjai.notify.domain.due import Rules
from namjai.notify.domain.roster import AlertsSection, Staff
from namjai.runtime.config import NatsConfigStore, live_section
from namjai.runtime.metrics import Metrics

SECTION = "alerts"
DAY_S = 86_400.0


class LiveRoster:
    """Who is told of what, and when, by the section in force and today's overrides."""

    def __init__(self, section: AlertsSection, duty: DutyLog, clock: Callable[[], datetime]) -> None:
        self.section = section
        self._duty = duty
        self._clock = clock
        self._listeners: list[Callable[[], None]] = []

    def replace(self, section: AlertsSection) -> None:
        """Another section is in force from now on."""
        self.section = section
        for listener in self._listeners:
            listener()

    def on_change(self, listener: Callable[[], None]) -> None:
        """Call `listener` after another section is in force."""
        self._listeners.append(listener)

    def plan(self, level: Level) -> Plan:
        """The chain of escalation for alerts of a level."""
        return roster.plan(self.section, level)

    async def targets(self, policy: str, level: int, at: datetime) -> Sequence[Staff]:
        """Whom a level of a policy means at a time; nobody, if nobody is on call. Raises `LogUnavailable`."""
        return roster.targets(self.section, policy, level, at, await self._duty.overrides())

    def fallback(self, policy: str) -> Sequence[Staff]:
        """Who is told when a chain has ended without anybody."""
        return roster.fallback(self.section, policy, self._clock(), self._duty.known)

    def staff(self, name: str) -> Staff | None:
        """The member of staff with this name, away or not."""
        return next((one for one in self.section.staff if one.name == name), None)

    def staff_by_line(self, user: str) -> Staff | None:
        """The member of staff with this LINE user id, away or not."""
        return next((one for one in self.section.staff if one.line_user == user), None)

    def rules(self) -> Rules:
        """When people are asked how they are after an alert."""
        return Rules(follow_up_s=tuple(days * DAY_S for days in self.section.follow_up_days))


@asynccontextmanager
async def roster_in_force(
    js: JetStreamContext, staff: Sequence[Staff], duty: DutyLog, clock: Callable[[], datetime], metrics: Metrics
) -> AsyncIterator[LiveRoster]:
    """The roster, following the config while the block runs."""
    live = LiveRoster(AlertsSection().with_staff(staff), duty, clock)
    try:
        bucket = await js.key_value("config")
    except NotFoundError:
        yield live
        return
    async with live_section(SECTION, AlertsSection, NatsConfigStore(bucket), metrics) as section:
        live.replace(section.value.with_staff(staff))
        section.on_change(lambda value: live.replace(value.with_staff(staff)))
        yield live
