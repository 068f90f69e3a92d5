"""From LINE's events to facts: which of LINE's types becomes which of ours."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Final, NamedTuple

import msgspec

from namjai.events import Fact, Sealed
from namjai.events.member import MemberFollowed, MemberUnfollowed
from namjai.events.message import MessageEdited, MessageOther, MessageReceived, MessageUnsent, PostbackReceived
from namjai.gateway.domain.line import NONE, LineEvent, Message, read_message

MALFORMED: Final = "malformed"
COUNTED: Final = frozenset({"message", "messageEdited", "postback"})
"""What a person does: this counts against their rate."""

_SOURCES: Final = frozenset({"user", "group", "room"})
# What is written in clear must be a word or an id, never a text; LINE's ids and types are far shorter.
_TOKEN: Final = re.compile(r"[A-Za-z0-9_.:-]{1,64}")


class Incoming(NamedTuple):
    """One event on its way in."""

    event: LineEvent
    raw: bytes | msgspec.Raw
    received_at: datetime
    throttled: bool


def cause_of(event: LineEvent | None, raw: bytes | msgspec.Raw) -> str:
    """What the event's id is derived from: LINE's webhookEventId, or for want of one a hash of the event."""
    if event is not None and _TOKEN.fullmatch(event.webhook_event_id):
        return event.webhook_event_id
    return f"sha256:{hashlib.sha256(raw).hexdigest()[:32]}"


def person_of(event: LineEvent | None) -> str | None:
    """The LINE id that stands for the member: the user, for want of one the group or room, or None for nobody."""
    if event is None or event.source is None:
        return None
    source = event.source
    return source.user_id or source.group_id or source.room_id or None


def translate(
    event: LineEvent | None, raw: bytes | msgspec.Raw, *, received_at: datetime, throttled: bool = False
) -> Fact:
    """The fact that an event becomes; one that cannot be read, or is of a new type, is kept whole as `MessageOther`."""
    if event is None:
        return MessageOther(
            kind=MALFORMED,
            webhook_event_id=cause_of(None, raw),
            source_kind="unknown",
            mode="unknown",
            received_at=received_at,
            raw=_text(raw),
        )
    incoming = Incoming(event, raw, received_at, throttled)
    return _TABLE.get(event.type, _other)(incoming)


def _words(incoming: Incoming, fact: type[MessageReceived] | type[MessageEdited]) -> Fact:
    event, _, received_at, throttled = incoming
    if (message := read_message(event.message)) is None:
        return _other(incoming, MALFORMED)
    return fact(
        kind=_word(message.type),
        message_id=_word(message.id, ""),
        webhook_event_id=cause_of(event, incoming.raw),
        source_kind=_source_kind(event),
        mode=_word(event.mode),
        sent_at=_sent_at(event, received_at),
        received_at=received_at,
        redelivered=event.delivery_context.is_redelivery,
        throttled=throttled,
        length_utf16=_utf16_units(message),
        sender=_sender(event),
        reply_token=_sealed(event.reply_token),
        text=_sealed(message.text),
        raw=_text(event.message),
    )


def _message(incoming: Incoming) -> Fact:
    return _words(incoming, MessageReceived)


def _edited(incoming: Incoming) -> Fact:
    return _words(incoming, MessageEdited)


def _postback(incoming: Incoming) -> Fact:
    event, _, received_at, throttled = incoming
    if event.postback is None:
        return _other(incoming, MALFORMED)
    return PostbackReceived(
        webhook_event_id=cause_of(event, incoming.raw),
        source_kind=_source_kind(event),
        mode=_word(event.mode),
        sent_at=_sent_at(event, received_at),
        received_at=received_at,
        redelivered=event.delivery_context.is_redelivery,
        throttled=throttled,
        sender=_sender(event),
        reply_token=_sealed(event.reply_token),
        postback=Sealed(event.postback.data),
        params=_text(params) if (params := event.postback.params) != NONE else None,
    )


def _unsend(incoming: Incoming) -> Fact:
    event = incoming.event
    if event.unsend is None or not (message_id := _word(event.unsend.message_id, "")):
        return _other(incoming, MALFORMED)
    return MessageUnsent(
        message_id=message_id,
        webhook_event_id=cause_of(event, incoming.raw),
        received_at=incoming.received_at,
    )


def _follow(incoming: Incoming) -> Fact:
    event = incoming.event
    if (sender := _sender(event)) is None:
        return _other(incoming)
    return MemberFollowed(
        webhook_event_id=cause_of(event, incoming.raw),
        mode=_word(event.mode),
        sent_at=_sent_at(event, incoming.received_at),
        received_at=incoming.received_at,
        unblocked=event.follow is not None and event.follow.is_unblocked,
        redelivered=event.delivery_context.is_redelivery,
        sender=sender,
        reply_token=_sealed(event.reply_token),
    )


def _unfollow(incoming: Incoming) -> Fact:
    return MemberUnfollowed(webhook_event_id=cause_of(incoming.event, incoming.raw), received_at=incoming.received_at)


def _other(incoming: Incoming, kind: str | None = None) -> Fact:
    event = incoming.event
    return MessageOther(
        kind=kind or _word(event.type),
        webhook_event_id=cause_of(event, incoming.raw),
        source_kind=_source_kind(event),
        mode=_word(event.mode),
        received_at=incoming.received_at,
        redelivered=event.delivery_context.is_redelivery,
        raw=_text(incoming.raw),
    )


_TABLE: Final[Mapping[str, Callable[[Incoming], Fact]]] = {
    "message": _message,
    "messageEdited": _edited,
    "postback": _postback,
    "unsend": _unsend,
    "follow": _follow,
    "unfollow": _unfollow,
}


def _word(value: str, otherwise: str = "unknown") -> str:
    return value if _TOKEN.fullmatch(value) else otherwise


def _sealed(value: str | None) -> Sealed[str] | None:
    return Sealed(value) if value else None


def _text(raw: bytes | msgspec.Raw) -> Sealed[str]:
    return Sealed(bytes(raw).decode("utf-8", "replace"))


def _source_kind(event: LineEvent) -> str:
    return event.source.type if event.source is not None and event.source.type in _SOURCES else "unknown"


def _sender(event: LineEvent) -> Sealed[str] | None:
    """Where an answer goes: to the group or room if it was said there, else to the user."""
    source = event.source
    return _sealed(source.group_id or source.room_id or source.user_id) if source is not None else None


def _sent_at(event: LineEvent, received_at: datetime) -> datetime:
    """LINE's time of the event in milliseconds; when it makes no sense, the time we received it."""
    try:
        return datetime.fromtimestamp(event.timestamp / 1000, UTC) if event.timestamp > 0 else received_at
    except (OverflowError, ValueError, OSError):
        return received_at


def _utf16_units(message: Message) -> int:
    """The length as LINE counts it."""
    return len(message.text.encode("utf-16-le", "replace")) // 2 if message.text else 0
