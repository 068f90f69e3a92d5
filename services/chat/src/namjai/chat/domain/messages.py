"""Builds LINE message objects as plain dicts, and tells where one would pass LINE's documented limits."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

import regex

Message = dict[str, Any]
Action = dict[str, Any]

TEXT_UTF16_MAX: Final = 5_000
QUICK_REPLIES_MAX: Final = 13
LABEL_GRAPHEMES_MAX: Final = 20
ACTION_TEXT_MAX: Final = 300
POSTBACK_DATA_MAX: Final = 300
URI_MAX: Final = 1_000
ALT_TEXT_MAX: Final = 1_500
BUBBLE_BYTES_MAX: Final = 30 * 1_024
URI_SCHEMES: Final = ("https:", "http:", "line:", "tel:")
_GRAPHEME: Final = regex.compile(r"\X")


def text(body: str) -> Message:
    """A text message; splitting a long one is the sender's work."""
    return {"type": "text", "text": body}


def audio(url: str, duration_ms: int) -> Message:
    """A sound, and how long it plays."""
    return {"type": "audio", "originalContentUrl": url, "duration": duration_ms}


def say(label: str, said: str | None = None) -> Action:
    """A button that says something in the person's name."""
    return {"type": "message", "label": label, "text": said or label}


def press(label: str, data: str) -> Action:
    """A button that sends `data` to us and shows its label in the chat."""
    return {"type": "postback", "label": label, "data": data, "displayText": label}


def dial(label: str, number: str) -> Action:
    """A button that opens the phone with `number`."""
    return {"type": "uri", "label": label, "uri": f"tel:{number}"}


def with_quick_replies(messages: Sequence[Message], actions: Sequence[Action]) -> tuple[Message, ...]:
    """Put buttons under the last message: LINE shows only that one's."""
    if not messages or not actions:
        return tuple(messages)
    items = [{"type": "action", "action": action} for action in actions[:QUICK_REPLIES_MAX]]
    return (*messages[:-1], {**messages[-1], "quickReply": {"items": items}})


def flex(alt_text: str, contents: Message) -> Message:
    """A Flex message; `alt_text` is what a notification or a screen reader says instead."""
    return {"type": "flex", "altText": alt_text[:ALT_TEXT_MAX], "contents": contents}


def label(words: str, **style: Any) -> Message:
    """A wrapped Flex text component."""
    return {"type": "text", "text": words, "wrap": True, **style}


def column(contents: Iterable[Message], **style: Any) -> Message:
    """A vertical Flex box."""
    return {"type": "box", "layout": "vertical", "contents": list(contents), **style}


def graphemes(words: str) -> int:
    """Length as a person counts it, which is how LINE counts labels."""
    return len(_GRAPHEME.findall(words))


def utf16(words: str) -> int:
    """Length in UTF-16 units, which is how LINE counts text."""
    return len(words.encode("utf-16-le")) // 2


def problems(message: Message) -> list[str]:
    """Where `message` would pass a documented limit of LINE; empty when it would not."""
    return [*_body_problems(message), *_quick_reply_problems(message)]


def _body_problems(message: Message) -> Iterator[str]:
    match message["type"]:
        case "text":
            if not 0 < utf16(message["text"]) <= TEXT_UTF16_MAX:
                yield f"text of {utf16(message['text'])} UTF-16 units"
        case "flex":
            if not 0 < utf16(message["altText"]) <= ALT_TEXT_MAX:
                yield f"altText of {utf16(message['altText'])} UTF-16 units"
            size = len(json.dumps(message["contents"], ensure_ascii=True).encode())
            if size > BUBBLE_BYTES_MAX:
                yield f"bubble of {size} bytes"
            for action in _actions(message["contents"]):
                yield from _action_problems(action)
        case other:
            yield f"unknown type {other}"


def _quick_reply_problems(message: Message) -> Iterator[str]:
    items = message.get("quickReply", {}).get("items", [])
    if "quickReply" in message and not 0 < len(items) <= QUICK_REPLIES_MAX:
        yield f"{len(items)} quick replies"
    for item in items:
        yield from _action_problems(item["action"])


def _action_problems(action: Action) -> Iterator[str]:
    if not 0 < graphemes(action["label"]) <= LABEL_GRAPHEMES_MAX:
        yield f"label of {graphemes(action['label'])} graphemes"
    for field, limit in (("text", ACTION_TEXT_MAX), ("displayText", ACTION_TEXT_MAX), ("data", POSTBACK_DATA_MAX)):
        if field in action and not 0 < utf16(action[field]) <= limit:
            yield f"{field} of {utf16(action[field])} UTF-16 units"
    if action["type"] == "uri" and not (action["uri"].startswith(URI_SCHEMES) and len(action["uri"]) <= URI_MAX):
        yield "uri that LINE does not open"


def _actions(component: Any) -> Iterator[Action]:
    """Every action inside a Flex tree."""
    if isinstance(component, dict):
        if "action" in component:
            yield component["action"]
        for child in component.values():
            yield from _actions(child)
    elif isinstance(component, list):
        for child in component:
            yield from _actions(child)
