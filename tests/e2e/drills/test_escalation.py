"""Alerts that nobody answers, while notify, NATS and then everything is killed at each step of a three-level chain."""

import asyncio
import json
import os
import secrets
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from namjai.devkit.line.people import ALEX, DR_CHEN, NURSE_PLOY
from namjai.devkit.running import Running, facts, namjai_up, until
from namjai.events import Envelope, Fact, Stored
from namjai.events.alert import (
    AlertClaimed,
    AlertEscalated,
    AlertExhausted,
    AlertMerged,
    AlertNotified,
    AlertRaised,
    AlertTriggered,
)
from namjai.runtime.bus import Requests
from namjai.runtime.config import NatsConfigStore
from namjai.runtime.errors import LogUnavailable
from namjai.runtime.micro import Ask, Unavailable

SECOND_MIN = 1 / 60
LEVELS_S = (2.0, 4.0, 6.0)
END_S = 8.0
LATE_MAX_S = 2.0
PEOPLE = 4
STAFF = (NURSE_PLOY, DR_CHEN, ALEX)
HIGH = "ฉันอยากฆ่าตัวตาย"
CRISIS = "อยากตาย คืนนี้จะทำแน่ๆ"
SERVICES = ("gateway", "risk", "chat", "notify", "analytics")

ROSTER = {
    "staff": [{"name": person.key, "line_user": person.user_id} for person in STAFF],
    "policies": {
        "drill": {
            "levels": [{"targets": [f"person:{person.key}"], "delay_min": 2 * SECOND_MIN} for person in STAFF],
            "round_min": 2 * SECOND_MIN,
            "fallback": ["person:alex"],
        }
    },
    "route": {"medium": "drill", "high": "drill", "crisis": "drill"},
}

Events = Sequence[Stored[Fact]]
Kill = Callable[[Running], None]
Outage = tuple[datetime, datetime]


def kill_notify(namjai: Running) -> None:
    namjai.kill("notify")


def kill_nats(namjai: Running) -> None:
    os.kill(int(json.loads((namjai.home / "processes.json").read_text())["nats"]["pid"]), 9)


def kill_everything(namjai: Running) -> None:
    kill_nats(namjai)
    for service in SERVICES:
        namjai.kill(service)


ROUNDS: dict[str, Kill] = {
    "notify": kill_notify,
    "NATS": kill_nats,
    "everything": kill_everything,
}


@pytest.fixture(scope="module")
async def namjai(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Running]:
    async with namjai_up(tmp_path_factory.mktemp("escalation") / "home") as running:
        async with running.log() as (nc, _):
            store = NatsConfigStore(await nc.jetstream().key_value("config"))
            await store.put("alerts", json.dumps(ROSTER).encode())
        yield running


@pytest.mark.timeout(150)
@pytest.mark.parametrize("victim", ROUNDS)
async def test_every_due_notification_is_sent_once_and_in_time_whatever_is_killed(namjai: Running, victim: str) -> None:
    people = ["U" + secrets.token_hex(16) for _ in range(PEOPLE)]
    before = len(await namjai.events())
    cards = await _cards(namjai)
    for person in people:
        assert (await namjai.send(person, CRISIS))["status"] == 200
    raised = await until(lambda: _new(namjai, before, AlertRaised, PEOPLE))
    outages = await _kill_before_each_step(namjai, ROUNDS[victim], raised[-1].time)
    ended = await until(lambda: _new(namjai, before, AlertExhausted, PEOPLE), 30, 0.2)
    events = (await namjai.events())[before:]
    chains = {each.data.alert: each.data for each in facts(events, AlertTriggered)}
    tellings = Counter((each.data.alert, each.data.step) for each in facts(events, AlertNotified))
    steps = facts(events, AlertEscalated)
    late = [_late_s(each.time, chains[each.data.alert].base, LEVELS_S[each.data.step - 1], outages) for each in steps]
    shown = await _cards(namjai)
    longest_s = max((end - start).total_seconds() for start, end in outages)
    print(f"\n{victim}: {len(steps)} steps, worst {max(late):.2f} s late, longest outage {longest_s:.1f} s")
    assert {each.data.run for each in facts(events, AlertTriggered)} == {1}
    assert tellings == {(alert.id, step): 1 for alert in raised for step in (1, 2, 3, 4)}
    assert len(steps) == PEOPLE * len(LEVELS_S)
    assert len(ended) == PEOPLE
    assert max(late) < LATE_MAX_S
    new = {person.key: shown[person.key] - cards[person.key] for person in STAFF}
    assert new == {"ploy": PEOPLE, "chen": PEOPLE, "alex": 2 * PEOPLE}  # alex is the fallback, too


