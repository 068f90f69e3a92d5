"""Replies, pushes and their traps, over HTTP."""

from __future__ import annotations

import asyncio
import io
import uuid
from typing import TYPE_CHECKING

import aiohttp
import pytest

from namjai.devkit.line.people import ALEX, SOMCHAI

if TYPE_CHECKING:
    from tests.integration.devkit_line.conftest import Line

KEY = "123e4567-e89b-12d3-a456-426614174000"
STRANGER = "U" + "a" * 32


async def test_a_message_goes_to_the_webhook_and_its_answer_into_the_chat(line: Line) -> None:
    said = await line.say("somchai", "สวัสดี")
    event = line.bot.heard[0]["events"][0]
    assert said["status"] == 200
    assert said["ms"] > 0
    assert (said["webhookEventId"], said["replyToken"]) == (event["webhookEventId"], event["replyToken"])
    assert event["source"] == {"type": "user", "userId": SOMCHAI.user_id}
    assert event["message"]["text"] == "สวัสดี"
    status, sent = await line.reply(said["replyToken"], "hello", "again")
    assert (status, len(sent["sentMessages"])) == (200, 2)
    seen = [(entry["from"], entry["message"]["text"], entry["via"]) for entry in await line.chat("somchai")]
    assert seen == [("user", "สวัสดี", "webhook"), ("bot", "hello", "reply"), ("bot", "again", "reply")]
    assert await line.findings() == [[]]


async def test_a_token_works_once_and_asking_again_with_the_same_words_is_no_fault(line: Line) -> None:
    token = (await line.say("alex", "hi"))["replyToken"]
    assert (await line.reply(token, "one"))[0] == 200
    assert await line.reply(token, "one") == (400, {"message": "Invalid reply token"})
    assert (await line.reply(token, "two"))[0] == 400
    assert await line.findings() == [
        [],
        [],
        ["replyToken: used again, for other messages, after it had succeeded"],
    ]


async def test_a_token_is_refused_when_late_and_unknown_ones_always(line: Line) -> None:
    token = (await line.say("alex", "hi"))["replyToken"]
    line.clock.now += 61
    assert await line.reply(token, "late") == (400, {"message": "Invalid reply token"})
    assert (await line.reply("0" * 32, "who"))[0] == 400
    assert await line.findings() == [["replyToken: used 61 s after its webhook (60 s allowed)"], []]


async def test_a_body_that_line_refuses_does_not_use_up_the_token(line: Line) -> None:
    token = (await line.say("alex", "hi"))["replyToken"]
    status, refused = await line.reply(token, "x" * 5001)
    assert status == 400
    assert refused["details"] == [{"message": "Length must be between 0 and 5000", "property": "messages[0].text"}]
    assert (await line.reply(token, "x"))[0] == 200


async def test_a_flex_error_points_into_the_card(line: Line) -> None:
    card = {"type": "bubble", "body": {"type": "box", "layout": "vertical", "contents": [{"type": "hologram"}]}}
    body = {"to": STRANGER, "messages": [{"type": "flex", "altText": "x", "contents": card}]}
    status, refused = await line.call("POST", "/v2/bot/message/push", json=body)
    assert status == 400
    assert refused == {
        "message": "A message (messages[0]) in the request body is invalid",
        "details": [{"message": "unknown component", "property": "/body/contents/0"}],
    }


async def test_a_retry_key_makes_a_push_safe_to_repeat(line: Line) -> None:
    status, first = await line.push(STRANGER, "hi", KEY)
    assert status == 200
    async with line.http.post(
        "/v2/bot/message/push",
        json={"to": STRANGER, "messages": [{"type": "text", "text": "hi"}]},
        headers={"X-Line-Retry-Key": KEY.upper()},
    ) as again:
        assert again.status == 409
        assert (await again.json())["sentMessages"] == first["sentMessages"]
        assert again.headers["x-line-accepted-request-id"]
        assert again.headers["x-line-request-id"] != again.headers["x-line-accepted-request-id"]
    assert len(await line.chat(STRANGER)) == 1
    line.clock.now += 86_401
    assert (await line.push(STRANGER, "hi", KEY))[0] == 200


