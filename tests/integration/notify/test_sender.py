"""The sender's checklist (S1–S9) against the strict simulator: what a person sees, and what LINE was asked."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path
from typing import Any

import msgspec
import pytest

from namjai.devkit.line.state.calls import Call
from namjai.devkit.line.state.faults import Fault
from namjai.events.delivery import DeliveryFailed, DeliverySent, QuotaObserved
from tests.integration.notify.conftest import ACCESS_TOKEN, PERSON, AtWork, Line, Office

REPLY, PUSH = "*/message/reply", "*/message/push"
SLOW = Fault(path=REPLY, delay_ms=900, times=1)
QUICK = {"items": [{"type": "action", "action": {"type": "message", "label": "ok", "text": "ok"}}]}


def key_of(call: Call) -> str | None:
    return next((text for name, text in call.headers.items() if name.lower() == "x-line-retry-key"), None)


async def sent(office: Office, member: str, count: int = 1) -> list[DeliverySent]:
    facts = await office.facts(member, "delivery", count)
    assert all(isinstance(fact, DeliverySent) for fact in facts), facts
    return facts


async def test_s1_a_long_turn_is_cut_into_calls_that_line_takes(
    office: Office, line: Line, at_work: AtWork, member: str
) -> None:
    story = "น้ำใจ 👩‍👩‍👧‍👦 " * 900
    messages: list[dict[str, Any]] = [
        {"type": "text", "text": story},
        *({"type": "text", "text": f"{n}"} for n in range(5)),
    ]
    messages[-1]["quickReply"] = QUICK
    async with at_work():
        await office.reply(member, messages=messages)
        [fact] = await sent(office, member)
    reply, push = line.calls()
    assert [call.path.rpartition("/")[2] for call in (reply, push)] == ["reply", "push"]
    assert "".join(line.seen()) == story + "01234"
    assert (fact.messages, fact.calls, fact.via) == (len(line.seen()), 2, "reply")
    assert not line.findings()


async def test_s2_a_fresh_token_is_used_once_and_an_old_one_not_at_all(
    office: Office, line: Line, at_work: AtWork, member: str
) -> None:
    async with at_work():
        await office.reply(member, "fresh")
        await office.reply(member, "old", n=1, age_s=55)
        facts = await sent(office, member, 2)
    assert {"reply", "push"} == {fact.via for fact in facts}
    assert {"fresh", "old"} == set(line.seen())
    assert ["token-" + member + "-0"] == [json.loads(call.body)["replyToken"] for call in line.calls("reply")]
    assert not line.findings()


async def test_s3_an_invalid_token_is_followed_by_one_push_with_a_key(
    office: Office, line: Line, at_work: AtWork, member: str
) -> None:
    line.faults(Fault(path=REPLY, status=400, message="Invalid reply token", times=1))
    async with at_work():
        await office.reply(member, "hello")
        [fact] = await sent(office, member)
    assert (fact.via, fact.presumed, fact.calls) == ("push", False, 2)
    [push] = line.calls("push")
    assert key_of(push)
    assert line.seen() == ["hello"]
    assert not line.findings()


@pytest.mark.parametrize(
    "fault",
    [Fault(path=REPLY, reset=True, times=1), Fault(path=REPLY, status=500, times=1), SLOW],
    ids=["reset", "500", "time-out"],
)
@pytest.mark.parametrize("after", [False, True], ids=["not delivered", "delivered"])
async def test_s3_a_reply_that_broke_off_is_delivered_once(
    office: Office, line: Line, at_work: AtWork, member: str, fault: Fault, after: bool
) -> None:
    line.faults(msgspec.structs.replace(fault, after=after))
    async with at_work(line_deadline_s=0.4):
        await office.reply(member, "hello")
        [fact] = await sent(office, member)
        await line.until(lambda: line.seen())
    assert line.seen() == ["hello"]
    assert fact.via == "reply"
    assert line.calls("push") == []
    assert fact.presumed == after
    assert not line.findings()


async def test_s3_a_crisis_is_pushed_when_its_reply_is_in_doubt(
    office: Office, line: Line, at_work: AtWork, member: str
) -> None:
    line.faults(Fault(path=REPLY, status=503, after=True, times=1))
    async with at_work():
        await office.reply(member, "1323", kind="crisis", urgent=True)
        [fact] = await sent(office, member)
    assert (fact.via, fact.presumed, fact.calls) == ("push", False, 3)
    assert line.seen() == ["1323", "1323"], "rather twice than not at all, and on record with three calls"


async def test_s4_a_push_is_retried_with_the_same_key_and_the_same_bytes(
    office: Office, line: Line, at_work: AtWork, member: str
) -> None:
    line.faults(Fault(path=PUSH, status=500, times=1), Fault(path=PUSH, reset=True, after=True, times=1))
    async with at_work():
        await office.reply(member, "hello", token=None)
        [fact] = await sent(office, member)
    calls = line.calls("push")
    assert [call.status for call in calls] == [500, 0, 409]
    assert len({(key_of(call), call.body) for call in calls}) == 1
    assert (fact.via, fact.calls) == ("push", 3)
    assert line.seen() == ["hello"]


async def test_s4_the_key_survives_a_restart(office: Office, line: Line, at_work: AtWork, member: str) -> None:
    line.faults(Fault(path=PUSH, reset=True, after=True))
    async with at_work(drain_s=0.1):
        await office.reply(member, "hello", token=None)
        await line.until(lambda: line.calls("push"))
    line.faults()
    async with at_work():
        await sent(office, member)
    assert len({key_of(call) for call in line.calls("push")}) == 1
    assert line.seen() == ["hello"]


async def test_s4_what_is_refused_is_not_tried_again(office: Office, line: Line, at_work: AtWork, member: str) -> None:
    line.faults(Fault(path=PUSH, status=400, message="Failed to send messages"))
    async with at_work():
        await office.reply(member, "hello", token=None)
        [fact] = await office.facts(member, "delivery", 1)
    assert isinstance(fact, DeliveryFailed)
    assert (fact.reason, fact.status) == ("unreachable_person", 400)
    assert len(line.calls("push")) == 1


async def test_s5_a_rate_limit_is_met_with_patience_not_with_a_storm(
    office: Office, line: Line, at_work: AtWork, member: str
) -> None:
    line.faults(Fault(path=REPLY, status=429))
    async with at_work():
        for n in range(40):
            await office.reply(f"{member}{n}", "hello", to="U" + f"{n:032x}")
        await asyncio.sleep(2.0)
        asked = len(line.calls("reply"))
        line.faults()
        for n in range(40):
            await sent(office, f"{member}{n}")
    assert asked < 130, "forty replies in two seconds may not become hundreds of calls"
    assert not line.findings()


async def test_s5_when_the_months_pushes_are_used_up_replies_go_on(
    office: Office, line: Line, at_work: AtWork, member: str
) -> None:
    line.simulator.platform.sent_this_month = 99
    async with at_work(quota_every_s=1):
        await office.reply(member, "the last push", token=None)
        await sent(office, member)
        await office.reply(member, "too much", n=1, token=None)
        *_, failed = await office.facts(member, "delivery", 2)
        await office.reply(member, "a reply", n=2)
        await office.facts(member, "delivery", 3)
        await office.reply(member, "not asked again", n=3, token=None)
        await office.facts(member, "delivery", 4)
        observed: list[QuotaObserved] = await office.facts("nobody", "delivery", 2)
    assert isinstance(failed, DeliveryFailed)
    assert (failed.reason, failed.status) == ("quota", 429)
    assert line.seen() == ["the last push", "a reply"]
    assert len(line.calls("push")) <= 2
    assert [(fact.limit, fact.used) for fact in observed] == [(100, 99), (100, 100)]


async def test_s6_a_rotated_token_is_read_again_and_nothing_is_dropped(
    office: Office, line: Line, at_work: AtWork, member: str, tmp_path: Path
) -> None:
    path = tmp_path / "token"
    path.write_text(ACCESS_TOKEN)
    async with at_work(line_channel_access_token=None, line_channel_access_token_file=path):
        await office.reply(member, "before")
        await sent(office, member)
        tokens = line.simulator.platform.access_tokens
        tokens.put(ACCESS_TOKEN, 0.0)
        tokens.put("a-new-token", float("inf"))
        path.write_text("a-new-token\n")
        await office.reply(member, "after", n=1)
        await sent(office, member, 2)
    answers = [call.status for call in line.calls("reply")]
    assert answers in ([200, 401, 200], [200, 200])  # refused once, unless it was time to read the file anyway
    assert line.seen() == ["before", "after"]


async def test_s6_without_a_new_token_there_is_an_alarm_and_the_reply_waits(
    office: Office, line: Line, at_work: AtWork, member: str, capfd: pytest.CaptureFixture[str]
) -> None:
    line.faults(Fault(path=REPLY, invalid_token=True, times=2))
    async with at_work():
        await office.reply(member, "hello")
        await sent(office, member)
    assert line.seen() == ["hello"]
    assert "line_token_refused" in capfd.readouterr().err
    assert len(line.calls("reply")) == 3, "a refused token is not tried in a loop"


async def test_s7_a_thousand_calls_leave_no_socket_behind(
    office: Office, line: Line, at_work: AtWork, member: str
) -> None:
    def sockets() -> int:
        return len(list(Path(f"/proc/{os.getpid()}/fd").iterdir()))

    async with at_work():
        await office.reply(member, "warm")
        await sent(office, member)
        before = sockets()
        for n in range(1_000):
            await office.reply(f"{member}{n % 100}", "hello", n=n)
        await line.until(lambda: len(line.calls("reply")) > 1_000, within_s=60)
        await line.until(lambda: sockets() <= before + 2 * 160)
    assert {call.status for call in line.calls("reply")} == {200}
    assert not line.findings()


async def test_s9_every_call_is_logged_with_id_status_and_time_and_nothing_personal(
    office: Office, line: Line, at_work: AtWork, member: str, capfd: pytest.CaptureFixture[str]
) -> None:
    async with at_work():
        await office.reply(member, "ความลับของฉัน")
        [fact] = await sent(office, member)
    printed = capfd.readouterr().err
    [logged] = [json.loads(text) for text in printed.splitlines() if '"endpoint":"reply"' in text]
    assert ("line_call", "reply", "200", fact.request_id) == (
        logged["event"],
        logged["endpoint"],
        logged["status"],
        logged["request_id"],
    )
    assert logged["ms"] >= 0
    for secret in ("ความลับ", PERSON, f"token-{member}", ACCESS_TOKEN):
        assert secret not in printed
