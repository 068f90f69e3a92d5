"""Sending: reply, push, multicast, broadcast, and their dry runs."""

from collections.abc import Sequence
from hashlib import blake2b
from typing import Any

import msgspec

from namjai.devkit.line import check, ids
from namjai.devkit.line.api.door import MONTHLY
from namjai.devkit.line.api.endpoint import Answer, Asked, Endpoint, answer, error
from namjai.devkit.line.platform import Platform
from namjai.devkit.line.state.retrykeys import Attempt
from namjai.devkit.line.state.tokens import ReplyToken, TokenState

_QUOTABLE = frozenset(("text", "textV2", "sticker", "image", "video"))
_INVALID_TOKEN = "Invalid reply token"


def reply(platform: Platform, asked: Asked) -> Answer:
    """Free, once, soon: LINE.md 2.2."""
    text, messages = asked.body["replyToken"], asked.body["messages"]
    state = platform.tokens.state(text, asked.now)
    token = platform.tokens.get(text)
    digest = _digest(messages)
    if state is not TokenState.GOOD or token is None:
        _judge_refused(asked, state, token, digest, platform)
        return error(400, _INVALID_TOKEN)
    token.used_for, token.answer_seen = digest, not asked.answer_lost
    _judge_unsent(platform, asked, token)
    sent = _deliver(platform, asked, token.chat, messages, "reply")
    if asked.answer_lost:
        platform.chats.of(token.chat).hide(digest, asked.now)
    return answer(200, {"sentMessages": sent})


def _judge_refused(
    asked: Asked, state: TokenState, token: ReplyToken | None, digest: bytes, platform: Platform
) -> None:
    """An unknown token is LINE's daily bread; the rest we could have known."""
    if token is None:
        return
    if state is TokenState.USED and token.answer_seen and token.used_for != digest:
        asked.finding("replyToken: used again, for other messages, after it had succeeded")
    elif state in (TokenState.LATE, TokenState.DEAD):
        age = asked.now - token.webhook_at
        asked.finding(f"replyToken: used {age:.0f} s after its webhook ({platform.settings.reply_token_s:g} s allowed)")


def _judge_unsent(platform: Platform, asked: Asked, token: ReplyToken) -> None:
    unsent = platform.contents.unsent_at(token.message) if token.message else None
    if unsent is not None and asked.now - unsent > platform.settings.unsent_grace_s:
        asked.finding("replyToken: answers a message that had been unsent")


def push(platform: Platform, asked: Asked) -> Answer:
    """Costs money, reaches anyone, wants a retry key."""
    attempt, refused = _keyed(platform, asked)
    if refused:
        return refused
    to, messages = asked.body["to"], asked.body["messages"]
    if not platform.quota_allows(1):
        return error(429, MONTHLY)
    chat = platform.chats.of(to)
    hidden = chat.hidden.pop(_digest(messages), None)
    if hidden is not None and asked.now - hidden < 600:
        asked.finding("messages: pushed although the reply with the same messages had been delivered")
    platform.sent_this_month += 1
    sent = {"sentMessages": _deliver(platform, asked, to, messages, "push")}
    _accept(attempt, asked, sent)
    return answer(200, sent)


def multicast(platform: Platform, asked: Asked) -> Answer:
    attempt, refused = _keyed(platform, asked)
    if refused:
        return refused
    return _to_many(platform, asked, attempt, list(dict.fromkeys(asked.body["to"])), "multicast")


def broadcast(platform: Platform, asked: Asked) -> Answer:
    attempt, refused = _keyed(platform, asked)
    if refused:
        return refused
    friends = [chat for chat in platform.chats.seen() if chat.startswith("U") and platform.chats.of(chat).friend]
    return _to_many(platform, asked, attempt, friends, "broadcast")


def _to_many(platform: Platform, asked: Asked, attempt: Attempt | None, to: Sequence[str], via: str) -> Answer:
    if not platform.quota_allows(len(to)):
        return error(429, MONTHLY)
    platform.sent_this_month += len(to)
    for chat in to:
        _deliver(platform, asked, chat, asked.body["messages"], via)
    _accept(attempt, asked, {})
    return answer(200, {})


def validate(_platform: Platform, _asked: Asked) -> Answer:
    """By now the messages are known to be good."""
    return answer(200, {})


def _keyed(platform: Platform, asked: Asked) -> tuple[Attempt | None, Answer | None]:
    """The attempt under this retry key, and LINE's 409 where it was accepted before."""
    key = next((text for name, text in asked.call.headers.items() if name.lower() == "x-line-retry-key"), "").lower()
    if not key:
        asked.finding("X-Line-Retry-Key: missing; without it a retry may send twice")
        return None, None
    digest = blake2b(asked.call.path.encode() + b"\n" + asked.call.body, digest_size=16).digest()
    attempt = platform.retry_keys.tried(key, digest, asked.now)
    if attempt.digest != digest:
        asked.finding("X-Line-Retry-Key: used before for another request")
    if attempt.accepted_request_id:
        body = {"message": "The retry key is already accepted", **msgspec.json.decode(attempt.sent)}
        return attempt, answer(409, body, {"x-line-accepted-request-id": attempt.accepted_request_id})
    return attempt, None


def _accept(attempt: Attempt | None, asked: Asked, sent: dict[str, Any]) -> None:
    if attempt:
        attempt.accepted_request_id = asked.call.request_id
        attempt.sent = msgspec.json.encode(sent)


def _deliver(
    platform: Platform, asked: Asked, chat_id: str, messages: Sequence[dict[str, Any]], via: str
) -> list[dict[str, str]]:
    """Put messages into a chat. A person who blocked the account sees nothing, and LINE still answers 200."""
    chat = platform.chats.of(chat_id)
    if chat.standby:
        asked.finding(f"{via}: sent into a chat that is in standby")
    platform.chats.loading(chat, 0, asked.now)
    sent: list[dict[str, str]] = []
    for message in messages:
        receipt = {"id": ids.message_id()}
        if message["type"] in _QUOTABLE:
            receipt["quoteToken"] = ids.opaque_token()
            platform.quote_tokens.put(receipt["quoteToken"], chat_id)
        quoted = platform.quote_tokens.get(message.get("quoteToken", ""))
        if quoted not in (None, chat_id):
            asked.finding("quoteToken: belongs to another chat")
        if not chat.blocked:
            platform.chats.add(
                chat, time_ms=round(asked.now * 1000), author="bot", message=message, via=via, id=receipt["id"]
            )
        sent.append(receipt)
    return sent


def _digest(messages: Any) -> bytes:
    return blake2b(msgspec.json.encode(messages, order="deterministic"), digest_size=16).digest()


ENDPOINTS = (
    Endpoint("POST", "/v2/bot/message/reply", reply, check.REPLY),
    Endpoint("POST", "/v2/bot/message/push", push, check.PUSH, retry_key=True),
    Endpoint("POST", "/v2/bot/message/multicast", multicast, check.MULTICAST, most=200, retry_key=True),
    Endpoint("POST", "/v2/bot/message/broadcast", broadcast, check.BROADCAST, most=60, per_s=3600, retry_key=True),
    *(
        Endpoint("POST", f"/v2/bot/message/validate/{kind}", validate, check.VALIDATE)
        for kind in ("reply", "push", "multicast", "narrowcast", "broadcast")
    ),
)
