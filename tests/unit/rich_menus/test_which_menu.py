"""Which rich menu a person should see, from the newest facts about them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from namjai.events import Fact, Sealed, Stored, begin
from namjai.events.conversation import CrisisEnded, CrisisStarted
from namjai.events.member import LanguageChosen
from namjai.events.message import PostbackReceived
from namjai.events.reply import ReplyIssued
from namjai.notify.domain.menu import Choice, choose, stays

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
BEGAN = CrisisStarted(assessment="a", level="crisis", category="suicide", subject="self")
ENDED = CrisisEnded(by="person")
CHINESE = LanguageChosen(language="zh-TW")


def reply(kind: str = "support", language: str = "th") -> ReplyIssued:
    return ReplyIssued(
        answers=("m",),
        through=1,
        screened=True,
        kind=kind,
        responder="offline",
        language=language,
        received_at=NOW,
        messages=Sealed([]),
        to=Sealed("U" + "0" * 32),
    )


def tap(data: str = "cmd=help", alias: str | None = None, status: str = "SUCCESS") -> PostbackReceived:
    params = {"newRichMenuAliasId": alias, "status": status} if alias else None
    return PostbackReceived(
        webhook_event_id="w",
        source_kind="user",
        mode="active",
        sent_at=NOW,
        received_at=NOW,
        postback=Sealed(data),
        params=Sealed(json.dumps(params)) if params else None,
    )


def story(*facts: Fact) -> list[Stored[Any]]:
    """The newest of each type, as the log gives them; their places are their order here."""
    newest = {
        type(fact): Stored(n, begin(fact, source="test", cause=str(n), member="m", time=NOW))
        for n, fact in enumerate(facts, start=1)
    }
    return list(newest.values())


@pytest.mark.parametrize(
    "facts,kind,language",
    [
        ((reply(),), "main", "th"),
        ((reply(language="en"),), "main", "en"),
        ((CHINESE, reply(language="en")), "main", "zh-TW"),
        ((reply("crisis"), BEGAN), "crisis", "th"),
        ((reply("crisis"), BEGAN, reply("protocol")), "crisis", "th"),
        ((reply("crisis"), BEGAN, reply("command"), ENDED), "main", "th"),
        ((BEGAN, ENDED, reply("crisis"), BEGAN), "crisis", "th"),
        ((tap("cmd=emergency", "crisis-th"), reply("command")), "crisis", "th"),
        ((tap("cmd=emergency", "crisis-th"), reply("command"), reply("support")), "crisis", "th"),
        ((tap("cmd=emergency", "crisis-th"), reply("command"), tap("cmd=safe"), reply("command")), "main", "th"),
        ((tap("cmd=emergency", "crisis-th", "RICHMENU_NOTFOUND"), reply("command")), "main", "th"),
        ((tap("x", "somebody-else"), reply()), "main", "th"),
        ((reply("crisis"), BEGAN, tap("cmd=help", "main-th"), reply("command")), "main", "th"),
        ((BEGAN, tap("cmd=help", "main-th"), reply("crisis")), "crisis", "th"),
        ((reply("crisis"), BEGAN, tap("cmd=safe"), reply("protocol")), "crisis", "th"),
    ],
    ids=[
        "first words",
        "their language",
        "the language they chose",
        "a card",
        "a crisis that goes on",
        "over",
        "again",
        "the panic button",
        "words after the panic button",
        "safe after the panic button",
        "a switch that failed",
        "a menu of somebody else's",
        "back by themselves",
        "danger after going back",
        "not safe yet",
    ],
)
def test_the_menu_follows_the_story(facts: tuple[Fact, ...], kind: str, language: str) -> None:
    choice = choose(story(*facts))
    assert choice is not None
    assert (choice.kind, choice.language) == (kind, language)


def test_nobody_to_whom_nothing_was_said_has_a_menu() -> None:
    assert choose([]) is None
    assert choose(story(BEGAN)) is None


def test_unreadable_params_are_no_switch() -> None:
    for params in ("not json", "[]", '{"status": 5}'):
        odd = msgspec.structs.replace(tap(), params=Sealed(params))
        assert getattr(choose(story(odd, reply())), "kind", None) == "main"


def test_the_same_menu_for_a_newer_reason_is_another_choice() -> None:
    """Another replica may have given another menu in between."""
    before = choose(story(reply()))
    assert choose(story(reply(), reply())) == before
    assert choose(story(reply("crisis"), BEGAN, ENDED, reply())) != before


def test_an_ordinary_turn_in_the_menus_language_asks_nothing_of_the_log() -> None:
    main = Choice("main", "th")
    assert stays(main, reply())
    assert not stays(None, reply())
    assert not stays(main, reply(language="en"))
    assert not stays(Choice("crisis", "th"), reply())
    assert not any(stays(main, reply(kind)) for kind in ("crisis", "protocol", "command"))
