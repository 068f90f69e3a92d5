"""What LINE may send and how it must be processed, end to end.

| LINE | here |
|---|---|
| P1 standby | `test_in_standby_nothing_is_sent` |
| P2 no token, no user, no source | `test_without_a_reply_token_...`, `test_without_a_user_or_a_source_...` |
| P3 unsend, also before its message | `test_a_message_that_was_unsent_before_...`, `test_one_that_is_unsent_...` |
| P4 edits out of order | `test_edits_may_come_in_any_order_...` |
| P5 image sets | tests/e2e/conversations/test_pictures.py, tests/unit/chat/conversation |
| P6 mentions, emojis, kinds without text | `test_words_with_mentions_...`, `test_every_kind_without_text_...` |
| P7 content | tests/integration/chat_media/test_content.py |
| P8 loading animation | `test_the_three_dots_...`, tests/integration/notify/test_service.py |
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from namjai.devkit.running import Running, facts, until
from namjai.events.conversation import TurnSkipped
from namjai.events.message import MessageEdited, MessageReceived, MessageRemoved
from namjai.events.reply import ReplyIssued
from namjai.events.risk import RiskAssessed

SETTLED_S = 1.5
"""Longer than a turn takes here: what has not been said by then is not going to be."""


def _message(user: str, message: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "message", "source": {"type": "user", "userId": user}, "message": message, **more}


async def _skipped(namjai: Running, webhook_event: str) -> str | None:
    events = await namjai.events()
    heard = next((e for e in facts(events, MessageReceived) if e.data.webhook_event_id == webhook_event), None)
    found = (e.data.reason for e in facts(events, TurnSkipped) if heard is not None and heard.id in e.data.answers)
    return next(found, None)


async def test_in_standby_nothing_is_sent(namjai: Running, user: str) -> None:
    event = _message(user, {"type": "text", "text": "อยากตาย คืนนี้จะทำแน่ๆ"}, mode="standby")
    sent = await namjai.event(event)
    assert await until(lambda: _skipped(namjai, sent["webhookEventId"])) == "standby"
    await asyncio.sleep(SETTLED_S)
    assert await namjai.chat(user) == []
    events = await namjai.events()
    heard = next(e for e in facts(events, MessageReceived) if e.data.webhook_event_id == sent["webhookEventId"])
    assert "crisis" in [v.data.level for v in facts(events, RiskAssessed) if v.data.message == heard.id]


async def test_without_a_reply_token_the_answer_is_pushed(namjai: Running, user: str) -> None:
    await namjai.event(_message(user, {"type": "text", "text": "hello"}, replyToken=None))
    (answer, *_) = await until(lambda: namjai.chat(user))
    assert answer["via"] == "push"


@pytest.mark.parametrize("source", [{"type": "group", "groupId": "C" + "0" * 32}, {"type": "room"}, None])
async def test_without_a_user_or_a_source_nothing_breaks_and_the_next_is_answered(
    namjai: Running, user: str, source: dict[str, Any] | None
) -> None:
    nobody = {"type": "message", "source": source, "message": {"type": "text", "text": "hello"}}
    assert (await namjai.event(nobody))["status"] == 200
    await namjai.send(user, "hello")
    assert await until(lambda: namjai.chat(user))


async def test_a_message_that_was_unsent_before_it_came_is_neither_answered_nor_kept(
    namjai: Running, user: str
) -> None:
    message_id = str(time.time_ns())
    await namjai.event(
        {"type": "unsend", "source": {"type": "user", "userId": user}, "unsend": {"messageId": message_id}}
    )
    sent = await namjai.event(_message(user, {"type": "text", "id": message_id, "text": "take this back"}))

    async def removed() -> MessageRemoved | None:
        found = (each.data for each in facts(await namjai.events(), MessageRemoved))
        return next((each for each in found if each.message_id == message_id), None)

    fact = await until(removed)
    assert fact.sequence not in {stored.sequence for stored in await namjai.events()}
    await asyncio.sleep(SETTLED_S)
    assert await namjai.chat(user) == []
    assert sent["status"] == 200


async def test_one_that_is_unsent_while_its_answer_waits_gets_none(namjai: Running, user: str) -> None:
    sent = await namjai.send(user, "a word too much")
    await namjai.event(
        {"type": "unsend", "source": {"type": "user", "userId": user}, "unsend": {"messageId": sent["messageId"]}}
    )
    await asyncio.sleep(SETTLED_S)
    assert await namjai.chat(user) == []


async def test_edits_may_come_in_any_order_and_each_is_screened(namjai: Running, user: str) -> None:
    group = {"type": "group", "groupId": "C" + user[1:], "userId": user}
    now, message_id = int(time.time() * 1_000), str(time.time_ns())
    for said, at in (("the third wording", now + 2_000), ("the second wording", now + 1_000)):
        message = {"type": "text", "id": message_id, "text": said}
        await namjai.event({"type": "messageEdited", "source": group, "timestamp": at, "message": message})

    async def judged() -> list[MessageEdited] | None:
        events = await namjai.events()
        edits = [each for each in facts(events, MessageEdited) if each.data.message_id == message_id]
        verdicts = {each.data.message for each in facts(events, RiskAssessed)}
        return [each.data for each in edits] if len(edits) == 2 and {e.id for e in edits} <= verdicts else None

    edits = await until(judged)
    newest = max(edits, key=lambda edit: edit.sent_at)
    assert newest.sent_at.timestamp() * 1_000 == pytest.approx(now + 2_000, abs=1)
    assert newest is edits[0]


async def test_words_with_mentions_and_emojis_are_screened_and_answered(namjai: Running, user: str) -> None:
    said = "👩‍👩‍👧 @Namjai $ I want to drink less 🍺"
    message = {
        "type": "text",
        "text": said,
        "emojis": [{"index": 17, "length": 1, "productId": "5ac1bfd5040ab15980c9b435", "emojiId": "001"}],
        "mention": {
            "mentionees": [
                {"index": 9, "length": 7, "type": "user", "userId": "U" + "0" * 32, "isSelf": True},
                {"index": 9_999, "length": 3, "type": "all"},
            ]
        },
    }
    sent = await namjai.event(_message(user, message))
    answer = await until(lambda: namjai.chat(user))
    assert answer[0]["via"] == "reply"
    heard = [e.data for e in facts(await namjai.events(), MessageReceived)]
    (kept,) = [each for each in heard if each.webhook_event_id == sent["webhookEventId"]]
    assert kept.length_utf16 == len(said.encode("utf-16-le")) // 2


@pytest.mark.parametrize("kind", ["image", "video", "audio", "file", "location", "sticker", "hologram"])
async def test_every_kind_without_text_gets_an_answer(namjai: Running, user: str, kind: str) -> None:
    sent = await namjai.event(_message(user, {"type": kind}))
    assert sent["status"] == 200
    (answer, *_) = await until(lambda: namjai.chat(user))
    assert answer["via"] == "reply"
    turns = [e.data for e in facts(await namjai.events(), ReplyIssued)]
    assert all(turn.screened for turn in turns)


async def test_the_three_dots_are_shown_while_an_answer_is_made_and_their_failure_harms_nothing(
    namjai: Running, user: str
) -> None:
    await namjai.sim("PUT", "faults", [{"path": "/v2/bot/chat/loading/start", "status": 500, "times": 3}])
    try:
        await namjai.send(user, "hello")
        assert await until(lambda: namjai.chat(user))
    finally:
        await namjai.sim("DELETE", "faults")
    shown = [call for call in await namjai.calls() if call["path"].endswith("/chat/loading/start")]
    assert shown
