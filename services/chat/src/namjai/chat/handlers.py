"""What wakes a conversation. A delivery is only a sign that there is something in the log to answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from namjai.chat.conversation import Conversations
from namjai.events import Envelope, Fact
from namjai.events.alert import (
    AlertFollowUpDue,
    AlertHandedBack,
    AlertResolved,
    AlertSaid,
    AlertTakenOver,
    AlertUnacknowledged,
)
from namjai.events.checkin import ReminderDue
from namjai.events.media import MediaTranscribed, MediaUnread
from namjai.events.member import MemberFollowed
from namjai.events.message import MessageReceived, MessageRemoved, MessageUnsent, PostbackReceived
from namjai.events.risk import RiskAssessed, RiskReassessed
from namjai.runtime.consumer import Handlers
from namjai.runtime.delivery import this_delivery
from namjai.runtime.journal import Journal


@dataclass(frozen=True)
class Front:
    """What the handlers work with."""

    conversations: Conversations
    journal: Journal


async def on_words(event: Envelope[MessageReceived | MediaTranscribed], front: Front) -> Sequence[Fact]:
    """Answer a message, or what was in it; if it was unsent before it came, take it out of the log too."""
    await front.conversations.wake(event.subject, this_delivery().sequence)
    if front.conversations.is_unsent(event.subject, event.data.message_id):
        return await _remove(event.subject, event.data.message_id, front)
    return []


async def on_something_said(event: Envelope[Fact], front: Front) -> Sequence[Fact]:
    """A button, a new friend, the verdict that a turn waits for, or something that staff did."""
    await front.conversations.wake(event.subject, this_delivery().sequence)
    return []


async def on_message_unsent(event: Envelope[MessageUnsent], front: Front) -> Sequence[Fact]:
    """Take the words out of the log at once (G7), and keep a pending answer from being given."""
    await front.conversations.wake(event.subject, this_delivery().sequence)
    return await _remove(event.subject, event.data.message_id, front)


async def _remove(member: str, message_id: str, front: Front) -> Sequence[Fact]:
    return [
        MessageRemoved(message_id=message_id, event=stored.event.id, sequence=stored.sequence)
        for stored in await front.journal.log.history(member)
        if isinstance(stored.event.data, MessageReceived | MediaTranscribed)
        and stored.event.data.message_id == message_id
        and await front.journal.log.delete(stored.sequence)
    ]


HANDLERS: Handlers[Front] = {
    MessageReceived: on_words,
    PostbackReceived: on_something_said,
    MemberFollowed: on_something_said,
    RiskAssessed: on_something_said,
    RiskReassessed: on_something_said,
    MediaTranscribed: on_words,
    MediaUnread: on_something_said,
    ReminderDue: on_something_said,
    AlertTakenOver: on_something_said,
    AlertSaid: on_something_said,
    AlertHandedBack: on_something_said,
    AlertUnacknowledged: on_something_said,
    AlertResolved: on_something_said,
    AlertFollowUpDue: on_something_said,
    MessageUnsent: on_message_unsent,
}
