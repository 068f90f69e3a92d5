"""The limits of LINE's message objects are noticed, and the builders stay within them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from namjai.chat.content import LANGUAGES, crisis_texts, lines, ui_texts
from namjai.chat.content.load import load
from namjai.chat.domain.language import detect, fold, to_simplified
from namjai.chat.domain.messages import (
    Action,
    Message,
    column,
    dial,
    flex,
    graphemes,
    label,
    press,
    problems,
    say,
    text,
    utf16,
    with_quick_replies,
)
from namjai.chat.skills.support.library import LanguageFile, replies
from namjai.chat.skills.support.skill import preload

CostsMs = Callable[..., list[float]]


@pytest.mark.parametrize(
    ("message", "problem"),
    [
        (text(""), "text of 0 UTF-16 units"),
        (text("🍎" * 2_501), "text of 5002 UTF-16 units"),
        ({"type": "flex", "altText": "", "contents": {}}, "altText of 0 UTF-16 units"),
        (flex("a", column([label("x" * 31_000)])), "bubble of"),
        (flex("a", column([{"type": "button", "action": dial("l" * 21, "1323")}])), "label of 21 graphemes"),
        (with_quick_replies([text("a")], [press("ok", "d" * 301)])[0], "data of 301"),
        (with_quick_replies([text("a")], [say("ok", "t" * 301)])[0], "text of 301"),
        (with_quick_replies([text("a")], [{"type": "uri", "label": "ok", "uri": "javascript:x"}])[0], "uri that LINE"),
        ({"type": "hologram"}, "unknown type hologram"),
    ],
)
def test_what_line_would_refuse_is_noticed(message: Message, problem: str) -> None:
    assert any(found.startswith(problem) for found in problems(message))


def test_no_more_quick_replies_than_line_shows_and_only_under_the_last_message() -> None:
    actions: list[Action] = [say(str(n)) for n in range(20)]
    first, last = with_quick_replies([text("a"), text("b")], actions)
    assert "quickReply" not in first
    assert len(last["quickReply"]["items"]) == 13
    assert problems(last) == []


def test_a_builder_never_changes_what_it_was_given() -> None:
    given = text("a")
    with_quick_replies([given], [say("b")])
    assert given == {"type": "text", "text": "a"}


def test_an_alt_text_is_cut_to_its_limit() -> None:
    assert problems(flex("a" * 2_000, column([label("x")]))) == []


def test_lengths_are_counted_as_line_counts_them() -> None:
    assert graphemes("น้ำใจ") == 3
    assert graphemes("👨‍👩‍👧") == 1
    assert utf16("🍎a") == 3


@pytest.mark.parametrize(
    ("written", "language"),
    [
        ("สวัสดี", "th"),
        ("我很難過", "zh-TW"),
        ("我很难过", "zh-CN"),
        ("好", "zh-TW"),
        ("今日は疲れた", "ja"),
        ("안녕하세요", "ko"),
        ("hello", "en"),
        ("อยากดื่ม whisky", "th"),
        ("123 😀", None),
        ("", None),
    ],
)
def test_a_language_is_known_by_its_script(written: str, language: str | None) -> None:
    assert detect(written) == language


def test_folding_makes_one_form_of_many() -> None:
    assert fold("I CAN’T\u200b  sleeeeep") == "i can't sleep"
    assert fold("ｈｅｌｐ") == "help"
    assert fold("อยากมากกกกก") == fold("อยากมาก")
    assert fold("對不起") == fold("对不起") == to_simplified("對不起")


def test_after_the_preload_nothing_is_left_to_read() -> None:
    preload()
    read = replies.cache_info().misses
    replies("th")
    replies("zh-TW")
    assert replies.cache_info().misses == read


def test_all_content_is_read_in_a_fraction_of_a_second(costs_ms: CostsMs) -> None:
    def read_all() -> None:
        for language in LANGUAGES:
            load("namjai.chat.skills.support", f"replies/{language}.yaml", LanguageFile)
            ui_texts.__wrapped__(language)
            crisis_texts.__wrapped__(language)
        lines.__wrapped__()

    (took_ms,) = costs_ms(read_all)
    assert took_ms < 150
