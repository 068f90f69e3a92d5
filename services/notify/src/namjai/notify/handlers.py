"""Reply and alert in; LINE, mail and webhook out; what became of it as facts. Which consumer does what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from namjai.events import Fact
from namjai.events.alert import AlertRaised
from namjai.events.reply import ReplyIssued
from namjai.notify.alerts import tell_staff
from namjai.notify.ports import AlertEvent, Notify, ReplyEvent
from namjai.notify.replies import deliver
from namjai.runtime.consumer import Handlers


async def on_ordinary_reply(event: ReplyEvent, notify: Notify) -> Sequence[Fact]:
    """Send a turn in its order."""
    return [] if event.data.urgent else await deliver(event, notify)


async def on_urgent_reply(event: ReplyEvent, notify: Notify) -> Sequence[Fact]:
    """Send a crisis card at once."""
    return await deliver(event, notify) if event.data.urgent else []


async def on_alert_raised(event: AlertEvent, notify: Notify) -> Sequence[Fact]:
    """Tell staff, unless they know already."""
    return await tell_staff(event, notify)


HANDLERS: Mapping[str, Handlers[Notify]] = {
    "notify": {ReplyIssued: on_ordinary_reply},
    "notify-urgent": {ReplyIssued: on_urgent_reply},
    "notify-alerts": {AlertRaised: on_alert_raised},
}
"""By consumer. Three of them read the log apart from each other, so that a crisis and an alert wait behind nothing."""
