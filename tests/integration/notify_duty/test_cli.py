"""`namjai oncall` as somebody types it, against a real NATS and the real endpoints, with production's permissions."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from icalendar import Calendar
from nats.aio.client import Client

from namjai.devkit.terminal import Said, namjai
from namjai.devkit.testing import NatsServer
from namjai.notify.adapters.duty import DutyLog
from namjai.notify.adapters.roster import SECTION, LiveRoster, roster_in_force
from namjai.notify.oncall import endpoints
from namjai.runtime.bus import Requests, connect
from namjai.runtime.config import NatsConfigStore
from namjai.runtime.log import NatsLog
from namjai.runtime.metrics import Metrics
from namjai.runtime.micro import Endpoints
from tests.integration.notify_duty.conftest import PASSWORD, Clock


@dataclass
class Terminal:
    """Somebody at a terminal, somewhere else than the services."""

    url: str
    folder: Path

    async def __call__(self, *arguments: str, password: str = PASSWORD) -> Said:
        login = {"NAMJAI_NATS_URL": self.url, "NAMJAI_NATS_USER": "admin", "NAMJAI_NATS_PASSWORD": password}
        here = {**login, "NAMJAI_STAFF_NAME": "ploy"}
        return await namjai("oncall", *arguments, environment=here, folder=self.folder, columns=160)

    def write(self, section: Any) -> str:
        file = self.folder / "roster.yaml"
        file.write_text(section if isinstance(section, str) else yaml.safe_dump(section), encoding="utf-8")
        return str(file)


@pytest.fixture
def terminal(server: NatsServer, people: Client, tmp_path: Path) -> Terminal:
    return Terminal(server.server_url, tmp_path)


@dataclass
class Service:
    """Notify, as far as being on call goes."""

    roster: LiveRoster | None = None

    async def knows_the_ward(self) -> None:
        async with asyncio.timeout(10):
            while self.roster is None or not self.roster.section.schedules:
                await asyncio.sleep(0.01)


@pytest.fixture
async def service(server: NatsServer, people: Client, clock: Clock) -> AsyncIterator[Service]:
    running = Service()
    nc, metrics, stop = await connect(server.url_for("notify"), name="notify"), Metrics("notify"), asyncio.Event()
    duty = DutyLog(NatsLog(await Requests.open(nc)), clock, metrics)

    async def serve() -> None:
        async with roster_in_force(nc.jetstream(), [], duty, clock, metrics) as running.roster:
            oncall = endpoints(running.roster, duty, clock)
            await Endpoints(nc, "notify", oncall, metrics, version="0.1.0", description="Alerts").run(stop)

    serving = asyncio.get_running_loop().create_task(serve())
    yield running
    stop.set()
    await serving
    await nc.close()


async def test_a_roster_is_set_and_duty_changes_hands(
    terminal: Terminal, clinic: dict[str, Any], service: Service
) -> None:
    done = await terminal("set", terminal.write(clinic))
    assert done.code == 0, done.err
    assert "in force as revision 1" in done.out
    assert "nobody is on call for a crisis at any level from" in done.err
    await service.knows_the_ward()

    shown = (await terminal("show", "--json")).json
    assert [each["people"] for each in shown["schedules"]] == [["ploy"]]
    assert shown["watched"]

    stands_in = await terminal("override", "ward", "dao", "now", "30m")
    assert stands_in.code == 0, stands_in.err
    assert "dao is on call in ward from" in stands_in.out
    table = await terminal("show")
    assert "For a crisis, somebody is on call until" in table.out
    assert table.out.count("dao") >= 3
    [override] = (await terminal("show", "ward", "--json")).json["overrides"]

    taken_back = await terminal("cancel", override["id"][:8])
    assert taken_back.code == 0, taken_back.err
    assert (await terminal("show", "--json")).json["schedules"][0]["people"] == ["ploy"]


async def test_a_swap_and_what_follows_from_it(
    terminal: Terminal, clinic: dict[str, Any], clock: Clock, service: Service
) -> None:
    clinic["schedules"]["ward"]["layers"][0] |= {"people": ["ploy", "dao"], "turn_days": 1, "hand_over": "00:00"}
    clinic["schedules"]["ward"]["layers"][0]["only"] = []
    assert (await terminal("set", terminal.write(clinic))).code == 0
    await service.knows_the_ward()
    tomorrow = (clock() + timedelta(days=1)).date()
    turns = [f"{tomorrow}", "24h", f"{tomorrow + timedelta(days=1)}", "24h"]
    first = (await terminal("show", "--json", "--at", f"{tomorrow}T12:00")).json["schedules"][0]["people"][0]
    second = "dao" if first == "ploy" else "ploy"

    swapped = await terminal("swap", "ward", first, *turns[:2], second, *turns[2:], "--json")
    assert swapped.code == 0, swapped.err
    assert len(swapped.json["overrides"]) == 2
    assert (await terminal("show", "--json", "--at", f"{tomorrow}T12:00")).json["schedules"][0]["people"] == [second]
    again = await terminal("swap", "ward", first, *turns[:2], second, *turns[2:])
    assert (again.code, again.err.strip()) == (1, f"✗ no swap: {first} is not on call all of that time")

    calendar = await terminal("ical", "--staff", second, "--days", "5", "--to", "duty.ics")
    assert calendar.code == 0, calendar.err
    events = Calendar.from_ical((terminal.folder / "duty.ics").read_bytes()).events
    assert all(str(event["SUMMARY"]) == f"{second} on call (ward)" for event in events)
    assert (await terminal("gaps", "--days", "20")).out.startswith("✓ somebody is on call all the time")


async def test_gaps_are_shown(terminal: Terminal, clinic: dict[str, Any], service: Service) -> None:
    await terminal("set", terminal.write(clinic))
    await service.knows_the_ward()
    table = await terminal("gaps", "--days", "1")
    assert "crisis: nobody at all" in table.out
    assert "schedule ward" in table.out
    assert len((await terminal("gaps", "--days", "1", "--json")).json["gaps"]) == 2


@pytest.mark.usefixtures("service")
async def test_a_roster_with_mistakes_changes_nothing(
    terminal: Terminal, clinic: dict[str, Any], store: NatsConfigStore
) -> None:
    clinic["route"] = {"crisis": "gone"}
    for verb in ("check", "set"):
        refused = await terminal(verb, terminal.write(clinic))
        assert refused.code == 1
        assert "✗ route.crisis: there is no policy called gone; write it under policies" in refused.err
    assert await store.get(SECTION) is None


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("staff: [", "is not YAML, line"),
        ("- a list", "holds no section"),
        ("schedules: {n: {layers: [{people: [a], start: 2026-01-01, hand_over: 18:00}]}}", "in quotes"),
    ],
)
async def test_a_file_that_is_no_roster_says_so(terminal: Terminal, text: str, says: str) -> None:
    refused = await terminal("check", terminal.write(text))
    assert refused.code == 1
    assert says in refused.err.replace("\n", " ")


async def test_a_first_roster_can_be_set_before_notify_runs(
    terminal: Terminal, clinic: dict[str, Any], store: NatsConfigStore
) -> None:
    done = await terminal("set", terminal.write(clinic))
    assert done.code == 0, done.err
    assert "only the form was checked" in done.err
    assert await store.get(SECTION) is not None
    asked = await terminal("show")
    assert (asked.code, asked.err.strip()) == (1, "✗ the notify service does not answer; see `namjai status`")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["override", "noon", "dao", "now", "8h"], "✗ there is no schedule called noon; there is: ward"),
        (["override", "ward", "nid", "now", "8h"], "✗ nobody of the staff is called nid; there is: ploy, dao"),
        (["override", "ward", "dao", "soon", "8h"], "soon is no time; write now, 20:00"),
        (["override", "ward", "dao", "now", "40d"], "✗ longer than 31 days; change the schedule instead"),
        (["cancel", "0000"], "✗ no overrides begin with 0000; see `namjai oncall show`"),
        (["ical"], "✗ say whose calendar: a schedule or a member of staff"),
    ],
)
async def test_what_cannot_be_done_is_said_in_a_line(
    terminal: Terminal,
    store: NatsConfigStore,
    clinic: dict[str, Any],
    service: Service,
    arguments: list[str],
    says: str,
) -> None:
    await store.put(SECTION, json.dumps(clinic).encode())
    await service.knows_the_ward()
    refused = await terminal(*arguments)
    assert refused.code != 0
    assert says in refused.err
    assert "Traceback" not in refused.err


async def test_a_wrong_password_is_a_line_too(terminal: Terminal) -> None:
    refused = await terminal("show", password="wrong")
    assert refused.code == 1
    assert "NATS cannot be reached" in refused.err
    assert "wrong" not in refused.err
