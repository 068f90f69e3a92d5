"""Webhook bodies as LINE sends them: signed, one of every kind, and good ones beside bad ones."""

import base64
import hashlib
import hmac
import json
import secrets
from typing import Any

SECRET = "8c570fa6dd201bb328f1c1eac23a96d8"


def sign(body: bytes, secret: str = SECRET) -> str:
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


def webhook(*events: Any) -> bytes:
    return json.dumps({"destination": "U" + "0" * 32, "events": events}, ensure_ascii=False).encode()


def line_id(prefix: str = "U") -> str:
    return prefix + secrets.token_hex(16)


def text_event(text: str = "สวัสดี", *, user: str | None = None, **more: Any) -> dict[str, Any]:
    return {
        "type": "message",
        "mode": "active",
        "timestamp": 1_790_000_000_000,
        "source": {"type": "user", "userId": user or line_id()},
        "webhookEventId": "01" + secrets.token_hex(12).upper(),
        "deliveryContext": {"isRedelivery": False},
        "replyToken": secrets.token_hex(16),
        "message": {"id": str(secrets.randbits(58)), "type": "text", "text": text, "quoteToken": "q"},
        **more,
    }


USER, GROUP, ROOM = "U" + "1" * 32, "C" + "2" * 32, "R" + "3" * 32


def event(kind: str, *, source: dict[str, str] | None = None, **more: Any) -> dict[str, Any]:
    """An event with LINE's common properties."""
    return {
        "type": kind,
        "mode": "active",
        "timestamp": 1_790_000_000_000,
        "source": {"type": "user", "userId": USER} if source is None else source,
        "webhookEventId": "01" + secrets.token_hex(12).upper(),
        "deliveryContext": {"isRedelivery": False},
        **more,
    }


def _message(**message: Any) -> dict[str, Any]:
    return event("message", replyToken="r" * 32, message={"id": "468789577898262530", **message})


IN_GROUP = {"type": "group", "groupId": GROUP, "userId": USER}
KINDS: dict[str, dict[str, Any]] = {
    "text": _message(type="text", text="hello", quoteToken="q", markAsReadToken="m"),
    "text_with_mention": _message(
        type="text",
        text="@All hi $",
        emojis=[{"index": 8, "length": 1, "productId": "p", "emojiId": "001"}],
        mention={"mentionees": [{"index": 0, "length": 4, "type": "all"}, {"index": 0, "length": 1, "isSelf": True}]},
    ),
    "image": _message(type="image", contentProvider={"type": "line"}, imageSet={"id": "s", "index": 1, "total": 2}),
    "video": _message(type="video", duration=60000, contentProvider={"type": "external", "originalContentUrl": "x"}),
    "audio": _message(type="audio", contentProvider={"type": "line"}),
    "file": _message(type="file", fileName="file.txt", fileSize=2138),
    "location": _message(type="location", latitude=13.75, longitude=100.5),
    "sticker": _message(type="sticker", packageId="1", stickerId="2", stickerResourceType="HOLOGRAM"),
    "new_message_kind": _message(type="hologram", depth=3),
    "messageEdited": event("messageEdited", source=IN_GROUP, message={"id": "1", "type": "text", "text": "changed"}),
    "unsend": event("unsend", unsend={"messageId": "325708"}),
    "follow": event("follow", replyToken="r" * 32, follow={"isUnblocked": True}),
    "unfollow": event("unfollow"),
    "join": event("join", source={"type": "group", "groupId": GROUP}, replyToken="r" * 32),
    "leave": event("leave", source={"type": "room", "roomId": ROOM}),
    "memberJoined": event("memberJoined", source=IN_GROUP, joined={"members": [{"type": "user", "userId": USER}]}),
    "memberLeft": event("memberLeft", source=IN_GROUP, left={"members": [{"type": "user", "userId": USER}]}),
    "postback": event("postback", replyToken="r" * 32, postback={"data": "a=1", "params": {"date": "2026-01-02"}}),
    "richmenu": event("postback", postback={"data": "a=1", "params": {"status": "SUCCESS"}}),
    "videoPlayComplete": event("videoPlayComplete", replyToken="r" * 32, videoPlayComplete={"trackingId": "t"}),
    "beacon": event("beacon", replyToken="r" * 32, beacon={"hwid": "d41d8cd98f", "type": "stay", "dm": "ff"}),
    "membership": event("membership", membership={"type": "renewed", "membershipId": 3189}),
    "accountLink": {
        "type": "accountLink",
        "mode": "active",
        "timestamp": 1,
        "webhookEventId": "01LINKFAILED",
        "deliveryContext": {"isRedelivery": False},
        "link": {"result": "failed", "nonce": "n"},
    },
    "module": event("module", source={"type": "user"}, module={"type": "attached", "botId": "LU" + "4" * 32}),
    "activated": event("activated", source={"type": "user"}, chatControl={"expireAt": 1}),
    "botSuspended": {"type": "botSuspended", "mode": "active", "timestamp": 1, "webhookEventId": "01SUSPENDED"},
    "delivery": event("delivery", delivery={"data": "hashed-number"}),
    "standby": event("message", mode="standby", message={"id": "2", "type": "text", "text": "hi"}),
    "new_event_kind": event("greatNewFeature", feature={"new": True}),
    "new_source_kind": event("message", source={"type": "square"}, message={"id": "3", "type": "text", "text": "hi"}),
    "only_a_type": {"type": "message", "message": {"type": "text", "text": "hi"}},
}
"""One event of every kind that LINE documents, and some that it may send one day."""

BAD_EVENTS: dict[str, bytes] = {
    "null": b"null",
    "number": b"17",
    "string": b'"event"',
    "list": b"[[],{}]",
    "empty": b"{}",
    "type is a number": b'{"type":7}',
    "no message": b'{"type":"message","source":{"type":"user","userId":"' + USER.encode() + b'"}}',
    "message is a text": b'{"type":"message","message":"hi"}',
    "no postback": b'{"type":"postback"}',
    "no unsend": b'{"type":"unsend"}',
    "5,000 deep": b'{"type":"message","x":' + b"[" * 5_000 + b"]" * 5_000 + b"}",
    "bytes that are no text": b'{"type":"message","message":{"type":"text","text":"\xff\xfe"}}',
    "half an emoji": b'{"type":"message","message":{"type":"text","text":"\\ud83d"}}',
    "no JSON inside": b'{"type":nope}',
    "a control character": b'{"type":"message","message":{"type":"text","text":"a\x01b"}}',
    "an absurd time": b'{"type":"message","timestamp":1e300,"message":{"type":"text","text":"hi"}}',
    "a huge number": b'{"type":"message","timestamp":' + b"9" * 5_000 + b"}",
}


def body_of(*events: bytes) -> bytes:
    """A body of events as they stand, readable or not."""
    return b'{"destination":"U0","events":[' + b",".join(events) + b"]}"