async def test_retry_keys_are_judged(line: Line) -> None:
    await line.push(STRANGER, "one", KEY)
    await line.push(STRANGER, "two", KEY)
    await line.push(STRANGER, "three")
    assert (await line.push(STRANGER, "four", "not-a-uuid"))[0] == 400
    token = (await line.say("alex", "hi"))["replyToken"]
    body = {"replyToken": token, "messages": [{"type": "text", "text": "x"}]}
    assert (await line.call("POST", "/v2/bot/message/reply", json=body, headers={"X-Line-Retry-Key": KEY}))[0] == 400
    assert await line.findings() == [
        [],
        ["X-Line-Retry-Key: used before for another request"],
        ["X-Line-Retry-Key: missing; without it a retry may send twice"],
        ["X-Line-Retry-Key: must be a UUID in hexadecimal format"],
        ["X-Line-Retry-Key: not allowed for this API"],
    ]


async def test_the_monthly_limit_stops_pushes_but_no_replies(line: Line) -> None:
    for _ in range(3):
        assert (await line.push(STRANGER, "hi", str(uuid.uuid4())))[0] == 200
    assert await line.push(STRANGER, "hi", KEY) == (429, {"message": "You have reached your monthly limit."})
    assert await line.call("GET", "/v2/bot/message/quota") == (200, {"type": "limited", "value": 3})
    assert await line.call("GET", "/v2/bot/message/quota/consumption") == (200, {"totalUsage": 3})
    assert (await line.reply((await line.say("alex", "hi"))["replyToken"], "still here"))[0] == 200


async def test_multicast_reaches_everyone_or_no_one(line: Line) -> None:
    headers = {"X-Line-Retry-Key": KEY}
    body = {"to": [STRANGER, ALEX.user_id], "messages": [{"type": "text", "text": "hi"}]}
    assert await line.call("POST", "/v2/bot/message/multicast", json=body, headers=headers) == (200, {})
    assert [entry["via"] for entry in await line.chat("alex")] == ["multicast"]
    body["to"] = [STRANGER, "C" + "0" * 32]
    assert (await line.call("POST", "/v2/bot/message/multicast", json=body, headers=headers))[0] == 400
    assert len(await line.chat(STRANGER)) == 1


async def test_whoever_blocks_the_account_sees_nothing_and_line_does_not_tell(line: Line) -> None:
    await line.call("POST", "/_sim/event", json={"user": "alex", "event": {"type": "unfollow"}})
    assert "replyToken" not in line.bot.heard[0]["events"][0]
    assert (await line.push(ALEX.user_id, "hello?", KEY))[0] == 200
    assert [entry["message"] for entry in await line.chat("alex")] == [{"type": "unfollow"}]
    assert (await line.call("GET", f"/v2/bot/profile/{ALEX.user_id}"))[0] == 404


async def test_nothing_may_be_sent_in_standby_nor_to_an_unsent_message(line: Line) -> None:
    said = await line.say("alex", "oops")
    await line.call(
        "POST",
        "/_sim/event",
        json={"user": "alex", "event": {"type": "unsend", "unsend": {"messageId": said["messageId"]}}},
    )
    line.clock.now += 2
    await line.reply(said["replyToken"], "I saw it")
    standby = {"type": "message", "mode": "standby", "message": {"type": "text", "text": "hi"}}
    await line.call("POST", "/_sim/event", json={"user": "alex", "event": standby})
    assert "replyToken" not in line.bot.heard[-1]["events"][0]
    await line.push(ALEX.user_id, "hello", KEY)
    assert await line.findings() == [
        ["replyToken: answers a message that had been unsent"],
        ["push: sent into a chat that is in standby"],
    ]
    assert (await line.chat("alex"))[0]["message"] == {"type": "unsent"}


