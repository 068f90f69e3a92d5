"""Flex messages: bubbles, carousels and their components, with sizes, units and what may stand inside what."""

from collections.abc import Iterator
from typing import Any

import msgspec

from namjai.devkit.line.check.actions import FLEX_BUTTON_ACTION, FLEX_TAP
from namjai.devkit.line.check.rules import HTTPS_URL, Rule, between, enum, matching, size
from namjai.devkit.line.check.shape import (
    Check,
    Kind,
    Path,
    Report,
    array,
    boolean,
    by_type,
    integer,
    record,
    string,
)

BUBBLE_BYTES_MAX = 30 * 1024
CAROUSEL_BYTES_MAX = 50 * 1024
BUBBLES_MAX = 12
ANIMATED_IMAGES_MAX = 10

_PX = r"\d+(?:\.\d+)?px"
_SPACES = "none|xs|sm|md|lg|xl|xxl"
_SIZES = "xxs|xs|sm|md|lg|xl|xxl|3xl|4xl|5xl"
_COLOR = string(matching(r"#[0-9a-fA-F]{6}(?:[0-9a-fA-F]{2})?", "invalid property"))


def _unit(*patterns: str) -> Check:
    return string(matching("|".join(patterns), "invalid property"))


_OFFSETS = {
    f"offset{side}": _unit(_SPACES, _PX.replace(r"\d", r"-?\d", 1), r"-?\d+(?:\.\d+)?%")
    for side in ("Top", "Bottom", "Start", "End")
}
_PLACE = {
    "type": string(),
    "margin": _unit(_SPACES, _PX),
    "position": string(enum("relative", "absolute")),
    **_OFFSETS,
}
_FLEX = {"flex": integer(between(0, 1000))}
_GRAVITY = {"gravity": string(enum("top", "bottom", "center"))}
_ALIGN = {"align": string(enum("start", "end", "center"))}
_LETTERS = {
    "size": _unit(_SIZES, _PX),
    "color": _COLOR,
    "weight": string(enum("regular", "bold")),
    "style": string(enum("normal", "italic")),
    "decoration": string(enum("none", "underline", "line-through")),
}
_RATIO = Rule(Kind.LIMIT, lambda text: not _is_ratio(text), "invalid property")


def _is_ratio(text: str) -> bool:
    width, colon, height = text.partition(":")
    try:
        wide, high = float(width), float(height)
    except ValueError:
        return False
    return colon == ":" and 1 <= wide <= 100_000 and 1 <= high <= 100_000 and high <= 3 * wide


def _kind(component: object) -> str:
    kind = component.get("type") if isinstance(component, dict) else None
    return kind if isinstance(kind, str) else ""


def _belong_in_their_box(box: Any, at: Path, report: Report) -> None:
    """A baseline box holds only icons, text and fillers; icons stand nowhere else; spans only in a text."""
    contents = box.get("contents")
    if not isinstance(contents, list):
        return
    baseline = box.get("layout") == "baseline"
    for index, component in enumerate(contents):
        kind = _kind(component)
        misplaced = kind not in ("icon", "text", "filler") if baseline else kind == "icon"
        if kind and (misplaced or kind in ("span", "video")):
            report.add(Kind.LIMIT, ((at, "contents"), index), f"{kind} can't be placed in this box")


def _says_something(text: Any, at: Path, report: Report) -> None:
    if not text.get("text") and not text.get("contents"):
        report.add(Kind.LIMIT, (at, "text"), "must not be empty")


_GRADIENT = record(
    {
        "type": string(),
        "angle": string(matching(r"\d+(?:\.\d+)?deg", "invalid property")),
        "startColor": _COLOR,
        "endColor": _COLOR,
        "centerColor": _COLOR,
        "centerPosition": _unit(r"\d+(?:\.\d+)?%"),
    },
    needed=("angle", "startColor", "endColor"),
)
_SPAN = record({"type": string(), "text": string(), **_LETTERS}, needed=("text",))
_COMPONENT = by_type(lambda: _COMPONENTS, "unknown component")

