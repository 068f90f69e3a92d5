"""Putting the menus on LINE: what is there stays, what changed is replaced under people's eyes, and why it fails."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

import msgspec
import pytest

from namjai.devkit.line.people import PEOPLE
from namjai.devkit.line.state.faults import Fault
from namjai.notify.menus.__main__ import main
from namjai.notify.menus.book import Menu, menus
from namjai.notify.menus.line import LineTrouble
from namjai.notify.menus.provision import look, remove

if TYPE_CHECKING:
    from tests.integration.rich_menus.conftest import Channel

PERSON = PEOPLE[0].user_id


def changed(menu: Menu) -> Menu:
    return msgspec.structs.replace(menu, bar="New words")


async def test_everything_is_made_drawn_named_and_shown(channel: Channel) -> None:
    await channel.set_up()
    platform = channel.simulator.platform
    languages = ("th", "en", "zh-tw")
    assert set(platform.menus.aliases) == {f"{kind}-{each}" for kind in ("main", "crisis") for each in languages}
    assert all(menu.image for menu in platform.menus.menus.values())
    assert platform.menus.default == platform.menus.aliases["main-th"]
    assert channel.findings() == []


async def test_a_second_time_nothing_is_done(channel: Channel) -> None:
    await channel.set_up()
    before = dict(channel.simulator.platform.menus.menus)
    said = await channel.set_up()
    assert channel.simulator.platform.menus.menus == before
    assert all(line.startswith("= ") for line in said)
    assert channel.asked("POST", "/richmenu") == 6


async def test_a_changed_menu_is_replaced_and_nobody_is_without_one_for_a_moment(channel: Channel) -> None:
    first, *others = menus("TH")
    await channel.set_up()
    old = channel.simulator.platform.menus.aliases[first.alias]
    await channel.line.link(PERSON, old)
    said = await channel.set_up(changed(first), *others)
    new = channel.simulator.platform.menus.aliases[first.alias]
    assert new != old
    assert old not in channel.simulator.platform.menus.menus
    assert channel.simulator.platform.menus.linked(PERSON) == new
    assert channel.simulator.platform.menus.default == new
    assert all(seen.startswith("namjai main-th ") for seen in channel.seen), channel.seen
    assert sum(line.startswith("= ") for line in said) == 5
    assert channel.asked("DELETE", old) == 1
    assert channel.findings() == []


async def test_a_menu_that_was_left_half_made_is_made_again(channel: Channel) -> None:
    """A crash after the creation, or a lost answer to it: the alias leads nowhere yet, so it does not count."""
    channel.simulator.platform.faults.replace([Fault(path="*/content", status=400, message="no", times=1)])
    with pytest.raises(LineTrouble, match="400 no"):
        await channel.set_up()
    assert len(channel.simulator.platform.menus.menus) == 1
    await channel.set_up()
    assert len(channel.simulator.platform.menus.menus) == 6
    assert all(menu.image for menu in channel.simulator.platform.menus.menus.values())


async def test_what_line_fails_is_tried_again_and_creation_is_not(channel: Channel) -> None:
    rules = [
        Fault(path="*/list", status=500, times=1),
        Fault(path="*/content", status=503, times=1),
        Fault(path="*/alias", reset=True, times=1),
    ]
    channel.simulator.platform.faults.replace(rules)
    await channel.set_up()
    assert all(rule.hits == 1 for rule in rules)
    channel.simulator.platform.faults.replace([Fault(path="/v2/bot/richmenu", method="POST", status=500, times=1)])
    first, *others = menus("TH")
    with pytest.raises(LineTrouble, match="500"):
        await channel.set_up(changed(first), *others)


async def test_people_are_moved_three_times_an_hour_and_the_rest_waits(channel: Channel) -> None:
    first, *others = menus("TH")
    for n in range(5):
        said = await channel.set_up(msgspec.structs.replace(first, bar=f"bar {n}"), *others)
    assert any("three times an hour" in line for line in said)
    assert len(channel.simulator.platform.menus.menus) == 7
    newest = channel.simulator.platform.menus.aliases[first.alias]
    assert channel.simulator.platform.menus.menus[newest].body["chatBarText"] == "bar 4"


async def test_removing_leaves_what_is_not_ours(channel: Channel) -> None:
    theirs = await channel.line.create({**menus("TH")[0].body(b""), "name": "made by hand"})
    await channel.set_up()
    await remove(channel.line, await look(channel.line), channel.say)
    assert list(channel.simulator.platform.menus.menus) == [theirs]
    assert channel.simulator.platform.menus.aliases == {}
    assert channel.simulator.platform.menus.default == ""


async def test_line_s_complaint_is_passed_on(channel: Channel) -> None:
    outside = {"bounds": {"x": 2500, "y": 0, "width": 1, "height": 1}, "action": {"type": "message", "text": "x"}}
    with pytest.raises(LineTrouble, match=r"400 .*areas\[0\]\.bounds"):
        await channel.line.create({**menus("TH")[0].body(b""), "areas": [outside]})


class Command:
    """The command as people call it, told by its environment."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, url: str, token: str) -> None:
        for name in [name for name in os.environ if name.startswith("NAMJAI_LINE_")]:
            monkeypatch.delenv(name)
        monkeypatch.setenv("NAMJAI_LINE_API_URL", url)
        monkeypatch.setenv("NAMJAI_LINE_DATA_URL", url)
        monkeypatch.setenv("NAMJAI_LINE_CHANNEL_ACCESS_TOKEN", token)

    async def __call__(self, *arguments: str) -> int:
        return await asyncio.to_thread(main, arguments)


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, channel: Channel) -> Command:
    return Command(monkeypatch, channel.simulator.url, channel.simulator.platform.settings.access_token)


