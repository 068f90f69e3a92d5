"""Splitting: joined again it is what was said, every piece is within LINE's limits, and no grapheme is torn."""

from __future__ import annotations

from typing import Any

import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from namjai.notify.domain.split import (
    MESSAGES_PER_CALL_MAX,
    TEXT_UTF16_MAX,
    calls,
    plainly,
    split_text,
    utf16_length,
)

QUICK = {"items": [{"type": "action", "action": {"type": "message", "label": "ok", "text": "ok"}}]}
SCRIPTS = st.one_of(
    st.text(max_size=300),
    st.lists(
        st.sampled_from(["น้ำใจ", "กำ", "👩‍👩‍👧‍👦", "🇹🇭", "é", "e\u0301", " ", "\n", "字", "\r\n", "🍎", "word "]),
        max_size=120,
    ).map("".join),
)


def borders(text: str) -> set[int]:
    return {match.end() for match in regex.finditer(r"\X", text)} | {0}


@given(SCRIPTS, st.integers(20, 200))
@settings(max_examples=200, deadline=None)
def test_pieces_join_to_the_text_within_the_limit_and_between_graphemes(text: str, limit: int) -> None:
    pieces = split_text(text, limit)
    assert text == "".join(pieces)
    assert all(utf16_length(piece) <= limit for piece in pieces)
    allowed, position = borders(text), 0
    longest = max((utf16_length(match.group()) for match in regex.finditer(r"\X", text)), default=0)
    for piece in pieces:
        position += len(piece)
        assert position in allowed or longest > limit


def test_a_short_text_is_left_alone() -> None:
    message = {"type": "text", "text": "x" * TEXT_UTF16_MAX, "quoteToken": "q"}
    assert [[message]] == calls([message])


def test_length_is_counted_as_line_counts_it() -> None:
    assert utf16_length("🍎") == 2
    assert len(split_text("🍎" * 2_501)) == 2


def test_a_piece_ends_where_a_line_or_a_word_ends_if_one_does() -> None:
    lines = ("a" * 4_500) + "\n" + "b" * 600
    assert split_text(lines) == ["a" * 4_500 + "\n", "b" * 600]
    words = "word " * 1_200
    assert all(piece.endswith(" ") for piece in split_text(words))


def test_a_grapheme_longer_than_a_message_is_cut_rather_than_refused() -> None:
    pieces = split_text("e" + "\u0301" * 12_000)
    assert all(utf16_length(piece) <= TEXT_UTF16_MAX for piece in pieces)


@given(st.lists(st.tuples(SCRIPTS.filter(bool), st.integers(1, 40), st.booleans()), max_size=9))
@settings(max_examples=60, deadline=None)
def test_every_call_is_within_the_limits_and_nothing_is_left_out(given_texts: list[tuple[str, int, bool]]) -> None:
    messages: list[dict[str, Any]] = [
        {"type": "text", "text": text * times, **({"quickReply": QUICK} if quick else {})}
        for text, times, quick in given_texts
    ]
    made = calls(messages)
    assert all(1 <= len(call) <= MESSAGES_PER_CALL_MAX for call in made)
    pieces = [piece for call in made for piece in call]
    assert "".join(message["text"] for message in messages) == "".join(piece["text"] for piece in pieces)
    assert all("quickReply" not in piece for piece in pieces[:-1])
    if any(quick for *_, quick in given_texts):
        assert pieces[-1]["quickReply"] == QUICK


def test_emoji_of_line_move_with_their_piece() -> None:
    text = "a" * 4_999 + "$" + "b" * 100 + "$"
    emojis = [{"index": 4_999, "productId": "p", "emojiId": "1"}, {"index": 5_100, "productId": "p", "emojiId": "2"}]
    [[first, second]] = calls([{"type": "text", "text": text, "emojis": emojis, "quoteToken": "q"}])
    assert [each["index"] for each in first["emojis"]] == [4_999]
    assert second["text"][second["emojis"][0]["index"]] == "$"
    assert "quoteToken" in first
    assert "quoteToken" not in second


def test_what_is_not_text_is_passed_on_as_it_is() -> None:
    flex = {"type": "flex", "altText": "1323", "contents": {"type": "bubble"}, "future": {"x": 1}}
    assert [[flex]] == calls([flex])


def test_the_plain_form_keeps_the_words() -> None:
    messages = [{"type": "flex", "altText": "call 1323", "contents": {}}, {"type": "text", "text": "hi", "sender": {}}]
    assert plainly(messages) == [{"type": "text", "text": "call 1323"}, {"type": "text", "text": "hi"}]


def test_nothing_to_say_is_no_call() -> None:
    assert calls([]) == []
