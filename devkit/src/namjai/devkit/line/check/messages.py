"""Message objects that a bot may send."""

import re
from collections.abc import Mapping
from typing import Any

from namjai.devkit.line.check.actions import QUICK_REPLY_ACTION
from namjai.devkit.line.check.flex import container
from namjai.devkit.line.check.rules import (
    HTTPS_URL,
    Rule,
    between,
    code_points,
    filled,
    graphemes,
    https,
    link,
    matching,
    size,
    utf16,
    word,
)
from namjai.devkit.line.check.shape import (
    Check,
    Kind,
    Path,
    Report,
    Target,
    array,
    by_type,
    integer,
    number,
    record,
    string,
)
from namjai.devkit.line.check.templates import TEMPLATE

TEXT_UNITS_MAX = 5000
MESSAGES_MAX = 5

_ICON = string(code_points(0, 2000), https)
_QUICK_REPLY = record(
    {
        "items": array(
            record(
                {"type": string(word("action")), "imageUrl": _ICON, "action": QUICK_REPLY_ACTION},
                needed=("type", "action"),
            ),
            size(0, 13, Kind.SCHEMA),
            size(1, 13),
        )
    },
    needed=("items",),
)
_NOT_LINE = Rule(Kind.LIMIT, lambda name: re.search(r"\bline\b", name, re.IGNORECASE) is not None, "Word not allowed")
_SENDER = record({"name": string(code_points(0, 20), utf16(20), _NOT_LINE), "iconUrl": _ICON})
_COMMON: Mapping[str, Check] = {"type": string(), "quickReply": _QUICK_REPLY, "sender": _SENDER}
_ALT_TEXT = string(filled, utf16(1500))
_TEXT = string(filled, utf16(TEXT_UNITS_MAX))


def _emojis_stand_on_dollars(message: Any, at: Path, report: Report) -> None:
    text, emojis = message.get("text"), message.get("emojis")
    if not isinstance(text, str) or not isinstance(emojis, list):
        return
    units = text.encode("utf-16-le", "surrogatepass")
    for number_, emoji in enumerate(emojis):
        index = emoji.get("index") if isinstance(emoji, dict) else None
        if isinstance(index, int) and units[2 * index : 2 * index + 2] != b"$\0":
            report.add(Kind.LIMIT, (((at, "emojis"), number_), "index"), "Must point at a '$' in the text")


_PLACEHOLDER = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
_KEY = re.compile(r"[0-9A-Za-z_]{1,20}")


def _placeholders_are_filled(message: Any, at: Path, report: Report) -> None:
    text, given = message.get("text"), message.get("substitution", {})
    if not isinstance(text, str) or not isinstance(given, dict):
        return
    for found in _PLACEHOLDER.finditer(text):
        if found.group() in ("{{", "}}"):
            continue
        if found.group(1) is None:
            report.add(Kind.LIMIT, (at, "text"), "A single brace must be doubled")
        elif found.group(1) not in given:
            report.add(Kind.LIMIT, (at, "text"), f"No substitution for {{{found.group(1)}}}")


def _no_mention_in_private(_value: Any, at: Path, report: Report) -> None:
    if report.target is Target.USER:
        report.add(Kind.LIMIT, at, "Mentions can only be sent to group chats and multi-person chats")


_SUBSTITUTE = by_type(
    lambda: {
        "mention": record(
            {
                "type": string(),
                "mentionee": by_type(
                    lambda: {
                        "user": record({"type": string(), "userId": string()}, required=("userId",)),
                        "all": record({"type": string()}),
                    },
                    "Invalid mentionee type",
                ),
            },
            required=("mentionee",),
            also=(_no_mention_in_private,),
        ),
        "emoji": record(
            {"type": string(), "productId": string(filled), "emojiId": string(filled)},
            required=("productId", "emojiId"),
        ),
    },
    "Invalid substitution type",
)


def _substitution(value: Any, at: Path, report: Report) -> None:
    if not isinstance(value, dict):
        report.add(Kind.SCHEMA, at, "Must be an object")
        return
    if len(value) > 100:
        report.add(Kind.LIMIT, at, "Size must be between 0 and 100")
    counts = {"mention": 0, "emoji": 0}
    for key, substitute in value.items():
        if not _KEY.fullmatch(key):
            report.add(Kind.LIMIT, (at, key), "Invalid substitution key")
        _SUBSTITUTE(substitute, (at, key), report)
        kind = substitute.get("type") if isinstance(substitute, dict) else None
        if isinstance(kind, str) and kind in counts:
            counts[kind] += 1
    for kind, count in counts.items():
        if count > 20:
            report.add(Kind.LIMIT, at, f"At most 20 {kind}s")


