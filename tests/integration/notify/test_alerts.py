"""Alerts: staff is told over every channel at once, once, without a word about the person, and never behind a reply."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
from typing import Any

import pytest

from namjai.devkit.line.people import DR_CHEN, NURSE_PLOY
from namjai.devkit.line.state.faults import Fault
from namjai.events.alert import (
    AlertEscalated,
    AlertExhausted,
    AlertMerged,
    AlertNotified,
    AlertNotifyFailed,
    AlertTriggered,
)
from namjai.runtime.config import NatsConfigStore
from tests.integration.notify.conftest import AtWork, Endpoint, Line, Office

PUSH = "*/message/push"
SLOW_MS = 4_000
"""So long LINE takes for each of the replies in the way: none of them is there when what matters is."""
NURSE: dict[str, Any] = {"name": "nurse-1", "line_user": NURSE_PLOY.user_id}


async def test_everybody_at_level_one_is_told_over_every_channel(
    office: Office, line: Line, endpoint: Endpoint, at_work: AtWork, member: str
) -> None:
    staff = [
        {**NURSE, "email": "ploy@clinic.example", "webhook": f"{endpoint.url}/hook", "webhook_secret": "s3cret"},
        {"name": "pager", "webhook": f"{endpoint.url}/pager", "webhook_kind": "pagerduty", "webhook_secret": "route"},
        {"name": "second line", "level": 2, "line_user": DR_CHEN.user_id},
    ]
    smtp = f"smtp://127.0.0.1:{line.simulator.smtp_port}"
    async with at_work(staff=staff, smtp_url=smtp, console_url="https://clinic.example/console/"):
        raised = await office.alert(member)
        facts = await office.facts(member, "alert", 6)
    told = {(fact.staff, fact.channel) for fact in facts if isinstance(fact, AlertNotified)}
    assert told == {("nurse-1", "line"), ("nurse-1", "email"), ("nurse-1", "webhook"), ("pager", "webhook")}
    [push] = line.seen(NURSE_PLOY.user_id)
    [letter] = line.simulator.platform.mailbox.letters
    hook, pager = sorted(endpoint.calls, key=lambda call: call.path)
    for text in (push, letter.text, json.dumps(hook.body), json.dumps(pager.body)):
        assert f"https://clinic.example/console/alerts/{raised.id}" in text
        assert "crisis" in text.lower()
        assert member not in text
        assert "suicide" not in text
    signed = json.dumps(hook.body, ensure_ascii=False).encode()
    expected = hmac.new(b"s3cret", signed, hashlib.sha256).hexdigest()
    assert hook.headers["X-Namjai-Signature"] == f"sha256={expected}"
    assert pager.body["routing_key"] == "route"
    assert letter.headers["Message-ID"].endswith("@localhost>")
    assert not line.seen(DR_CHEN.user_id)
    assert not line.findings()


async def test_a_repeat_is_counted_and_a_higher_level_is_told_again(
    office: Office, line: Line, at_work: AtWork, member: str
) -> None:
    async with at_work(staff=[NURSE]):
        first = await office.alert(member, level="high")
        await office.said(member, AlertEscalated)
        await office.alert(member, n=1, level="high")
        [merged] = await office.said(member, AlertMerged)
        await office.alert(member, n=2, level="crisis")
        await office.said(member, AlertEscalated, 2)
        await office.alert(member, n=3, level="crisis", key="overdose")
        await office.said(member, AlertEscalated, 3)
        triggered = await office.said(member, AlertTriggered, 3)
    assert merged.into == first.id
    assert [(each.cause, each.level, each.run) for each in triggered] == [
        ("raised", "high", 1),
        ("higher_level", "crisis", 2),
        ("raised", "crisis", 1),
    ]
    assert len(line.seen(NURSE_PLOY.user_id)) == 3


async def test_a_dead_channel_is_on_record_and_the_others_go_on(
    office: Office, line: Line, at_work: AtWork, member: str
) -> None:
    staff = [{**NURSE, "email": "ploy@clinic.example", "webhook": "http://127.0.0.1:9/hook"}]
    line.faults(Fault(path="smtp", status=550))
    async with at_work(staff=staff, smtp_url=f"smtp://127.0.0.1:{line.simulator.smtp_port}", channel_deadline_s=1):
        await office.alert(member)
        [told] = await office.said(member, AlertNotified)
        failed = await office.said(member, AlertNotifyFailed, 2)
    assert told.channel == "line"
    assert {fact.channel for fact in failed} == {"email", "webhook"}
    assert {fact.reason for fact in failed} == {
        "smtp_550",
        "ClientConnectorError",
    }


async def test_a_push_in_doubt_is_tried_again_and_read_once(
    office: Office, line: Line, at_work: AtWork, member: str
) -> None:
    line.faults(Fault(path=PUSH, reset=True, after=True, times=1))
    async with at_work(staff=[NURSE]):
        await office.alert(member)
        await office.said(member, AlertNotified)
    assert [call.status for call in line.calls("push")] == [0, 409]
    assert len(line.seen(NURSE_PLOY.user_id)) == 1


async def test_when_nobody_is_reached_it_is_loud_and_goes_on_until_somebody_is(
    office: Office, line: Line, at_work: AtWork, member: str, capfd: pytest.CaptureFixture[str]
) -> None:
    line.faults(Fault(path=PUSH, status=503))
    async with at_work(staff=[NURSE]):
        await office.alert(member)
        await office.said(member, AlertExhausted)
        line.faults()
        await office.said(member, AlertNotified)
        causes = [each.cause for each in await office.said(member, AlertTriggered, 2)]
    assert causes == ["raised", *["unreached"] * (len(causes) - 1)]
    assert len(line.seen(NURSE_PLOY.user_id)) == 1
    loud = capfd.readouterr().err
    assert "alert_reached_nobody" in loud
    assert "alert_chain_ended" in loud


async def test_without_any_staff_the_alert_waits_for_the_live_config_to_name_somebody(
    office: Office, line: Line, at_work: AtWork, member: str
) -> None:
    async with at_work():
        await office.alert(member)
        [nobody, *_] = await office.said(member, AlertNotifyFailed)
        store = NatsConfigStore(await office.nc.jetstream().key_value("config"))
        await store.put("alerts", json.dumps({"staff": [NURSE]}).encode())
        await office.said(member, AlertNotified)
    assert (nobody.channel, nobody.staff) == ("none", "nobody")
    assert len(line.seen(NURSE_PLOY.user_id)) == 1


@pytest.mark.alone
async def test_an_alert_waits_behind_no_reply(office: Office, line: Line, at_work: AtWork, member: str) -> None:
    line.faults(Fault(path="*/message/reply", delay_ms=SLOW_MS))
    async with at_work(staff=[NURSE], drain_s=0.1):
        for n in range(300):
            await office.reply(f"{member}{n}", "slow")
        await office.reply(member, "slow")
        await line.until(lambda: len(line.calls("reply")) >= 128)
        started = time.monotonic()
        await office.alert(member)
        await line.until(lambda: line.seen(NURSE_PLOY.user_id))
        waited_s, replies = time.monotonic() - started, line.seen()
    assert replies == []
    assert waited_s < 0.5


@pytest.mark.alone
async def test_a_crisis_waits_behind_no_reply(office: Office, line: Line, at_work: AtWork, member: str) -> None:
    line.faults(Fault(path="*/message/reply", user="token-m", delay_ms=SLOW_MS))
    chat = "U" + "9" * 32
    async with at_work(drain_s=0.1):
        before = await office.reply(member, "slow")
        for n in range(400):
            await office.reply(f"{member}{n}", "slow")
        await line.until(lambda: len(line.calls("reply")) >= 128)
        started = time.monotonic()
        await office.reply(
            member, "1323", n=1, kind="crisis", urgent=True, previous=before.id, to=chat, token="a-crisis"
        )
        await line.until(lambda: line.seen(chat))
        waited_s, replies = time.monotonic() - started, line.seen()
    assert replies == []
    assert waited_s < 0.5


async def test_an_alert_at_idle_takes_milliseconds(office: Office, line: Line, at_work: AtWork, member: str) -> None:
    async with at_work(staff=[NURSE]):
        await office.alert(member)
        await office.facts(member, "alert", 1)
        await asyncio.sleep(0.1)
        started = time.monotonic()
        await office.alert(f"{member}x")
        await line.until(lambda: len(line.seen(NURSE_PLOY.user_id)) == 2)
        waited_s = time.monotonic() - started
    assert waited_s < 0.3
