"""Which menu people are given: by the running service, on the strict simulator, beside its replies."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from namjai.devkit.line.state.faults import Fault
from namjai.events import Fact, Sealed, begin
from namjai.events.conversation import CrisisEnded, CrisisStarted
from namjai.events.member import LanguageChosen
from namjai.events.message import PostbackReceived
from namjai.events.reply import ReplyIssued
from namjai.notify.menus.book import menus
from namjai.notify.menus.line import Hosts, LineMenus, menu_session
from namjai.notify.menus.provision import Wanted, carry_out, look, plan
from namjai.runtime.channel_tokens import FixedToken
from tests.integration.notify.conftest import ACCESS_TOKEN, PERSON, AtWork, Line, Office

LINKS = f"/user/{PERSON}/richmenu/"
BEGAN = CrisisStarted(assessment="a", level="crisis", category="suicide", subject="self")


@pytest.fixture
async def set_up(line: Line) -> None:
    async with menu_session(5.0) as session:
        client = LineMenus(session, FixedToken(ACCESS_TOKEN), Hosts(line.url, line.url))
        found = await look(client)
        todo = plan([Wanted.of(menu) for menu in menus("TH")], found, "main-th")
        await carry_out(client, todo, found, lambda _: None)


def shown(line: Line) -> str:
    """The alias of the menu that the person sees."""
    menus_ = line.simulator.platform.menus
    menu = menus_.shown(PERSON)
    return next((alias for alias, menu_id in menus_.aliases.items() if menu and menu_id == menu.id), "")


def linked(line: Line) -> list[Any]:
    return line.calls(LINKS)


async def say(office: Office, member: str, fact: Fact) -> None:
    now = datetime.now(UTC)
    cause = f"{fact.TYPE}-{now.timestamp()}"
    await office.journal.append([begin(fact, source="chat", cause=cause, member=member, time=now)])


def tapped(alias: str) -> PostbackReceived:
    now = datetime.now(UTC)
    return PostbackReceived(
        webhook_event_id=str(now.timestamp()),
        source_kind="user",
        mode="active",
        sent_at=now,
        received_at=now,
        postback=Sealed("cmd=emergency"),
        params=Sealed(json.dumps({"newRichMenuAliasId": alias, "status": "SUCCESS"})),
    )


@pytest.mark.usefixtures("set_up")
async def test_the_menu_speaks_the_language_of_the_answer_and_of_the_choice(
    office: Office, line: Line, at_work: AtWork, member: str
) -> None:
    async with at_work():
        await office.reply(member, "hello", language="en")
        await line.until(lambda: shown(line) == "main-en")
        await say(office, member, LanguageChosen(language="zh-TW"))
        await office.reply(member, "你好", n=1, language="zh-TW")
        await line.until(lambda: shown(line) == "main-zh-tw")
    assert len(linked(line)) == 2
    assert not line.findings()


@pytest.mark.usefixtures("set_up")
async def test_a_crisis_brings_its_menu_and_its_end_takes_it_away(
    office: Office, line: Line, at_work: AtWork, member: str
) -> None:
    async with at_work():
        await office.reply(member, "hello")
        await line.until(lambda: linked(line))
        await say(office, member, BEGAN)
        await office.reply(member, "1323", n=1, kind="crisis", urgent=True)
        await line.until(lambda: shown(line) == "crisis-th")
        await office.reply(member, "are you safe", n=2, kind="protocol")
        await say(office, member, CrisisEnded(by="person"))
        await line.until(lambda: shown(line) == "main-th")
    assert len(linked(line)) == 3
    assert not line.findings()


@pytest.mark.usefixtures("set_up")
async def test_a_crisis_that_is_in_the_log_only_after_its_card_brings_its_menu_too(
    office: Office, line: Line, at_work: AtWork, member: str
) -> None:
    async with at_work():
        await office.reply(member, "hello")
        await line.until(lambda: shown(line) == "main-th" and linked(line))
        await office.reply(member, "1323", n=1, kind="crisis", urgent=True)
        await line.until(lambda: len(line.calls("/message/")) == 2)
        await say(office, member, BEGAN)
        await line.until(lambda: shown(line) == "crisis-th")
    assert len(linked(line)) == 2


@pytest.mark.usefixtures("set_up")
async def test_whoever_pressed_the_panic_button_keeps_the_menu_that_line_switched_to(
    office: Office, line: Line, at_work: AtWork, member: str
) -> None:
    crisis = line.simulator.platform.menus.aliases["crisis-th"]
    async with at_work():
        line.simulator.platform.menus.link(PERSON, crisis)
        await say(office, member, tapped("crisis-th"))
        await office.reply(member, "numbers", kind="command")
        await line.until(lambda: linked(line))
        await office.reply(member, "go on", n=1)
        await office.facts(member, "delivery", 2)
        assert shown(line) == "crisis-th"


@pytest.mark.usefixtures("set_up")
async def test_the_same_menu_is_not_given_twice(office: Office, line: Line, at_work: AtWork, member: str) -> None:
    async with at_work():
        for n in range(5):
            await office.reply(member, "hello", n=n, kind="command")
            await office.facts(member, "delivery", n + 1)
        await line.until(lambda: linked(line))
        await office.reply(member, "group", n=9, to="C" + "1" * 32)
        await office.facts(member, "delivery", 6)
    assert len(linked(line)) == 1


@pytest.mark.usefixtures("set_up")
async def test_a_reply_does_not_wait_for_a_menu_that_line_does_not_take(
    office: Office, line: Line, at_work: AtWork, member: str
) -> None:
    line.faults(Fault(path="*/richmenu/*", delay_ms=60_000))
    async with at_work(menu_deadline_s=0.2, drain_s=0.5):
        await office.reply(member, "1323", kind="crisis", urgent=True)
        await say(office, member, BEGAN)
        [sent] = await office.facts(member, "delivery", 1)
        assert sent.latency_ms < 1_000
    assert line.seen() == ["1323"]


@pytest.mark.usefixtures("set_up")
async def test_a_failed_call_is_tried_again_and_a_replaced_menu_is_found_again(
    office: Office, line: Line, at_work: AtWork, member: str
) -> None:
    line.faults(Fault(path=f"*{LINKS}*", status=500, times=1), Fault(path=f"*{LINKS}*", status=404, times=1))
    async with at_work():
        await office.reply(member, "hello", language="en")
        await line.until(lambda: shown(line) == "main-en")
    assert [call.status for call in linked(line)] == [500, 404, 200]


async def test_where_no_menus_are_set_up_nothing_is_tried(
    office: Office, line: Line, at_work: AtWork, member: str
) -> None:
    async with at_work():
        await office.reply(member, "hello")
        await line.until(lambda: line.calls("/richmenu/alias/main-th"))
        await office.reply(member, "again", n=1, kind="command")
        await office.facts(member, "delivery", 2)
    assert len(line.calls("/richmenu/alias/")) == 1
    assert not linked(line)
    assert not line.findings()


@pytest.mark.usefixtures("set_up")
async def test_old_words_bring_no_menu(office: Office, line: Line, at_work: AtWork, member: str) -> None:
    """A new consumer begins at the start of the log: that must not be a call for everybody who ever wrote."""
    old = datetime.now(UTC) - timedelta(minutes=11)
    fact = ReplyIssued(
        answers=("m",),
        through=1,
        screened=True,
        kind="support",
        responder="offline",
        received_at=old,
        messages=Sealed([{"type": "text", "text": "old"}]),
        to=Sealed(PERSON),
    )
    await office.journal.append([begin(fact, source="chat", cause="old", member=member, time=old)])
    async with at_work():
        await office.reply(f"{member}2", "new", to="U" + "2" * 32)
        await line.until(lambda: line.calls("/richmenu/richmenu-"))
    assert not linked(line)
