"""Signed webhooks as LINE sends them (LINE's reference: webhook event objects, signature validation)."""

import base64
import hashlib
import hmac
import secrets
import time

import msgspec

SIGNATURE_HEADER = "x-line-signature"
DESTINATION = "U" + "0" * 32
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def sign(channel_secret: str, body: bytes) -> str:
    """The signature of a body: base64 of HMAC-SHA256 over its raw bytes."""
    return base64.b64encode(hmac.digest(channel_secret.encode(), body, hashlib.sha256)).decode()


def ulid() -> str:
    """A webhook event id: 48 bits of time and 80 of chance, 26 letters that sort by time."""
    number = (time.time_ns() // 1_000_000) << 80 | secrets.randbits(80)
    return "".join(_CROCKFORD[number >> shift & 31] for shift in range(125, -1, -5))


def user_id(number: int) -> str:
    """The LINE id of an invented person; the same number is the same person."""
    return "U" + hashlib.sha256(f"invented person {number}".encode()).hexdigest()[:32]


def text_event(user: str, text: str, *, event_id: str, message_id: str, redelivery: bool = False) -> dict[str, object]:
    """One text message in a one-to-one chat, as an event of a webhook."""
    return {
        "type": "message",
        "mode": "active",
        "timestamp": time.time_ns() // 1_000_000,
        "source": {"type": "user", "userId": user},
        "webhookEventId": event_id,
        "deliveryContext": {"isRedelivery": redelivery},
        "replyToken": hashlib.sha256(f"reply token {event_id}".encode()).hexdigest()[:32],
        "message": {"type": "text", "id": message_id, "quoteToken": f"q{message_id}", "text": text},
    }


def webhook(*events: dict[str, object]) -> bytes:
    """The body that carries these events."""
    return msgspec.json.encode({"destination": DESTINATION, "events": events})
