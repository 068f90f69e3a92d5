"""What was in a picture or a voice message, once it was listened to or looked at."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, Literal

from namjai.events.envelope import Fact
from namjai.events.sealed import Sealed
from namjai.events.uses import ModelUse

MediaKind = Literal["audio", "image"]
UnreadReason = Literal[
    "no_consent",
    "no_model",
    "too_large",
    "too_long",
    "not_ready",
    "gone",
    "unsent",
    "refused",
    "unreadable",
    "empty",
    "failed",
    "deadline",
]


class MediaTranscribed(Fact, frozen=True, kw_only=True):
    """The words in a voice message or a picture. Risk screens them like any words that were typed."""

    TYPE: ClassVar[str] = "media.transcribed.v1"
    message: str
    """Id of the event that the message came with."""
    message_id: str
    kind: MediaKind
    text: Sealed[str]
    """What was said, or every legible word in the picture; may be empty."""
    reading: Sealed[dict[str, Any]] | None = None
    """A picture's structured reading, as the skill that asked for it defines it."""
    language: str | None = None
    received_at: datetime
    """When the message reached us: an alert's delay counts from there."""
    uses: tuple[ModelUse, ...] = ()


class MediaUnread(Fact, frozen=True, kw_only=True):
    """A voice message or a picture that nobody and nothing has read, and why; the person is told."""

    TYPE: ClassVar[str] = "media.unread.v1"
    message: str
    message_id: str
    kind: MediaKind
    reason: UnreadReason
    uses: tuple[ModelUse, ...] = ()


FACTS = (MediaTranscribed, MediaUnread)
