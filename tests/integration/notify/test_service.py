"""What notify offers and says about itself: the three dots, readiness, metrics, and NATS permissions that suffice."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from namjai.devkit.line.people import NURSE_PLOY, SOMCHAI
from namjai.devkit.line.state.faults import Fault
from namjai.devkit.testing import NatsServer, NatsUser, nats_server
from namjai.events.alert import AlertEscalated
from namjai.runtime.provision import ACCOUNTS
from tests.integration.notify.conftest import AtWork, Line, Office
from tests.integration.notify.kit import raised, staffroom


async def test_the_three_dots_are_shown_in_one_to_one_chats_only(office: Office, line: Line, at_work: AtWork) -> None:
    line.faults(Fault(path="*/loading/start", status=500, times=1))
    async with at_work():
        await asyncio.sleep(0.05)  # it subscribes right after it is ready
        wishes: list[object] = [{"to": SOMCHAI.user_id}, {"to": SOMCHAI.user_id, "seconds": 10}]
        wishes += [{"to": "C" + "1" * 32}, {"to": SOMCHAI.user_id, "seconds": 7}, {}, []]
        for wish in wishes:
            await office.nc.publish("api.notify.loading", json.dumps(wish).encode())
        await office.nc.publish("api.notify.loading", b"\xff")
        await line.until(lambda: len(line.calls("loading")) == 2)
        await asyncio.sleep(0.1)
    assert sorted(call.status for call in line.calls("loading")) == [202, 500]
    assert sorted(json.loads(call.body)["loadingSeconds"] for call in line.calls("loading")) == [10, 20]
    assert not line.findings()


async def test_two_replicas_show_them_once(office: Office, line: Line, at_work: AtWork) -> None:
    async with at_work(), at_work():
        await asyncio.sleep(0.05)  # it subscribes right after it is ready
        await office.nc.publish("api.notify.loading", json.dumps({"to": SOMCHAI.user_id}).encode())
        await line.until(lambda: line.calls("loading"))
        await asyncio.sleep(0.1)
    assert len(line.calls("loading")) == 1


async def test_readiness_reports_line_but_does_not_depend_on_it(
    office: Office, line: Line, at_work: AtWork, member: str, tmp_path: Path
) -> None:
    ready_file = tmp_path / "port"
    async with at_work(ready_file=ready_file, line_deadline_s=0.3), aiohttp.ClientSession() as http:
        await office.reply(member, "hello")
        await office.facts(member, "delivery", 1)
        private = f"http://127.0.0.1:{ready_file.read_text().strip()}"
        checks = await _checks(http, private)
        assert checks["line"]["ok"]
        line.faults(Fault(path="*/message/*", reset=True))
        await office.reply(member, "hello", n=1)
        await line.until(lambda: len(line.calls("reply")) > 1)
        while (await _checks(http, private))["line"]["ok"]:  # what was found is believed for a second
            await asyncio.sleep(0.05)
        line.faults()
        await office.facts(member, "delivery", 2)
        metrics = await (await http.get(f"{private}/metrics")).text()
    for name in (
        'namjai_deliveries_total{outcome="sent",via="reply"}',
        'namjai_line_calls_total{endpoint="reply",status="200"}',
        "namjai_reply_seconds_bucket",
        "namjai_line_quota 100.0",
        "namjai_line_quota_used 0.0",
    ):
        assert name in metrics
    assert member not in metrics


async def _checks(http: aiohttp.ClientSession, private: str) -> dict[str, dict[str, object]]:
    async with http.get(f"{private}/readyz?verbose", headers={"Accept": "application/json"}) as answer:
        assert answer.status == 200
        return {check["name"]: check for check in (await answer.json())["checks"]}


class TestWithProductionsPermissions:
    """A NATS with users, as `make run` and production have it."""

    @pytest.fixture
    async def server(self, tmp_path: Path) -> AsyncIterator[NatsServer]:
        may = ACCOUNTS["notify"]
        users = [
            NatsUser(name="admin", password="admin", publish=(">",), subscribe=(">",)),
            NatsUser(name="notify", password="notify", publish=may.publish, subscribe=may.subscribe),
        ]
        async with nats_server(tmp_path, users=users) as running:
            yield running

    async def test_a_reply_an_alert_and_a_quota_need_no_more(
        self, office: Office, line: Line, at_work: AtWork, member: str, capfd: pytest.CaptureFixture[str]
    ) -> None:
        staff = [{"name": "nurse-1", "line_user": NURSE_PLOY.user_id}]
        async with at_work(staff=staff, nats_user="notify", nats_password="notify"):
            first = await office.reply(member, "hello")
            await office.reply(member, "again", n=1, previous=first.id)
            await office.alert(member)
            await office.facts(member, "delivery", 2)
            await office.facts(member, "alert", 1)
            await office.facts("nobody", "delivery", 1)
            await office.nc.publish("api.notify.loading", json.dumps({"to": SOMCHAI.user_id}).encode())
            await line.until(lambda: line.calls("loading"))
        assert line.seen() == ["hello", "again"]
        assert "nats_error" not in capfd.readouterr().err


async def test_how_long_staff_took_is_measured_by_stage_and_level(
    office: Office, at_work: AtWork, member: str, tmp_path: Path
) -> None:
    """A word counts once, from the message; the rest from the alert."""
    ready_file = tmp_path / "port"
    async with staffroom(office, at_work, ready_file=ready_file) as room, aiohttp.ClientSession() as http:
        alert = await raised(office, member, level="crisis", ago_s=90)
        await office.said(member, AlertEscalated)
        for verb, more in (
            ("acknowledge", {}),
            ("say", {"text": "I am here."}),
            ("contacted", {"how": "telephone"}),
            ("resolve", {"disposition": "contacted"}),
        ):
            await room.ask(verb, alert.id, by="ploy", **more)
        shown = await (await http.get(f"http://127.0.0.1:{ready_file.read_text().strip()}/metrics")).text()
    for stage in ("claimed", "acknowledged", "word", "resolved"):
        about = f'level="crisis",stage="{stage}"'
        assert f"namjai_alert_response_seconds_count{{{about}}} 1.0" in shown, stage
        assert f'namjai_alert_response_seconds_bucket{{le="60.0",{about}}} 0.0' in shown, stage
        assert f'namjai_alert_response_seconds_bucket{{le="120.0",{about}}} 1.0' in shown, stage
    assert 'namjai_alert_response_seconds_count{level="high",stage="acknowledged"} 0.0' in shown
