"""Reply and alert in; LINE, mail and webhook out; what became of it as facts. Which consumer does what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from namjai.events import Envelope, Fact
from namjai.events.alert import AlertRaised
from namjai.events.conversation import ContactRequested
from namjai.events.member import MemberErased
from namjai.events.message import PostbackReceived
from namjai.events.reply import ReplyIssued
from namjai.notify.contact import on_contact_requested
from namjai.notify.ports import Notify, ReplyEvent
from namjai.notify.replies import deliver
from namjai.notify.room import Room
from namjai.notify.staff import on_button
from namjai.runtime.consumer import Handlers


async def on_ordinary_reply(event: ReplyEvent, notify: Notify) -> Sequence[Fact]:
    """Send a turn in its order."""
    return [] if event.data.urgent else await deliver(event, notify)


async def on_urgent_reply(event: ReplyEvent, notify: Notify) -> Sequence[Fact]:
    """Send a crisis card at once."""
    return await deliver(event, notify) if event.data.urgent else []


async def on_alert_raised(event: Envelope[AlertRaised], room: Room) -> Sequence[Fact]:
    """Begin its chain, or join it to the open one that it repeats."""
    await room.casework.advance(event.subject, knowing=event.id)
    return []


async def on_member_erased(event: Envelope[MemberErased], room: Room) -> Sequence[Fact]:
    """Nobody is to be called about somebody who is no longer known."""
    await room.casework.wipe(event.subject)
    return []


REPLIES: Final[Mapping[str, Handlers[Notify]]] = {
    "notify": {ReplyIssued: on_ordinary_reply},
    "notify-urgent": {ReplyIssued: on_urgent_reply},
}
ALERTS: Final[Mapping[str, Handlers[Room]]] = {
    "notify-alerts": {AlertRaised: on_alert_raised},
    "notify-staff": {
        PostbackReceived: on_button,
        ContactRequested: on_contact_requested,
        MemberErased: on_member_erased,
    },
}
"""By consumer. Each reads the log apart from the others, so that a crisis and an alert wait behind nothing."""
