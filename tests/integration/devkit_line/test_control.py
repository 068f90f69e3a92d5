"""Webhooks, content, mail, the phone page, and the simulator as a process."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
import time
from email.message import EmailMessage
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp
import aiosmtplib
import pytest

from namjai.devkit.line import sign
from namjai.devkit.line.people import SOMCHAI

if TYPE_CHECKING:
    from tests.integration.devkit_line.conftest import Line

START_S_MAX = 5.0  # 0.5 s on an idle machine; tests share theirs


async def test_several_events_of_several_people_go_in_one_webhook(line: Line) -> None:
    events = [{"type": "follow", "source": {"type": "user", "userId": "U" + digit * 32}} for digit in ("1", "2")]
    status, said = await line.call("POST", "/_sim/event", json={"events": events})
    assert (status, said["status"]) == (200, 200)
    heard = line.bot.heard[0]["events"]
    assert [event["source"]["userId"][1] for event in heard] == ["1", "2"]
    assert all(event["mode"] == "active" and event["replyToken"] for event in heard)


async def test_a_null_leaves_a_property_out_and_failed_account_links_have_no_source(line: Line) -> None:
    odd = {"type": "accountLink", "link": {"result": "failed", "nonce": "n"}, "deliveryContext": None}
    await line.call("POST", "/_sim/event", json={"event": odd})
    event = line.bot.heard[0]["events"][0]
    assert not {"source", "replyToken", "deliveryContext"} & set(event)


async def test_a_webhook_can_be_made_without_posting_it(line: Line) -> None:
    asked = {"event": {"message": {"type": "text", "text": "hi"}}, "user": "alex", "post": False}
    _, made = await line.call("POST", "/_sim/event", json=asked)
    assert made["signature"] == sign(made["body"].encode(), line.bot.secret)
    assert line.bot.heard == []
    assert (await line.reply(made["events"][0]["replyToken"], "hello"))[0] == 200


async def test_a_failed_webhook_comes_again_unchanged_but_for_the_flag(line: Line) -> None:
    line.bot.statuses = [503, 500]
    await line.faults(redelivery=True)
    said = await line.say("alex", "hi")
    assert said["status"] == 503
    async with asyncio.timeout(5):
        while len(line.bot.heard) < 3:
            await asyncio.sleep(0.01)
    first, second, third = (webhook["events"][0] for webhook in line.bot.heard)
    assert second == third == {**first, "deliveryContext": {"isRedelivery": True}}
    assert len([entry for entry in await line.chat("alex") if entry["from"] == "user"]) == 1


async def test_an_unreachable_bot_is_status_zero(line: Line) -> None:
    line.sim.platform.webhook_url = "http://127.0.0.1:9/nowhere"
    assert (await line.say("alex", "hi"))["status"] == 0


async def test_content_is_prepared_fetched_and_gone_after_unsend(line: Line) -> None:
    _, made = await line.call(
        "POST", "/_sim/upload?kind=audio&processing_ms=500", data=b"voice", headers={"Content-Type": "audio/x-m4a"}
    )
    said = await line.say("somchai", {"type": "audio", "id": made["messageId"], "duration": 900})
    assert said["messageId"] == made["messageId"]
    content = f"/v2/bot/message/{made['messageId']}/content"
    assert await line.call("GET", content) == (202, b"")
    assert (await line.call("GET", f"{content}/transcoding"))[1] == {"status": "processing"}
    line.clock.now += 1
    assert await line.call("GET", content) == (200, b"voice")
    assert (await line.call("GET", f"{content}/transcoding"))[1] == {"status": "succeeded"}
    await line.call(
        "POST",
        "/_sim/event",
        json={"user": "somchai", "event": {"type": "unsend", "unsend": {"messageId": made["messageId"]}}},
    )
    assert (await line.call("GET", content))[0] == 410
    assert (await line.call("GET", "/v2/bot/message/1/content"))[0] == 404


async def test_profiles_are_known_of_those_who_wrote(line: Line) -> None:
    path = f"/v2/bot/profile/{SOMCHAI.user_id}"
    assert (await line.call("GET", path))[0] == 404
    await line.say("somchai", "hi")
    status, profile = await line.call("GET", path)
    assert (status, profile["displayName"], profile["language"]) == (200, "สมชาย", "th")


async def test_read_marks_need_a_token_that_was_given_out(line: Line) -> None:
    await line.say("somchai", "hi")
    token = line.bot.heard[0]["events"][0]["message"]["markAsReadToken"]
    path = "/v2/bot/chat/markAsRead"
    assert (await line.call("POST", path, json={"markAsReadToken": token}))[0] == 200
    assert (await line.call("POST", path, json={"markAsReadToken": "x"}))[0] == 400


async def test_a_postback_shows_what_the_button_says_and_sends_only_its_data(line: Line) -> None:
    event = {"type": "postback", "postback": {"data": "a=1"}}
    await line.call("POST", "/_sim/event", json={"user": "alex", "event": event, "shown": "Yes please"})
    assert line.bot.heard[0]["events"][0]["postback"] == {"data": "a=1"}
    assert (await line.chat("alex"))[0]["message"]["displayText"] == "Yes please"


@pytest.mark.parametrize(
    ("method", "path", "options", "expected"),
    [
        ("POST", "/_sim/send", {"json": {"user": "nobody", "message": "x"}}, 404),
        ("POST", "/_sim/send", {"json": {"user": "alex"}}, 400),
        ("POST", "/_sim/send", {"data": b"{"}, 400),
        ("PUT", "/_sim/faults", {"json": [{"status": "x"}]}, 400),
        ("GET", "/_sim/calls?since=x", {}, 400),
        ("GET", "/_sim/content/1", {}, 404),
    ],
)
async def test_control_says_what_was_wrong(
    line: Line, method: str, path: str, options: dict[str, Any], expected: int
) -> None:
    status, said = await line.call(method, path, **options)
    assert status == expected
    assert said["message"]


async def test_mail_is_kept_shown_and_refused_on_demand(line: Line) -> None:
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = "namjai@example.org", "ploy@example.org", "แจ้งเตือนระดับ 1"
    letter.set_content("เปิดดูในคอนโซล <b>")

    async def post() -> None:
        await aiosmtplib.send(letter, hostname="127.0.0.1", port=line.sim.smtp_port, start_tls=False)

    await post()
    _, mails = await line.call("GET", "/_sim/mail")
    assert [(mail["from"], mail["to"], mail["subject"], mail["text"].strip()) for mail in mails] == [
        ("namjai@example.org", ["ploy@example.org"], "แจ้งเตือนระดับ 1", "เปิดดูในคอนโซล <b>")
    ]
    page = (await line.call("GET", "/_sim/mail", headers={"Accept": "text/html"}))[1].decode()
    assert "แจ้งเตือนระดับ 1" in page
    assert "&lt;b&gt;" in page
    await line.faults({"path": "smtp", "status": 451})
    with pytest.raises(aiosmtplib.SMTPDataError):
        await post()


async def test_the_phone_page_needs_nothing_from_elsewhere(line: Line) -> None:
    status, page = await line.call("GET", "/_sim/")
    text = page.decode()
    assert status == 200
    assert "class Phone" in text
    assert ".bubble" in text
    assert "<script src" not in text
    assert '<link rel="stylesheet"' not in text
    assert "@import" not in text


async def test_the_page_hears_of_every_change(line: Line) -> None:
    async with line.http.get("/_sim/stream", timeout=aiohttp.ClientTimeout(total=5)) as stream:
        await stream.content.readuntil(b"\n\n")
        said = await line.say("alex", "hi")
        await line.reply(said["replyToken"], "hello")
        kinds = [json.loads((await stream.content.readuntil(b"\n\n")).partition(b"data: ")[2]) for _ in range(4)]
    assert [kind.get("entry", {}).get("status") for kind in kinds] == [None, 200, None, None]
    assert kinds[3]["path"] == "/v2/bot/message/reply"


async def test_it_runs_as_a_process_of_its_own(tmp_path: Path) -> None:
    started = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "namjai.devkit.line", "--home", str(tmp_path), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout
    where = json.loads(await asyncio.wait_for(process.stdout.readline(), 20))
    assert time.perf_counter() - started < START_S_MAX
    assert json.loads((tmp_path / "simulator.json").read_text()) == where
    async with aiohttp.ClientSession() as session, session.get(where["simulator_url"] + "/_sim/status") as answer:
        assert answer.status == 200
    process.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(process.wait(), 5) == 0
