"""What people send us."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from namjai.events.envelope import Fact
from namjai.events.sealed import Sealed


class _FromWebhook(Fact, frozen=True, kw_only=True):
    """What LINE says of every event that a person caused and that may be answered."""

    webhook_event_id: str
    source_kind: str
    """user, group, room, or unknown."""
    mode: str
    """active, or standby: then nothing may be sent."""
    sent_at: datetime
    received_at: datetime
    redelivered: bool = False
    throttled: bool = False
    """Past the member's rate: screened like any other, answered gently."""
    sender: Sealed[str] | None = None
    """LINE id that an answer goes to: the user, or the group or room."""
    reply_token: Sealed[str] | None = None


class _Words(_FromWebhook, frozen=True, kw_only=True):
    """A message's content, as it is now."""

    kind: str
    """LINE's message type: text, image, video, audio, file, location, sticker, or one LINE has added since."""
    message_id: str
    length_utf16: int = 0
    text: Sealed[str] | None = None
    raw: Sealed[str]
    """LINE's `message` object as JSON: text can never be fetched again."""


class MessageReceived(_Words, frozen=True, kw_only=True):
    """A message of any kind, exactly as LINE sent it, throttled or not."""

    TYPE: ClassVar[str] = "message.received.v1"


class MessageEdited(_Words, frozen=True, kw_only=True):
    """A message was changed after it was sent (groups only); the latest `sent_at` wins."""

    TYPE: ClassVar[str] = "message.edited.v1"


class PostbackReceived(_FromWebhook, frozen=True, kw_only=True):
    """A button was pressed, or a rich menu was switched."""

    TYPE: ClassVar[str] = "message.postback.v1"
    postback: Sealed[str]
    """LINE's `data` string."""
    params: Sealed[str] | None = None
    """LINE's `params` object as JSON."""


class MessageUnsent(Fact, frozen=True, kw_only=True):
    """The person took a message back; it may arrive before the message itself."""

    TYPE: ClassVar[str] = "message.unsent.v1"
    message_id: str
    webhook_event_id: str
    received_at: datetime


class MessageRemoved(Fact, frozen=True, kw_only=True):
    """An unsent message was taken out of the log; the second copy must forget it too."""

    TYPE: ClassVar[str] = "message.removed.v1"
    message_id: str
    event: str
    sequence: int


class MessageOther(Fact, frozen=True, kw_only=True):
    """Any other webhook event: join, beacon, membership …, or a kind LINE has added since."""

    TYPE: ClassVar[str] = "message.other.v1"
    kind: str
    """LINE's event type, or `malformed` when the event could not be read."""
    webhook_event_id: str
    source_kind: str
    mode: str
    received_at: datetime
    redelivered: bool = False
    raw: Sealed[str]


FACTS = (MessageReceived, PostbackReceived, MessageEdited, MessageUnsent, MessageRemoved, MessageOther)
