"""Webhook events: filling in what LINE always sends, and noting in the platform's memory what goes out."""

import random
from typing import Any

from namjai.devkit.line import ids, samples
from namjai.devkit.line.platform import Platform
from namjai.devkit.line.state.chats import Chat, Entry

_REPLIABLE = frozenset(
    (
        "message",
        "messageEdited",
        "follow",
        "join",
        "memberJoined",
        "postback",
        "videoPlayComplete",
        "beacon",
        "membership",
    )
)
_WITHOUT_SOURCE = frozenset(("module", "activated", "deactivated", "botSuspended", "botResumed", "delivery"))
_QUOTABLE = frozenset(("text", "image", "video", "sticker"))

_KEYWORDS = {
    "1988": ["seedling", "hope", "growing"],
    "1989": ["smile", "happy", "joy"],
    "1990": ["sad", "crying", "tears"],
    "1991": ["angry", "mad"],
    "1992": ["thank you", "please", "wai"],
    "1993": ["strong", "you can do it", "cheer up"],
    "1994": ["sleepy", "tired", "good night"],
    "1995": ["love", "heart"],
}

Event = dict[str, Any]


def set_of(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Pictures sent together know of each other, and come in any order. Anything else is as it was."""
    if not messages or any(message.get("type") != "image" for message in messages):
        raise ValueError("only pictures are sent together")
    if len(messages) == 1:
        return messages
    whole = {"id": ids.set_id(), "total": len(messages)}
    numbered = [{**each, "imageSet": {**whole, "index": n}} for n, each in enumerate(messages, start=1)]
    return random.sample(numbered, len(numbered))


def fill(platform: Platform, given: Event, user: str) -> Event:
    """A whole event from a partial one. A property given as null is left out: so an odd event can be made."""
    kind = given.get("type", "message")
    at = given.get("timestamp", platform.now_ms())
    event: Event = {
        "type": kind,
        "mode": "active",
        "timestamp": at,
        "webhookEventId": ids.ulid(at if isinstance(at, int) else platform.now_ms()),
        "deliveryContext": {"isRedelivery": False},
        **given,
    }
    failed_link = kind == "accountLink" and given.get("link", {}).get("result") == "failed"
    if "source" not in event and kind not in _WITHOUT_SOURCE and not failed_link:
        event["source"] = {"type": "user", "userId": user}
    repliable = kind in _REPLIABLE or (kind == "accountLink" and not failed_link)
    if "replyToken" not in event and repliable and event["mode"] == "active":
        event["replyToken"] = ids.reply_token()
    if kind in ("message", "messageEdited") and isinstance(event.get("message"), dict):
        event["message"] = _fill_message(event["message"])
    return {name: value for name, value in event.items() if value is not None}


def _fill_message(given: dict[str, Any]) -> dict[str, Any]:
    kind = given.get("type", "text")
    common: dict[str, Any] = {"type": kind, "id": ids.message_id(), "markAsReadToken": ids.opaque_token()}
    if kind in _QUOTABLE:
        common["quoteToken"] = ids.opaque_token()
    by_kind: dict[str, dict[str, Any]] = {
        "image": {"contentProvider": {"type": "line"}},
        "video": {"contentProvider": {"type": "line"}, "duration": 10_000},
        "audio": {"contentProvider": {"type": "line"}, "duration": 3_000},
        "file": {"fileName": "file.pdf", "fileSize": 22_016},
        "location": {"latitude": 13.7563, "longitude": 100.5018},
        "sticker": {"packageId": "446", "stickerId": "1988", "stickerResourceType": "STATIC"},
    }
    message = {**common, **by_kind.get(kind, {}), **given}
    if kind == "sticker" and "keywords" not in given and message["stickerId"] in _KEYWORDS:
        message["keywords"] = _KEYWORDS[message["stickerId"]]
    return {name: value for name, value in message.items() if value is not None}


def chat_of(platform: Platform, event: Event) -> Chat | None:
    """The chat an event belongs to: the group's, the room's or the person's."""
    source = event.get("source")
    if not isinstance(source, dict):
        return None
    chat_id = source.get("groupId") or source.get("roomId") or source.get("userId")
    return platform.chats.of(chat_id) if isinstance(chat_id, str) else None


def note(platform: Platform, event: Event) -> Entry | None:
    """Remember an event that is about to be sent: its tokens, its content, and the line it makes in the chat."""
    chat = chat_of(platform, event)
    message = event.get("message") if isinstance(event.get("message"), dict) else None
    message_id = str(message.get("id", "")) if message else ""
    token = event.get("replyToken")
    if chat and isinstance(token, str):
        event_at = event["timestamp"] / 1000 if isinstance(event.get("timestamp"), int) else platform.now()
        platform.tokens.issue(token, chat=chat.id, event_at=event_at, now=platform.now(), message=message_id or None)
    if chat is None:
        return None
    if event.get("deliveryContext", {}).get("isRedelivery"):
        return None
    chat.standby = event.get("mode") == "standby"
    if message:
        _note_message(platform, chat, message, message_id)
    _note_relation(platform, chat, event)
    author, line = _line(event, message)
    return platform.chats.add(
        chat,
        time_ms=platform.now_ms(),
        author=author,
        message=line,
        via="webhook",
        id=message_id,
        event=str(event.get("webhookEventId", "")),
    )


def _note_message(platform: Platform, chat: Chat, message: dict[str, Any], message_id: str) -> None:
    chat.wrote = True
    for name, tokens in (("markAsReadToken", platform.read_tokens), ("quoteToken", platform.quote_tokens)):
        if isinstance(message.get(name), str):
            tokens.put(message[name], chat.id)
    kind = message.get("type")
    provider = message.get("contentProvider", {}).get("type", "line")
    if kind not in samples.MIME or provider != "line":
        return
    if platform.contents.get(message_id):
        platform.contents.becomes(message_id, str(kind))
    else:
        platform.contents.put(message_id, samples.sample(str(kind)))


def _note_relation(platform: Platform, chat: Chat, event: Event) -> None:
    match event.get("type"):
        case "follow" | "join":
            chat.friend, chat.blocked = True, False
        case "unfollow" | "leave":
            chat.friend, chat.blocked = False, True
        case "message":
            chat.blocked = False  # nobody can write to an account they block
        case "unsend":
            message_id = str(event.get("unsend", {}).get("messageId", ""))
            platform.contents.unsend(message_id, platform.now())
            platform.chats.unsend(chat, message_id)


def _line(event: Event, message: dict[str, Any] | None) -> tuple[str, dict[str, Any]]:
    kind = str(event.get("type"))
    if kind == "message" and message:
        return "user", message
    if kind == "messageEdited" and message:
        return "user", {**message, "edited": True}
    if kind == "postback":
        return "user", {"type": "postback", **event.get("postback", {})}
    return "system", {"type": kind}


def jitter(seconds: float) -> float:
    """LINE discloses no redelivery interval; ours is never twice the same."""
    return seconds * random.uniform(0.8, 1.2)
