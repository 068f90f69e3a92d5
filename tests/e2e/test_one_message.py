"""One message all the way: webhook, log, verdict, turn, delivery, projection; and an alert that reaches staff."""

import asyncio
import json
import os
import time
from pathlib import Path
from typing import Any

import aiohttp
import asyncpg
import pytest

from namjai.devkit.line.people import STAFF
from namjai.devkit.running import Running, facts, until
from namjai.events.delivery import DeliverySent
from namjai.events.message import MessageReceived, MessageRemoved
from namjai.events.reply import ReplyIssued
from namjai.events.risk import RiskAssessed

pytestmark = pytest.mark.alone
CRISIS = "อยากตาย คืนนี้จะทำแน่ๆ"


async def test_a_message_is_screened_answered_and_delivered_on_its_reply_token(namjai: Running, user: str) -> None:
    sent = await namjai.send(user, "อยากเลิกเหล้า แต่กลัวทำไม่ได้")
    assert sent["status"] == 200
    answer = await until(lambda: namjai.chat(user))
    assert answer[0]["via"] == "reply"
    events = await namjai.events()
    message = next(e for e in facts(events, MessageReceived) if e.data.webhook_event_id == sent["webhookEventId"])
    story = [stored for stored in events if stored.event.subject == message.subject]
    (verdict,) = facts(story, RiskAssessed)
    (turn,) = facts(story, ReplyIssued)
    assert verdict.data.message == message.id
    assert turn.data.answers == (message.id,)
    assert turn.data.assessments == (verdict.id,)
    assert turn.data.screened
    assert turn.data.review == "draft"
    assert {stored.event.correlationid for stored in story} == {message.correlationid}
    await until(lambda: _delivered(namjai, turn.id))


async def _delivered(namjai: Running, turn: str) -> bool:
    return any(sent.data.reply == turn for sent in facts(await namjai.events(), DeliverySent))


async def test_the_same_webhook_twice_is_one_message_and_one_answer(namjai: Running, user: str) -> None:
    body = json.dumps(
        {
            "destination": "U" + "0" * 32,
            "events": [
                {
                    "type": "message",
                    "mode": "active",
                    "timestamp": int(time.time() * 1000),
                    "source": {"type": "user", "userId": user},
                    "webhookEventId": "01HTWICE" + user[1:19].upper(),
                    "deliveryContext": {"isRedelivery": False},
                    "replyToken": user[1:],
                    "message": {"type": "text", "id": "5", "quoteToken": "q", "text": "hello"},
                }
            ],
        }
    ).encode()
    again = body.replace(b'"isRedelivery": false', b'"isRedelivery": true')
    assert {200} == set(await asyncio.gather(*(namjai.webhook(each) for each in (body, body, again))))
    await until(lambda: namjai.chat(user))
    await asyncio.sleep(1.5)
    taken = [e.data.webhook_event_id for e in facts(await namjai.events(), MessageReceived)]
    assert taken.count("01HTWICE" + user[1:19].upper()) == 1


async def test_danger_gets_its_card_and_a_clinician_within_half_a_second(namjai: Running, user: str) -> None:
    for n in range(14):  # past the throttle, unregistered, in a hurry
        await namjai.send(user, f"ข้อความ {n}")
    nurse = STAFF[0].user_id
    before = len(await namjai.chat(nurse))
    await asyncio.sleep(1)
    started = time.time()
    sent = await namjai.send(user, CRISIS)
    assert sent["status"] == 200
    card = await until(lambda: _card(namjai, user), 5, 0.005)
    alert = await until(lambda: _later(namjai, nurse, before), 5, 0.005)
    assert card["via"] == "reply"
    assert _seconds(card, started) < 0.5, "crisis card"
    assert _seconds(alert, started) < 0.5, "staff alert"
    shown = json.dumps(alert, ensure_ascii=False)
    assert "ตาย" not in shown
    assert user not in shown


def _seconds(message: dict[str, Any], started: float) -> float:
    at = float(message["time"])
    return (at / 1000 if at > 1e11 else at) - started


async def _card(namjai: Running, user: str) -> dict[str, Any] | None:
    return next((m for m in await namjai.chat(user) if "1323" in json.dumps(m, ensure_ascii=False)), None)


async def _later(namjai: Running, user: str, before: int) -> dict[str, Any] | None:
    seen = await namjai.chat(user)
    return seen[before] if len(seen) > before else None


async def test_an_unsent_message_is_gone_from_log_and_archive(namjai: Running, user: str) -> None:
    sent = await namjai.send(user, "จะลบข้อความนี้")
    await until(lambda: namjai.chat(user))
    await namjai.event(
        {"type": "unsend", "source": {"type": "user", "userId": user}, "unsend": {"messageId": sent["messageId"]}}
    )

    async def removed() -> MessageRemoved | None:
        found = facts(await namjai.events(), MessageRemoved)
        return next((fact.data for fact in found if fact.data.message_id == sent["messageId"]), None)

    fact = await until(removed)
    assert fact.sequence not in {s.sequence for s in await namjai.events()}
    database = await asyncpg.connect(namjai.run["postgres_dsn"])
    try:

        async def forgotten() -> bool:
            row = await database.fetchrow(
                "SELECT data, removed_at FROM analytics.archive WHERE sequence = $1", fact.sequence
            )
            return row is not None and row["data"] is None and row["removed_at"] is not None

        await until(forgotten)
    finally:
        await database.close()


async def test_every_kind_of_webhook_is_taken_and_nothing_we_send_breaks_a_rule(namjai: Running) -> None:
    samples = Path(os.environ["NAMJAI_LINE_SAMPLES"]) if "NAMJAI_LINE_SAMPLES" in os.environ else None
    bodies = [path.read_bytes() for path in sorted(samples.glob("*.json"))] if samples else []
    bodies.append(b'{"destination":"U' + b"0" * 32 + b'","events":[]}')
    assert {200} == {await namjai.webhook(body) for body in bodies}
    await asyncio.sleep(2)
    assert [(call["path"], call["findings"]) for call in await namjai.calls() if call["findings"]] == []


@pytest.mark.parametrize(
    "body",
    [b"", b"not json", b"null", b"[]", b"{}", b'{"events":{}}', b"\xff\xfe", b"[" * 5_000, b'{"events":[' * 2_000],
    ids=["empty", "text", "null", "array", "object", "events", "bytes", "deep", "deeper"],
)
async def test_signed_garbage_is_refused_and_harms_nobody(namjai: Running, body: bytes) -> None:
    assert 400 <= await namjai.webhook(body) < 500


async def test_without_a_right_signature_nothing_is_taken(namjai: Running) -> None:
    body = b'{"destination":"U","events":[]}'
    for signature in ("", "x", "ไม่ใช่", "00" * 32):
        try:
            assert 400 <= await namjai.webhook(body, signature.encode().decode("latin-1")) < 500
        except aiohttp.ClientError:
            pytest.fail("the connection broke")


async def test_the_read_models_know_what_happened(namjai: Running, user: str) -> None:
    await namjai.send(user, "hello")
    await until(lambda: namjai.chat(user))
    code, shown = await namjai.namjai("verify")
    assert code == 0, shown