_BOX = record(
    {
        **_PLACE,
        **_FLEX,
        "layout": string(enum("horizontal", "vertical", "baseline")),
        "contents": array(_COMPONENT),
        "spacing": _unit(_SPACES, _PX),
        "backgroundColor": _COLOR,
        "borderColor": _COLOR,
        "borderWidth": _unit("none|light|normal|medium|semi-bold|bold", _PX),
        "cornerRadius": _unit(_SPACES, _PX),
        **{name: _unit(_PX, r"\d+(?:\.\d+)?%") for name in ("width", "maxWidth", "height", "maxHeight")},
        **{
            f"padding{side}": _unit(_SPACES, _PX, r"\d+(?:\.\d+)?%")
            for side in ("All", "Top", "Bottom", "Start", "End")
        },
        "action": FLEX_TAP,
        "justifyContent": string(
            enum("center", "flex-start", "flex-end", "space-between", "space-around", "space-evenly")
        ),
        "alignItems": string(enum("center", "flex-start", "flex-end")),
        "background": by_type(lambda: {"linearGradient": _GRADIENT}, "unknown background"),
    },
    required=("layout", "contents"),
    also=(_belong_in_their_box,),
)
_COMPONENTS: dict[str, Check] = {
    "box": _BOX,
    "button": record(
        {
            **_PLACE,
            **_FLEX,
            **_GRAVITY,
            "action": FLEX_BUTTON_ACTION,
            "color": _COLOR,
            "style": string(enum("primary", "secondary", "link")),
            "height": string(enum("md", "sm")),
            "adjustMode": string(enum("shrink-to-fit")),
            "scaling": boolean(),
        },
        required=("action",),
    ),
    "image": record(
        {
            **_PLACE,
            **_FLEX,
            **_ALIGN,
            **_GRAVITY,
            "url": string(*HTTPS_URL),
            "size": _unit(_SIZES, "full", _PX, r"\d+(?:\.\d+)?%"),
            "aspectRatio": string(_RATIO),
            "aspectMode": string(enum("fit", "cover")),
            "backgroundColor": _COLOR,
            "action": FLEX_TAP,
            "animated": boolean(),
        },
        required=("url",),
    ),
    "video": record(
        {
            "type": string(),
            "url": string(*HTTPS_URL),
            "previewUrl": string(*HTTPS_URL),
            "altContent": _COMPONENT,
            "aspectRatio": string(_RATIO),
            "action": FLEX_TAP,
        },
        required=("url", "previewUrl", "altContent"),
    ),
    "icon": record(
        {
            **_PLACE,
            "url": string(*HTTPS_URL),
            "size": _unit(_SIZES, _PX),
            "aspectRatio": string(_RATIO),
            "scaling": boolean(),
        },
        required=("url",),
    ),
    "text": record(
        {
            **_PLACE,
            **_FLEX,
            **_LETTERS,
            **_ALIGN,
            **_GRAVITY,
            "text": string(),
            "contents": array(by_type(lambda: {"span": _SPAN}, "unknown component")),
            "wrap": boolean(),
            "lineSpacing": _unit(_PX),
            "maxLines": integer(between(0, 10_000)),
            "action": FLEX_TAP,
            "adjustMode": string(enum("shrink-to-fit")),
            "scaling": boolean(),
        },
        also=(_says_something,),
    ),
    "span": _SPAN,
    "separator": record({"type": string(), "margin": _unit(_SPACES, _PX), "color": _COLOR}),
    "filler": record({"type": string(), **_FLEX}),
}


def _only_box(value: Any, at: Path, report: Report) -> None:
    by_type(lambda: {"box": _BOX}, "unknown component")(value, at, report)


def _hero(value: Any, at: Path, report: Report) -> None:
    _COMPONENT(value, at, report)
    if _kind(value) in _COMPONENTS and _kind(value) not in ("box", "image", "video"):
        report.add(Kind.LIMIT, at, "hero must be a box, an image or a video")


def _bubble_as_a_whole(bubble: Any, at: Path, report: Report) -> None:
    if len(msgspec.json.encode(bubble)) > BUBBLE_BYTES_MAX:
        report.add(Kind.LIMIT, at, f"size of bubble must be less than or equal to {BUBBLE_BYTES_MAX} bytes")
    if not any(name in bubble for name in ("header", "hero", "body", "footer")):
        report.add(Kind.LIMIT, at, "at least one block must be specified")


_STYLE = record({"backgroundColor": _COLOR, "separator": boolean(), "separatorColor": _COLOR})
_BUBBLE = record(
    {
        "type": string(),
        "size": string(enum("nano", "micro", "deca", "hecto", "kilo", "mega", "giga")),
        "direction": string(enum("ltr", "rtl")),
        "header": _only_box,
        "hero": _hero,
        "body": _only_box,
        "footer": _only_box,
        "styles": record(dict.fromkeys(("header", "hero", "body", "footer"), _STYLE)),
        "action": FLEX_TAP,
    },
    also=(_bubble_as_a_whole,),
)


def _one_size(bubbles: Any, at: Path, report: Report) -> None:
    if len({str(bubble.get("size", "mega")) for bubble in bubbles if isinstance(bubble, dict)}) > 1:
        report.add(Kind.LIMIT, at, "all bubbles of a carousel must have the same size")


def _carousel_as_a_whole(carousel: Any, at: Path, report: Report) -> None:
    if len(msgspec.json.encode(carousel)) > CAROUSEL_BYTES_MAX:
        report.add(Kind.LIMIT, at, f"size of carousel must be less than or equal to {CAROUSEL_BYTES_MAX} bytes")


_CAROUSEL = record(
    {
        "type": string(),
        "contents": array(
            by_type(lambda: {"bubble": _BUBBLE}, "unknown container"), size(1, BUBBLES_MAX), also=(_one_size,)
        ),
    },
    required=("contents",),
    also=(_carousel_as_a_whole,),
)
_CONTAINER = by_type(lambda: {"bubble": _BUBBLE, "carousel": _CAROUSEL}, "unknown container")


def _walk(value: object) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for part in value.values():
            yield from _walk(part)
    elif isinstance(value, list):
        for part in value:
            yield from _walk(part)


def container(value: Any, at: Path, report: Report) -> None:
    """The `contents` of a Flex message."""
    _CONTAINER(value, at, report)
    if sum(part.get("animated") is True for part in _walk(value)) > ANIMATED_IMAGES_MAX:
        report.add(Kind.LIMIT, at, f"at most {ANIMATED_IMAGES_MAX} animated images in a message")
