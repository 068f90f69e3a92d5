"""What wakes a conversation. A delivery is only a sign that there is something in the log to answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from namjai.chat.conversation import Conversations
from namjai.chat.taken_back import take_out, tidy
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
from namjai.events.memory import MemoryForgotten, MemorySummarised
from namjai.events.message import MessageReceived, MessageUnsent, PostbackReceived
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
        return await take_out(front.journal, event.subject, event.data.message_id)
    return []


async def on_something_said(event: Envelope[Fact], front: Front) -> Sequence[Fact]:
    """A button, a new friend, the verdict that a turn waits for, or something that staff did."""
    await front.conversations.wake(event.subject, this_delivery().sequence)
    return []


async def on_message_unsent(event: Envelope[MessageUnsent], front: Front) -> Sequence[Fact]:
    """Take the words out of the log at once (G7), and keep a pending answer from being given."""
    await front.conversations.wake(event.subject, this_delivery().sequence)
    return await take_out(front.journal, event.subject, event.data.message_id)


async def on_memory_changed(event: Envelope[MemorySummarised | MemoryForgotten], front: Front) -> Sequence[Fact]:
    """Take out of the log what is remembered no more."""
    return await tidy(front.journal, event.subject)


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
    MemorySummarised: on_memory_changed,
    MemoryForgotten: on_memory_changed,
}
