"""Action objects: what a tap on a button, an image or a quick reply does."""

import re
from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

from namjai.devkit.line.check.rules import code_points, enum, filled, graphemes, link, utf16
from namjai.devkit.line.check.shape import Check, Kind, Path, Report, by_type, record, string

_FORMATS = {
    "date": re.compile(r"\d{4}-\d{2}-\d{2}"),
    "time": re.compile(r"\d{2}:\d{2}"),
    "datetime": re.compile(r"\d{4}-\d{2}-\d{2}[tT]\d{2}:\d{2}"),
}
_READERS = {"date": date.fromisoformat, "time": time.fromisoformat, "datetime": datetime.fromisoformat}


def _picker_times(action: Any, at: Path, report: Report) -> None:
    mode = action.get("mode")
    if not isinstance(mode, str) or mode not in _FORMATS:
        return
    read: dict[str, Any] = {}
    for name in ("initial", "min", "max"):
        value = action.get(name)
        if not isinstance(value, str):
            continue
        try:
            if not _FORMATS[mode].fullmatch(value):
                raise ValueError(mode)
            read[name] = _READERS[mode](value.upper())
        except ValueError:
            report.add(Kind.LIMIT, (at, name), f"Must be in the {mode} format")
    if "min" in read and "max" in read and not read["min"] < read["max"]:
        report.add(Kind.LIMIT, (at, "max"), "Must be after min")


def _postback_words(action: Any, at: Path, report: Report) -> None:
    if "displayText" in action and "text" in action:
        report.add(Kind.LIMIT, (at, "displayText"), "displayText and text can't be used together")
    if "fillInText" in action and action.get("inputOption") != "openKeyboard":
        report.add(Kind.LIMIT, (at, "fillInText"), "Only with the inputOption openKeyboard")


def _only_in(place: str) -> Check:
    def check(_action: Any, at: Path, report: Report) -> None:
        report.add(Kind.LIMIT, (at, "type"), f"Only allowed in a {place}")

    return check


def _alternative(value: Any, at: Path, report: Report) -> None:
    record({"desktop": string(code_points(0, 1000), link)})(value, at, report)


def actions(*, label_most: int, label_needed: bool, quick_reply: bool = False, rich_menu: bool = False) -> Check:
    """The actions allowed in one place; places differ in the label, and in what opens the camera or another menu."""
    common: Mapping[str, Check] = {"type": string(), "label": string(filled, graphemes(label_most))}
    label = ("label",) if label_needed else ()
    outside = () if quick_reply else (_only_in("quick reply"),)

    def shape(fields: Mapping[str, Check], *needed: str, required: tuple[str, ...] = (), also: Any = ()) -> Check:
        return record({**common, **fields}, required=required, needed=(*label, *needed), also=also)

    data = string(code_points(0, 300))
    table = {
        "message": shape({"text": string(filled, graphemes(300))}, "text"),
        "postback": shape(
            {
                "data": data,
                "displayText": string(graphemes(300)),
                "text": string(graphemes(300)),
                "inputOption": string(enum("closeRichMenu", "openRichMenu", "openKeyboard", "openVoice")),
                "fillInText": string(graphemes(300)),
            },
            "data",
            also=(_postback_words,),
        ),
        "uri": shape({"uri": string(filled, utf16(1000), link), "altUri": _alternative}, "uri"),
        "datetimepicker": shape(
            {
                "data": data,
                "mode": string(enum("date", "time", "datetime")),
                "initial": string(),
                "min": string(),
                "max": string(),
            },
            "data",
            "mode",
            also=(_picker_times,),
        ),
        "clipboard": shape({"clipboardText": string(code_points(1, 1000))}, required=("clipboardText",)),
        "camera": shape({}, also=outside),
        "cameraRoll": shape({}, also=outside),
        "location": shape({}, also=outside),
        "richmenuswitch": shape(
            {"data": data, "richMenuAliasId": string(filled, code_points(0, 32))},
            "data",
            "richMenuAliasId",
            also=() if rich_menu else (_only_in("rich menu"),),
        ),
    }
    return by_type(lambda: table, "Invalid action type")


QUICK_REPLY_ACTION = actions(label_most=20, label_needed=True, quick_reply=True)
TEMPLATE_ACTION = actions(label_most=20, label_needed=True)
TEMPLATE_TAP = actions(label_most=20, label_needed=False)
IMAGE_CAROUSEL_ACTION = actions(label_most=12, label_needed=False)
RICH_MENU_ACTION = actions(label_most=20, label_needed=False, rich_menu=True)
FLEX_BUTTON_ACTION = actions(label_most=40, label_needed=True)
FLEX_TAP = actions(label_most=40, label_needed=False)