async def test_the_command_says_what_it_does_and_what_it_would_do(
    command: Command, channel: Channel, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await command("status") == 1
    assert await command("setup", "--dry-run") == 0
    assert channel.simulator.platform.menus.menus == {}
    assert "crisis-zh-tw would be made" in capsys.readouterr().out
    assert await command("setup") == 0
    assert "the menus are in place" in capsys.readouterr().out
    assert await command("status") == 0
    assert "main-th          in place ★ default" in capsys.readouterr().out
    assert await command("remove", "--dry-run") == 0
    assert len(channel.simulator.platform.menus.menus) == 6
    assert await command("remove") == 0
    assert channel.simulator.platform.menus.menus == {}


@pytest.mark.parametrize(
    "fault,words",
    [
        (Fault(invalid_token=True), "refuses the channel access token"),
        (Fault(status=429), "in an hour"),
        (Fault(status=403, message="no such plan"), "may not use rich menus: no such plan"),
        (Fault(status=400, message="what is this"), "LINE answered 400: what is this"),
        (Fault(reset=True), "cannot be reached"),
    ],
    ids=["401", "429", "403", "400", "no answer"],
)
async def test_the_command_says_why_it_could_not(
    command: Command, channel: Channel, capsys: pytest.CaptureFixture[str], fault: Fault, words: str
) -> None:
    channel.simulator.platform.faults.replace([fault])
    assert await command("setup") == 1
    said = capsys.readouterr()
    assert words in said.err
    assert channel.simulator.platform.settings.access_token not in said.err + said.out


async def test_without_a_token_it_says_which_variables_to_set(
    command: Command, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("NAMJAI_LINE_CHANNEL_ACCESS_TOKEN")
    assert await command("setup") == 1
    assert "NAMJAI_LINE_CHANNEL_ACCESS_TOKEN" in capsys.readouterr().err


async def test_a_stateless_token_is_issued_where_the_channel_is_given(
    command: Command, channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NAMJAI_LINE_CHANNEL_ACCESS_TOKEN")
    monkeypatch.setenv("NAMJAI_LINE_CHANNEL_ID", channel.simulator.platform.settings.channel_id)
    monkeypatch.setenv("NAMJAI_LINE_CHANNEL_SECRET", channel.simulator.platform.settings.channel_secret)
    assert await command("setup") == 0
