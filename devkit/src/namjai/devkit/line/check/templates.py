"""Template messages: buttons, confirm, carousel, image carousel."""

from typing import Any

from namjai.devkit.line.check.actions import IMAGE_CAROUSEL_ACTION, TEMPLATE_ACTION, TEMPLATE_TAP
from namjai.devkit.line.check.rules import (
    HTTPS_URL,
    filled,
    grapheme_count,
    graphemes,
    matching,
    size,
    word,
)
from namjai.devkit.line.check.shape import Check, Kind, Path, Report, array, by_type, record, string

_IMAGE = {
    "thumbnailImageUrl": string(*HTTPS_URL),
    "imageBackgroundColor": string(matching(r"#[0-9a-fA-F]{6}", "Must be a color code")),
    "title": string(filled, graphemes(40)),
    "defaultAction": TEMPLATE_TAP,
}
_LOOK = {
    "imageAspectRatio": string(word("rectangle", "square")),
    "imageSize": string(word("cover", "contain")),
}


def _text_shorter_under_an_image(most: int, most_with_image: int) -> Check:
    def check(column: Any, at: Path, report: Report) -> None:
        limit = most_with_image if "thumbnailImageUrl" in column or "title" in column else most
        text = column.get("text")
        if isinstance(text, str) and grapheme_count(text) > limit:
            report.add(Kind.LIMIT, (at, "text"), f"Length must be between 0 and {limit}")

    return check


def _columns_alike(columns: Any, at: Path, report: Report) -> None:
    usable = [column for column in columns if isinstance(column, dict)]
    counts = {len(column["actions"]) for column in usable if isinstance(column.get("actions"), list)}
    if len(counts) > 1:
        report.add(Kind.LIMIT, at, "The number of actions must be the same in all columns")
    for name in ("thumbnailImageUrl", "title"):
        if len({name in column for column in usable}) > 1:
            report.add(Kind.LIMIT, at, f"Either all columns have {name} or none")


_BUTTONS = record(
    {
        "type": string(),
        "text": string(filled),
        "actions": array(TEMPLATE_ACTION, size(1, 4)),
        **_IMAGE,
        **_LOOK,
    },
    required=("text", "actions"),
    also=(_text_shorter_under_an_image(160, 60),),
)
_CONFIRM = record(
    {"type": string(), "text": string(filled, graphemes(240)), "actions": array(TEMPLATE_ACTION, size(2, 2))},
    required=("text", "actions"),
)
_COLUMN = record(
    {"text": string(filled), "actions": array(TEMPLATE_ACTION, size(1, 3)), **_IMAGE},
    required=("text", "actions"),
    also=(_text_shorter_under_an_image(120, 60),),
)
_CAROUSEL = record(
    {"type": string(), "columns": array(_COLUMN, size(1, 10), also=(_columns_alike,)), **_LOOK},
    required=("columns",),
)
_IMAGE_COLUMN = record(
    {"imageUrl": string(*HTTPS_URL), "action": IMAGE_CAROUSEL_ACTION}, required=("imageUrl", "action")
)
_IMAGE_CAROUSEL = record({"type": string(), "columns": array(_IMAGE_COLUMN, size(1, 10))}, required=("columns",))

TEMPLATE = by_type(
    lambda: {
        "buttons": _BUTTONS,
        "confirm": _CONFIRM,
        "carousel": _CAROUSEL,
        "image_carousel": _IMAGE_CAROUSEL,
    },
    "Unknown template type",
)