async def test_a_claim_stops_the_chain_and_a_restart_does_not_wake_it(namjai: Running) -> None:
    before = len(await namjai.events())
    await namjai.send("U" + secrets.token_hex(16), CRISIS)
    [alert] = await until(lambda: _new(namjai, before, AlertRaised, 1))
    await until(lambda: _new(namjai, before, AlertEscalated, 1))
    await _ask(namjai, "claim", {"alert": alert.id, "by": "chen"})
    namjai.kill("notify")
    await _asleep_until(alert.time + timedelta(seconds=END_S + 2))
    await until(lambda: _ask(namjai, "list", {}))
    events = (await namjai.events())[before:]
    assert len(facts(events, AlertEscalated)) == 1
    assert not facts(events, AlertExhausted)
    assert [each.data.by for each in facts(events, AlertClaimed)] == ["chen"]


async def test_a_repeat_tells_nobody_and_a_higher_level_tells_again(namjai: Running) -> None:
    before = len(await namjai.events())
    person = "U" + secrets.token_hex(16)
    await namjai.send(person, HIGH)
    [first] = await until(lambda: _new(namjai, before, AlertRaised, 1))
    await until(lambda: _new(namjai, before, AlertEscalated, 1))
    await namjai.send(person, HIGH)
    await until(lambda: _new(namjai, before, AlertMerged, 1))
    namjai.kill("notify")
    await namjai.send(person, CRISIS)
    await until(lambda: _new(namjai, before, AlertMerged, 2))
    await until(lambda: _new(namjai, before, AlertTriggered, 2))
    events = (await namjai.events())[before:]
    chains = [
        (each.data.alert, each.data.run, each.data.cause, each.data.level) for each in facts(events, AlertTriggered)
    ]
    assert chains == [(first.id, 1, "raised", "high"), (first.id, 2, "higher_level", "crisis")]


async def _kill_before_each_step(namjai: Running, kill: Kill, began: datetime) -> list[Outage]:
    """Kill a moment before each step is due, and once more at the end. Returns from when until when notify was away."""
    outages = []
    for due_s in (*LEVELS_S, END_S):
        await _asleep_until(began + timedelta(seconds=due_s - 0.1))
        killed = datetime.now(UTC)
        kill(namjai)
        await until(lambda: _answers(namjai), 30, 0.05)
        outages.append((killed, datetime.now(UTC)))
    return outages


async def _answers(namjai: Running) -> bool:
    try:
        return await _ask(namjai, "list", {}) is not None
    except OSError:
        return False


async def _ask(namjai: Running, verb: str, query: dict[str, str]) -> bytes | None:
    async with namjai.log() as (nc, _):
        try:
            return await Ask(await Requests.open(nc)).ask(f"api.notify.alerts.{verb}", json.dumps(query).encode())
        except Unavailable:
            return None


async def _new(namjai: Running, after: int, kind: type[Fact], count: int) -> list[Envelope[Any]] | None:
    """The new facts of a kind, once they are so many."""
    try:
        found = facts((await namjai.events())[after:], kind)
    except (OSError, LogUnavailable):
        return None
    return found if len(found) >= count else None


async def _cards(namjai: Running) -> dict[str, int]:
    """How many cards each member of staff has on their phone."""
    return {person.key: len(await namjai.chat(person.user_id)) for person in STAFF}


def _late_s(done: datetime, base: datetime, due_s: float, outages: Sequence[Outage]) -> float:
    """How long after its time a step was done; what came due during an outage is due when that has ended."""
    due = base + timedelta(seconds=due_s)
    for killed, answers in outages:
        if killed - timedelta(seconds=LATE_MAX_S) <= due <= answers:
            due = answers
    return max(0.0, (done - due).total_seconds())


async def _asleep_until(moment: datetime) -> None:
    await asyncio.sleep(max(0.0, (moment - datetime.now(UTC)).total_seconds()))