async def test_the_door_is_strict(line: Line) -> None:
    path, body = "/v2/bot/message/push", b'{"to":1}'
    wrong = {"Authorization": "Bearer wrong"}
    assert (await line.call("GET", "/v2/bot/info", headers=wrong))[0] == 401
    assert (await line.call("POST", path, data=body, headers={"Content-Type": "text/plain"}))[0] == 415
    assert (await line.call("POST", path, data=b"{", headers={"Content-Type": "application/json"}))[0] == 400
    big = b'{"to":"' + b"x" * 2 * 1024 * 1024 + b'"}'
    assert (await line.call("POST", path, data=io.BytesIO(big), headers={"Content-Type": "application/json"}))[0] == 413
    assert (await line.call("GET", "/v2/bot/nonsense"))[0] == 404
    assert all(len(found) == 1 for found in await line.findings())
    calls = (await line.call("GET", "/_sim/calls?since=1&limit=1"))[1]
    assert [(call["n"], call["status"]) for call in calls] == [(2, 415)]
    assert calls[0]["headers"]["Authorization"] == "(redacted)"


async def test_the_loading_animation_allows_a_hundred_a_second(line: Line) -> None:
    body = {"chatId": STRANGER, "loadingSeconds": 20}
    answers = await asyncio.gather(*[line.call("POST", "/v2/bot/chat/loading/start", json=body) for _ in range(101)])
    assert sorted(status for status, _ in answers) == [202] * 100 + [429]
    line.clock.now += 1
    for wrong in ({"chatId": "C" + "0" * 32}, {"chatId": STRANGER, "loadingSeconds": 7}):
        assert (await line.call("POST", "/v2/bot/chat/loading/start", json=wrong))[0] == 400


async def test_faults_spoil_calls_and_only_those(line: Line) -> None:
    await line.faults({"path": "*/push", "status": 503, "times": 1})
    assert (await line.push(STRANGER, "one", KEY))[0] == 503
    assert await line.chat(STRANGER) == []
    assert (await line.push(STRANGER, "one", KEY))[0] == 200
    await line.faults({"path": "*/push", "quota": True}, {"path": "/v2/*", "invalid_token": True})
    assert (await line.push(STRANGER, "two", KEY))[0] == 429
    assert (await line.call("GET", "/v2/bot/info"))[0] == 401
    await line.call("DELETE", "/_sim/faults")
    assert (await line.call("GET", "/v2/bot/info"))[0] == 200
    assert not any(await line.findings())


async def test_a_push_after_a_delivered_reply_whose_answer_was_lost_is_found(line: Line) -> None:
    token = (await line.say("alex", "hi"))["replyToken"]
    await line.faults({"path": "*/reply", "reset": True, "after": True, "times": 1})
    with pytest.raises(aiohttp.ClientError):
        await line.reply(token, "one")
    assert [entry["message"]["text"] for entry in await line.chat("alex")] == ["hi", "one"]
    assert (await line.reply(token, "one"))[0] == 400
    await line.push(ALEX.user_id, "one", KEY)
    assert await line.findings() == [
        [],
        [],
        ["messages: pushed although the reply with the same messages had been delivered"],
    ]


async def test_tokens_are_issued_verified_and_revoked(line: Line) -> None:
    settings = line.sim.platform.settings
    form = {
        "grant_type": "client_credentials",
        "client_id": settings.channel_id,
        "client_secret": settings.channel_secret,
    }
    status, issued = await line.call("POST", "/v2/oauth/accessToken", data=form)
    assert (status, issued["token_type"]) == (200, "Bearer")
    bearer = {"Authorization": f"Bearer {issued['access_token']}"}
    assert (await line.call("GET", "/v2/bot/info", headers=bearer))[0] == 200
    token = {"access_token": issued["access_token"]}
    assert (await line.call("POST", "/v2/oauth/verify", data=token))[1]["client_id"] == settings.channel_id
    await line.call("POST", "/v2/oauth/revoke", data=token)
    assert (await line.call("GET", "/v2/bot/info", headers=bearer))[0] == 401
    assert (await line.call("POST", "/v2/oauth/accessToken", data={**form, "client_secret": "x"}))[0] == 400
