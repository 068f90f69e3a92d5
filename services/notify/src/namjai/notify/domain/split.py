"""Cuts a turn into calls that LINE takes: at most five messages each, no text above 5,000 UTF-16 units."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

import regex

Message = dict[str, Any]

MESSAGES_PER_CALL_MAX: Final = 5
TEXT_UTF16_MAX: Final = 5_000
BREAK_UTF16: Final = 1_000
"""A piece may be this much shorter than the limit if it can then end where a line or a word ends."""
ALT_TEXT_FALLBACK: Final = "…"
_GRAPHEME: Final = regex.compile(r"\X")


def utf16_length(text: str) -> int:
    """Length as LINE counts it: 🍎 is 2."""
    return len(text) + sum(1 for character in text if ord(character) > 0xFFFF)


def calls(messages: Sequence[Message]) -> list[list[Message]]:
    """The messages of each call, in order. Only the very last message keeps a quick reply: LINE shows no other."""
    pieces = [piece for message in messages for piece in _split(message)]
    if not pieces:
        return []
    quick = next((each["quickReply"] for each in reversed(pieces) if "quickReply" in each), None)
    bare = [{key: value for key, value in each.items() if key != "quickReply"} for each in pieces]
    if quick is not None:
        bare[-1]["quickReply"] = quick
    return [bare[n : n + MESSAGES_PER_CALL_MAX] for n in range(0, len(bare), MESSAGES_PER_CALL_MAX)]


def plainly(messages: Iterable[Message]) -> list[Message]:
    """The same turn as bare texts: cards by their alternative text, without quick replies, emoji or quotes."""
    texts = (message.get("text") or message.get("altText") or ALT_TEXT_FALLBACK for message in messages)
    return [{"type": "text", "text": text} for text in texts]


def split_text(text: str, limit: int = TEXT_UTF16_MAX) -> list[str]:
    """Pieces within the limit that join to the text again; a grapheme is cut only if it is longer than the limit."""
    pieces: list[str] = []
    rest = text
    while utf16_length(rest) > limit:
        end = _end_of_piece(rest, limit)
        pieces.append(rest[:end])
        rest = rest[end:]
    return [*pieces, rest]


def _split(message: Message) -> Iterator[Message]:
    text = message.get("text")
    if message.get("type") != "text" or not isinstance(text, str) or utf16_length(text) <= TEXT_UTF16_MAX:
        yield message
        return
    begin = 0
    for n, piece in enumerate(split_text(text)):
        end = begin + utf16_length(piece)
        part = {**message, "text": piece}
        if n > 0:
            part.pop("quoteToken", None)
        if "emojis" in message:
            inside = [each for each in message["emojis"] if begin <= each["index"] < end]
            part.pop("emojis")
            if inside:
                part["emojis"] = [{**each, "index": each["index"] - begin} for each in inside]
        yield part
        begin = end


def _end_of_piece(text: str, limit: int) -> int:
    """Where the first piece ends, in code points: after a line, else after a word, else after a grapheme."""
    ends = {"\n": 0, " ": 0}
    units = end = 0
    for match in _GRAPHEME.finditer(text):
        units += utf16_length(match.group())
        if units > limit:
            break
        end = match.end()
        if units > limit - BREAK_UTF16 and (last := match.group()[-1]) in ends:
            ends[last] = end
    return ends["\n"] or ends[" "] or end or _inside_a_grapheme(text, limit)


def _inside_a_grapheme(text: str, limit: int) -> int:
    """A single grapheme longer than the limit (thousands of marks on one letter) is cut between code points."""
    units = 0
    for end, character in enumerate(text):
        units += utf16_length(character)
        if units > limit:
            return end
    return len(text)