def _no_tracking_in_groups(message: Any, at: Path, report: Report) -> None:
    if "trackingId" in message and report.target is Target.GROUP:
        report.add(Kind.LIMIT, (at, "trackingId"), "Not allowed in group chats and multi-person chats")


_AREA = record({name: integer() for name in ("x", "y", "width", "height")}, required=("x", "y", "width", "height"))


def _imagemap_action(fields: Mapping[str, Check], required: str) -> Check:
    common = {"type": string(), "area": _AREA, "label": string(graphemes(100))}
    return record({**common, **fields}, required=("area", required))


_IMAGEMAP_ACTION = by_type(
    lambda: {
        "message": _imagemap_action({"text": string(filled, graphemes(400))}, "text"),
        "uri": _imagemap_action({"linkUri": string(filled, utf16(1000), link)}, "linkUri"),
        "clipboard": _imagemap_action({"clipboardText": string(code_points(1, 1000))}, "clipboardText"),
    },
    "Invalid action type",
)
_IMAGEMAP_VIDEO = record(
    {
        "originalContentUrl": string(*HTTPS_URL),
        "previewImageUrl": string(*HTTPS_URL),
        "area": _AREA,
        "externalLink": record({"linkUri": string(utf16(1000), link), "label": string(filled, graphemes(30))}),
    },
    needed=("originalContentUrl", "previewImageUrl", "area"),
)


def _message(fields: Mapping[str, Check], *required: str, also: tuple[Check, ...] = ()) -> Check:
    return record({**_COMMON, **fields}, required=required, also=also)


_EMOJI = record(
    {"index": integer(between(0, TEXT_UNITS_MAX)), "productId": string(filled), "emojiId": string(filled)},
    needed=("index", "productId", "emojiId"),
)
_MEDIA = {"originalContentUrl": string(*HTTPS_URL), "previewImageUrl": string(*HTTPS_URL)}
_DIGITS = string(matching(r"\d+", "Invalid sticker"))

MESSAGE = by_type(
    lambda: {
        "text": _message(
            {"text": _TEXT, "emojis": array(_EMOJI, size(0, 20)), "quoteToken": string(filled)},
            "text",
            also=(_emojis_stand_on_dollars,),
        ),
        "textV2": _message(
            {"text": _TEXT, "substitution": _substitution, "quoteToken": string(filled)},
            "text",
            also=(_placeholders_are_filled,),
        ),
        "sticker": _message(
            {"packageId": _DIGITS, "stickerId": _DIGITS, "quoteToken": string(filled)}, "packageId", "stickerId"
        ),
        "image": _message(_MEDIA, "originalContentUrl", "previewImageUrl"),
        "video": _message(
            {
                **_MEDIA,
                "trackingId": string(matching(r"[-.=,+*()%$&;:@{}!?<>\[\]a-zA-Z0-9]{1,100}", "Invalid tracking id")),
            },
            "originalContentUrl",
            "previewImageUrl",
            also=(_no_tracking_in_groups,),
        ),
        "audio": _message(
            {"originalContentUrl": string(*HTTPS_URL), "duration": integer(between(1, 2**53))},
            "originalContentUrl",
            "duration",
        ),
        "location": _message(
            {
                "title": string(filled, utf16(100)),
                "address": string(filled, utf16(100)),
                "latitude": number(between(-90, 90)),
                "longitude": number(between(-180, 180)),
            },
            "title",
            "address",
            "latitude",
            "longitude",
        ),
        "imagemap": _message(
            {
                "baseUrl": string(*HTTPS_URL),
                "altText": _ALT_TEXT,
                "baseSize": record(
                    {"width": integer(between(1040, 1040)), "height": integer(between(1, 100_000))},
                    required=("width", "height"),
                ),
                "actions": array(_IMAGEMAP_ACTION, size(0, 50)),
                "video": _IMAGEMAP_VIDEO,
            },
            "baseUrl",
            "altText",
            "baseSize",
            "actions",
        ),
        "template": _message({"altText": _ALT_TEXT, "template": TEMPLATE}, "altText", "template"),
        "flex": _message({"altText": _ALT_TEXT, "contents": container}, "altText", "contents"),
        "coupon": _message({"couponId": string(filled), "deliveryTag": string(code_points(0, 30))}, "couponId"),
    },
    "Unknown message type",
)


def _quick_reply_on_the_last(messages: Any, at: Path, report: Report) -> None:
    for index, message in enumerate(messages[:-1]):
        if isinstance(message, dict) and "quickReply" in message:
            report.add(Kind.HABIT, ((at, index), "quickReply"), "Never shown: only the last message's quick reply is")


MESSAGES = array(MESSAGE, size(1, MESSAGES_MAX, Kind.SCHEMA), also=(_quick_reply_on_the_last,))
