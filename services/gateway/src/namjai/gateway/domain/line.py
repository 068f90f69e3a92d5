"""LINE's webhook as it comes: a body of events, each read on its own, as far as it can be read."""

from __future__ import annotations

import json
import re
from typing import Any, Final, TypeVar

import msgspec

NONE: Final = msgspec.Raw(b"null")
"""What stands for a missing object that is kept as it came (msgspec does not read `Raw | None`)."""


class NotAWebhook(Exception):
    """The body is not `{"events": […]}`: nothing in it can be kept."""


class Source(msgspec.Struct, frozen=True, rename="camel"):
    """Who or where: `user_id` may be missing in groups, and for people who have not consented."""

    type: str = "unknown"
    user_id: str | None = None
    group_id: str | None = None
    room_id: str | None = None


class DeliveryContext(msgspec.Struct, frozen=True, rename="camel"):
    is_redelivery: bool = False


class Postback(msgspec.Struct, frozen=True):
    data: str
    params: msgspec.Raw = NONE


class Unsend(msgspec.Struct, frozen=True, rename="camel"):
    message_id: str


class Follow(msgspec.Struct, frozen=True, rename="camel"):
    is_unblocked: bool = False


class Message(msgspec.Struct, frozen=True):
    """The few fields that all kinds share; the whole object is kept as it came."""

    type: str
    id: str = ""
    text: str | None = None


class LineEvent(msgspec.Struct, frozen=True, rename="camel"):
    """What Namjai reads of any event. LINE adds types, values and properties without notice: nothing else is asked."""

    type: str
    mode: str = "active"
    timestamp: int | float = 0
    webhook_event_id: str = ""
    reply_token: str | None = None
    source: Source | None = None
    delivery_context: DeliveryContext = DeliveryContext()
    message: msgspec.Raw = NONE
    postback: Postback | None = None
    unsend: Unsend | None = None
    follow: Follow | None = None


class _Body(msgspec.Struct, frozen=True):
    events: list[msgspec.Raw]


T = TypeVar("T", LineEvent, Message)

_BODY: Final = msgspec.json.Decoder(_Body)
_EVENT: Final = msgspec.json.Decoder(LineEvent)
_MESSAGE: Final = msgspec.json.Decoder(Message)
_UNREADABLE: Final = (msgspec.MsgspecError, ValueError, RecursionError)
# A whole string, a bracket or a comma; a quote that stands alone begins a string that never ends.
_TOKEN: Final = re.compile(rb'"(?:[^"\\]|\\.)*+"|[][{},"]', re.DOTALL)


def split(body: bytes) -> list[bytes | msgspec.Raw]:
    """The events of a body, unread. Raises `NotAWebhook`."""
    try:
        return list(_BODY.decode(body).events)
    except _UNREADABLE:
        return _split_by_brackets(body)


def _split_by_brackets(body: bytes) -> list[bytes | msgspec.Raw]:
    """Cut out the events by counting brackets, so that one that no parser takes does not lose its neighbours.

    That is: 5,000 levels deep, half an emoji, bytes that are no text, a word that is no JSON.
    """
    events: list[bytes | msgspec.Raw] = []
    open_brackets = bytearray()
    begin: int | None = None  # where the present event begins, while we are between the brackets of `events`
    found = False
    for token in _TOKEN.finditer(body):
        mark = token[0]
        if mark in (b"{", b"["):
            if open_brackets == b"{" and mark == b"[" and not found and _is_value_of_events(body, token.start()):
                begin, found = token.end(), True
            open_brackets += mark
        elif mark in (b"}", b"]"):
            if not open_brackets or (open_brackets.pop(), mark[0]) not in _PAIRS:
                raise NotAWebhook
            if begin is not None and len(open_brackets) == 1:
                events.extend(_element(body[begin : token.start()]))
                begin = None
        elif mark == b"," and begin is not None and len(open_brackets) == 2:
            events.extend(_element(body[begin : token.start()]))
            begin = token.end()
        elif mark == b'"':
            raise NotAWebhook
    if not found or open_brackets:
        raise NotAWebhook
    return events


_PAIRS: Final = frozenset({(ord("{"), ord("}")), (ord("["), ord("]"))})
_EVENTS_KEY: Final = re.compile(rb'"events"\s*:\s*\Z')
_KEY_BYTES_MAX: Final = 64


def _is_value_of_events(body: bytes, at: int) -> bool:
    return _EVENTS_KEY.search(body[max(0, at - _KEY_BYTES_MAX) : at]) is not None


def _element(text: bytes) -> list[bytes]:
    return [text.strip()] if text.strip() else []


def read_event(raw: bytes | msgspec.Raw) -> LineEvent | None:
    """Read one event; None when it is no object with a type."""
    try:
        return _EVENT.decode(raw)
    except _UNREADABLE:
        return _mend(bytes(raw), _EVENT)


def read_message(raw: bytes | msgspec.Raw) -> Message | None:
    """Read a `message` object; None when it is no object with a type."""
    try:
        return _MESSAGE.decode(raw)
    except _UNREADABLE:
        return _mend(bytes(raw), _MESSAGE)


def _mend(raw: bytes, decoder: msgspec.json.Decoder[T]) -> T | None:
    """Read what is readable: halves of characters become `?`, a property of the wrong type is left out.

    A person's words must reach the screening even when LINE sends them beside something we do not understand.
    """
    try:
        loose = json.loads(raw.decode("utf-8", "replace"), strict=False)
        clean = json.loads(json.dumps(loose, ensure_ascii=False).encode("utf-8", "replace"))
    except _UNREADABLE:
        return None
    if not isinstance(clean, dict) or not isinstance(clean.get("type"), str):
        return None
    kind = clean["type"]
    kept = {name: value for name, value in clean.items() if _reads({"type": kind, name: value}, decoder)}
    try:
        return decoder.decode(msgspec.json.encode(kept))
    except _UNREADABLE:
        return None


def _reads(part: dict[str, Any], decoder: msgspec.json.Decoder[T]) -> bool:
    try:
        decoder.decode(msgspec.json.encode(part))
    except _UNREADABLE:
        return False
    return True
