"""Which rich menus LINE takes: our own vectors, held against LINE's OpenAPI file if at hand."""

from collections.abc import Callable
from typing import Any

import pytest

from namjai.devkit.line.check import ALIAS, MENU, MENU_BATCH, Check, Kind, examine

Judge = Callable[[str, object], bool | None]


def area(x: int = 0, y: int = 0, width: int = 2500, height: int = 843, **action: Any) -> dict[str, Any]:
    return {
        "bounds": {"x": x, "y": y, "width": width, "height": height},
        "action": action or {"type": "message", "text": "hi"},
    }


def menu(*areas: dict[str, Any], size: tuple[int, int] = (2500, 843), **more: Any) -> dict[str, Any]:
    return {
        "size": {"width": size[0], "height": size[1]},
        "selected": True,
        "name": "a menu",
        "chatBarText": "Menu",
        "areas": list(areas),
        **more,
    }


def switch(**more: Any) -> dict[str, Any]:
    return area(type="richmenuswitch", richMenuAliasId="crisis-th", data="cmd=emergency", **more)


GOOD = {
    "one area": menu(area()),
    "no area": menu(),
    "twenty areas": menu(*[area(x=n, width=100, height=100) for n in range(20)]),
    "the smallest": menu(size=(800, 250)),
    "the widest ratio": menu(size=(2500, 250)),
    "a switch": menu(switch()),
    "a postback": menu(area(type="postback", data="do=diary.open", displayText="Check-in", label="Check-in")),
    "a call": menu(area(type="uri", uri="tel:1323", label="1323")),
    "fourteen letters that a reader sees": menu(chatBarText="ก" * 14),
}
BAD: dict[str, tuple[dict[str, Any], str, Kind]] = {
    "too narrow": (menu(size=(799, 250)), "size.width", Kind.LIMIT),
    "too wide": (menu(size=(2501, 843)), "size.width", Kind.LIMIT),
    "too low": (menu(size=(2500, 249)), "size.height", Kind.LIMIT),
    "too tall": (menu(size=(2500, 1725)), "size", Kind.LIMIT),
    "a size of nothing": (menu(size=(0, 250)), "size.width", Kind.SCHEMA),
    "twenty-one areas": (menu(*[area(width=100)] * 21), "areas", Kind.LIMIT),
    "an area beside the picture": (menu(area(x=1)), "areas[0].bounds", Kind.LIMIT),
    "an area before the picture": (menu(area(x=-1, width=10)), "areas[0].bounds.x", Kind.SCHEMA),
    "an area of no width": (menu(area(width=0)), "areas[0].bounds.width", Kind.SCHEMA),
    "a long name": (menu(name="n" * 301), "name", Kind.SCHEMA),
    "no name": (menu(name=""), "name", Kind.LIMIT),
    "a long bar": (menu(chatBarText="x" * 15), "chatBarText", Kind.SCHEMA),
    "an unknown action": (menu(area(type="hologram")), "areas[0].action", Kind.SCHEMA),
    "a camera": (menu(area(type="camera", label="x")), "areas[0].action.type", Kind.LIMIT),
    "a switch without an alias": (
        menu(area(type="richmenuswitch", data="x")),
        "areas[0].action.richMenuAliasId",
        Kind.LIMIT,
    ),
    "a long label": (menu(area(type="message", text="x", label="l" * 21)), "areas[0].action.label", Kind.LIMIT),
    "a scheme of its own": (menu(area(type="uri", uri="app://x")), "areas[0].action.uri", Kind.LIMIT),
}


@pytest.mark.parametrize("body", GOOD.values(), ids=GOOD.keys())
def test_a_good_menu_is_taken(body: dict[str, Any], openapi_accepts: Judge) -> None:
    assert examine(body, MENU) == []
    assert openapi_accepts("RichMenuRequest", body) in (True, None)


@pytest.mark.parametrize("body,where,kind", BAD.values(), ids=BAD.keys())
def test_a_menu_that_passes_a_limit_is_refused_where_it_does(
    body: dict[str, Any], where: str, kind: Kind, openapi_accepts: Judge
) -> None:
    assert (where, kind) in {(problem.property, problem.kind) for problem in examine(body, MENU)}
    assert openapi_accepts("RichMenuRequest", body) in (kind is not Kind.SCHEMA, None)


@pytest.mark.parametrize(
    "check,name,body,fits",
    [
        (ALIAS, "CreateRichMenuAliasRequest", {"richMenuAliasId": "main-zh-tw", "richMenuId": "richmenu-1"}, True),
        (ALIAS, "CreateRichMenuAliasRequest", {"richMenuAliasId": "main-zh-TW", "richMenuId": "richmenu-1"}, False),
        (ALIAS, "CreateRichMenuAliasRequest", {"richMenuAliasId": "a" * 33, "richMenuId": "richmenu-1"}, False),
        (ALIAS, "CreateRichMenuAliasRequest", {"richMenuAliasId": "a"}, False),
        (MENU_BATCH, "RichMenuBatchRequest", {"operations": [{"type": "link", "from": "a", "to": "b"}]}, True),
        (MENU_BATCH, "RichMenuBatchRequest", {"operations": [{"type": "unlinkAll"}], "resumeRequestKey": "k"}, True),
        (MENU_BATCH, "RichMenuBatchRequest", {"operations": [{"type": "link", "from": "a"}]}, False),
        (MENU_BATCH, "RichMenuBatchRequest", {"operations": [{"type": "unlink", "from": "a"}] * 1_001}, False),
        (MENU_BATCH, "RichMenuBatchRequest", {"operations": [], "resumeRequestKey": "no spaces"}, False),
    ],
)
def test_aliases_and_batches_are_held_to_the_schema(
    check: Check, name: str, body: dict[str, Any], fits: bool, openapi_accepts: Judge
) -> None:
    assert (examine(body, check) == []) is fits
    assert openapi_accepts(name, body) in (fits, None)
