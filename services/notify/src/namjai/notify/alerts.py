"""Tells staff of an alert: every channel of everybody at level 1 at once, and loudly when nobody could be reached."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Sequence
from typing import Final

from namjai.events import Fact
from namjai.events.alert import AlertMerged, AlertNotified, AlertNotifyFailed
from namjai.events.envelope import NAMESPACE
from namjai.notify.domain.merge import MergeInto, Raised, merge
from namjai.notify.domain.outcome import Accepted, AlreadyAccepted, Ambiguous, Outcome, Refused, Unsent
from namjai.notify.domain.wording import Notice
from namjai.notify.ports import AlertEvent, ChannelName, Notify, Staff
from namjai.runtime.delivery import this_delivery
from namjai.runtime.errors import Retry
from namjai.runtime.logs import get_logger

LEVEL: Final = 1
CHANNEL_TRIES_MAX: Final = 3
CHANNEL_WAIT_S: Final = 0.2
TELL_DEADLINE_S: Final = 8.0
AGAIN_FIRST_S: Final = 1.0
AGAIN_MAX_S: Final = 60.0
NOBODY: Final = "nobody"

_log = get_logger(__name__)


async def tell_staff(event: AlertEvent, notify: Notify) -> Sequence[Fact]:
    """Tell staff, unless they know already."""
    earlier, this = await _known(event, notify)
    if this.told_at is not None:
        return []  # handed over again after its facts were appended, all of them or none
    match merge(this, earlier, notify.clock()):
        case MergeInto(alert=known):
            notify.meters.alerts.labels("none", "merged").inc()
            return [AlertMerged(alert=event.id, into=known)]
    facts = await _tell_all(event, notify)
    if any(isinstance(fact, AlertNotified) for fact in facts):
        return facts
    return await _nobody(event, facts, notify)


async def _known(event: AlertEvent, notify: Notify) -> tuple[list[Raised], Raised]:
    """The member's alerts before this one, and what is on record of this one itself."""
    earlier: list[Raised] = []
    for each in await notify.story.alerts(event.subject, notify.clock()):
        if each.id == event.id:
            return earlier, each
        earlier.append(each)
    return earlier, Raised(event.id, event.data.level, event.data.merge_key, event.time)


async def _tell_all(event: AlertEvent, notify: Notify) -> list[Fact]:
    ways = [(staff, channel) for staff in notify.staff() if staff.level == LEVEL for channel in _channels(staff)]
    notice = notify.notice(event)
    return list(await asyncio.gather(*(_tell(event, staff, channel, notice, notify) for staff, channel in ways)))


def _channels(staff: Staff) -> list[ChannelName]:
    found: list[ChannelName] = []
    if staff.line_user:
        found.append("line")
    if staff.email:
        found.append("email")
    if staff.webhook:
        found.append("webhook")
    return found


async def _tell(event: AlertEvent, staff: Staff, channel: ChannelName, notice: Notice, notify: Notify) -> Fact:
    outcome = await _tell_with_patience(staff, channel, notice, notify)
    if isinstance(outcome, Accepted | AlreadyAccepted):
        notify.meters.alerts.labels(channel, "notified").inc()
        notify.meters.alert_seconds.observe(max(0.0, (notify.clock() - event.time).total_seconds()))
        return AlertNotified(alert=event.id, step=LEVEL, staff=staff.name, channel=channel, level=event.data.level)
    notify.meters.alerts.labels(channel, "failed").inc()
    reason = _reason(outcome)
    _log.error("alert_channel_failed", alert=event.id, channel=channel, reason=reason)
    return AlertNotifyFailed(alert=event.id, step=LEVEL, staff=staff.name, channel=channel, reason=reason)


async def _tell_with_patience(staff: Staff, channel: ChannelName, notice: Notice, notify: Notify) -> Outcome:
    """A few quick tries: the key of each is the same, so that one which was taken after all is not taken twice."""
    if (way := notify.channels.get(channel)) is None:
        return Refused(status=0, kind="not_configured")
    key = str(uuid.uuid5(NAMESPACE, f"alert|{notice.alert}|{staff.name}|{channel}"))
    outcome: Outcome = Unsent(reason="no_time")
    try:
        async with asyncio.timeout(TELL_DEADLINE_S):
            for attempt in range(CHANNEL_TRIES_MAX):
                if attempt:
                    await asyncio.sleep(CHANNEL_WAIT_S * 2**attempt)
                outcome = await way.tell(staff, notice, key)
                if not isinstance(outcome, Ambiguous | Unsent):
                    break
    except TimeoutError:
        return outcome
    return outcome


async def _nobody(event: AlertEvent, failures: Sequence[Fact], notify: Notify) -> Sequence[Fact]:
    """Nobody knows: say so loudly, put it on record, and go on trying."""
    attempt = this_delivery().attempt
    notify.meters.nobody.inc()
    _log.error("alert_reached_nobody", alert=event.id, level=event.data.level, attempt=attempt, channels=len(failures))
    nobody = AlertNotifyFailed(alert=event.id, step=LEVEL, staff=NOBODY, channel="none", reason="no channel took it")
    await notify.story.record(event, nobody)
    raise Retry("alert reached nobody", min(AGAIN_MAX_S, AGAIN_FIRST_S * 2.0 ** min(attempt - 1, 10)))


def _reason(outcome: Outcome) -> str:
    match outcome:
        case Refused(kind=kind):
            return kind
        case Ambiguous(reason=reason) | Unsent(reason=reason):
            return reason
    return type(outcome).__name__
