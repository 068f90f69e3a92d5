"""Tells people of an alert over their channels, each telling once and on record as soon as it is accepted."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from namjai.events.alert import AlertNotified, AlertNotifyFailed
from namjai.events.envelope import NAMESPACE
from namjai.events.risk import Level
from namjai.notify.domain.inbox import Alert, Telling, rank
from namjai.notify.domain.outcome import Accepted, AlreadyAccepted, Ambiguous, Outcome, Refused, Unsent
from namjai.notify.domain.roster import Staff
from namjai.notify.domain.wording import Notice
from namjai.notify.ports import Channel, ChannelName, Clock, Meters
from namjai.runtime.logs import get_logger

CHANNEL_TRIES_MAX: Final = 3
CHANNEL_WAIT_S: Final = 0.2
TELL_DEADLINE_S: Final = 8.0

Record = Callable[[AlertNotified | AlertNotifyFailed], Awaitable[None]]

_log = get_logger(__name__)


@dataclass(frozen=True)
class Occasion:
    """Why somebody is told: an alert, at a level, in a step of a chain; step 0 is a hand-over.

    `key` tells this occasion from any other about the same alert.
    """

    alert: Alert
    run: int
    step: int
    level: Level
    now: datetime
    key: str


class Teller:
    """The channels, and how they are used: all of a person's at once when it is grave, else one after the other
    until one takes it."""

    def __init__(
        self,
        channels: Mapping[ChannelName, Channel],
        notice: Callable[[Alert, Level], Notice],
        meters: Meters,
        clock: Clock,
    ) -> None:
        self._channels = channels
        self._notice = notice
        self._meters = meters
        self._clock = clock

    async def tell(self, people: Sequence[Staff], occasion: Occasion, record: Record) -> int:
        """Tell everybody at once. Returns how many people were reached; `record` is called for each telling."""
        reached = await asyncio.gather(*(self._tell_person(person, occasion, record) for person in people))
        return sum(reached)

    async def _tell_person(self, person: Staff, occasion: Occasion, record: Record) -> bool:
        ways = channels_of(person)
        if not ways:
            await record(_failed(occasion, person.name, None, "no channel"))
        if rank(occasion.level) >= rank("high"):
            return any(await asyncio.gather(*(self._tell_once(person, way, occasion, record) for way in ways)))
        for way in ways:
            if await self._tell_once(person, way, occasion, record):
                return True
        return False

    async def _tell_once(self, person: Staff, way: ChannelName, occasion: Occasion, record: Record) -> bool:
        alert = occasion.alert
        if occasion.step and Telling(occasion.run, occasion.step, person.name, way) in alert.told:
            return True  # accepted before this process, or the one before it, was interrupted
        outcome = await self._tell_with_patience(person, way, occasion)
        if isinstance(outcome, Accepted | AlreadyAccepted):
            self._meters.alerts.labels(way, "notified").inc()
            if occasion.step == 1 and occasion.run == 1:
                self._meters.alert_seconds.observe(max(0.0, (self._clock() - alert.raised_at).total_seconds()))
            await record(
                AlertNotified(
                    alert=alert.id,
                    step=occasion.step,
                    staff=person.name,
                    channel=way,
                    level=occasion.level,
                    run=occasion.run,
                )
            )
            return True
        self._meters.alerts.labels(way, "failed").inc()
        reason = _reason(outcome)
        _log.error("alert_channel_failed", alert=alert.id, channel=way, reason=reason)
        await record(_failed(occasion, person.name, way, reason))
        return False

    async def _tell_with_patience(self, person: Staff, way: ChannelName, occasion: Occasion) -> Outcome:
        """A few quick tries with one key, so that one which was taken after all is not taken twice."""
        if (channel := self._channels.get(way)) is None:
            return Refused(status=0, kind="not_configured")
        telling = f"alert|{occasion.alert.id}|{occasion.key}|{person.name}|{way}"
        key = str(uuid.uuid5(NAMESPACE, telling))
        notice = self._notice(occasion.alert, occasion.level)
        outcome: Outcome = Unsent(reason="no_time")
        try:
            async with asyncio.timeout(TELL_DEADLINE_S):
                for attempt in range(CHANNEL_TRIES_MAX):
                    if attempt:
                        await asyncio.sleep(CHANNEL_WAIT_S * 2**attempt)
                    outcome = await channel.tell(person, notice, key)
                    if not isinstance(outcome, Ambiguous | Unsent):
                        break
        except TimeoutError:
            return outcome
        return outcome


def channels_of(person: Staff) -> list[ChannelName]:
    """A person's channels, the most waking first."""
    addresses: tuple[tuple[ChannelName, str | None], ...] = (
        ("line", person.line_user),
        ("webhook", person.webhook),
        ("email", person.email),
    )
    return [way for way, address in addresses if address]


def nobody(occasion: Occasion, reason: str) -> AlertNotifyFailed:
    """There was no one to tell."""
    return _failed(occasion, "nobody", None, reason)


def _failed(occasion: Occasion, staff: str, way: ChannelName | None, reason: str) -> AlertNotifyFailed:
    return AlertNotifyFailed(
        alert=occasion.alert.id,
        step=occasion.step,
        staff=staff,
        channel=way or "none",
        reason=reason,
        run=occasion.run,
    )


def _reason(outcome: Outcome) -> str:
    match outcome:
        case Refused(kind=kind):
            return kind
        case Ambiguous(reason=reason) | Unsent(reason=reason):
            return reason
    return type(outcome).__name__
