"""Rich menus over HTTP: their life, their pictures, their limits, and a tap that switches them."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from namjai.devkit.line.people import ALEX, SOMCHAI

if TYPE_CHECKING:
    from tests.integration.devkit_line.conftest import Line

MENU, ALIAS = "/v2/bot/richmenu", "/v2/bot/richmenu/alias"


def body(name: str = "a menu", **more: Any) -> dict[str, Any]:
    size = {"width": 800, "height": 540}
    action = {"type": "richmenuswitch", "richMenuAliasId": "other", "data": "cmd=emergency"}
    areas = [{"bounds": {"x": 0, "y": 0, **size}, "action": action}]
    return {"size": size, "selected": True, "name": name, "chatBarText": "Menu", "areas": areas, **more}


def picture(width: int = 800, height: int = 540, kind: str = "PNG") -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (width, height), "#cfe8dc").save(file, kind)
    return file.getvalue()


async def made(line: Line, name: str = "a menu", *, image: bytes | None = None) -> str:
    status, created = await line.call("POST", MENU, json=body(name))
    assert status == 200, created
    menu = str(created["richMenuId"])
    if image != b"":
        uploaded = await upload(line, menu, image or picture())
        assert uploaded[0] == 200, uploaded
    return menu


async def upload(line: Line, menu: str, image: bytes, mime: str = "image/png") -> tuple[int, Any]:
    return await line.call("POST", f"{MENU}/{menu}/content", data=io.BytesIO(image), headers={"Content-Type": mime})


async def test_a_menu_is_made_drawn_listed_read_and_deleted(line: Line) -> None:
    menu = await made(line)
    assert (await line.call("GET", f"{MENU}/{menu}"))[1] == {"richMenuId": menu, **body()}
    assert (await line.call("GET", f"{MENU}/list"))[1] == {"richmenus": [{"richMenuId": menu, **body()}]}
    assert (await line.call("GET", f"{MENU}/{menu}/content"))[1] == picture()
    assert (await line.call("DELETE", f"{MENU}/{menu}"))[0] == 200
    assert (await line.call("GET", f"{MENU}/{menu}"))[0] == 404
    assert (await line.call("DELETE", f"{MENU}/{menu}"))[0] == 404
    assert (await line.call("POST", f"{MENU}/validate", json=body()))[0] == 200
    assert (await line.call("POST", f"{MENU}/validate", json=body(name="")))[0] == 400


@pytest.mark.parametrize(
    "image,mime,status",
    [
        (picture(), "image/gif", 415),
        (picture(), "image/jpeg", 400),
        (picture(kind="JPEG"), "image/jpeg", 200),
        (picture(800, 541), "image/png", 400),
        (picture(400, 270), "image/png", 400),
        (picture()[:-40], "image/png", 400),
        (b"no picture", "image/png", 400),
        (b"\0" * (1024 * 1024 + 1), "image/png", 413),
    ],
    ids=["gif", "named wrongly", "jpeg", "other size", "too small", "cut off", "no picture", "too large"],
)
async def test_a_picture_is_taken_only_if_it_fits(line: Line, image: bytes, mime: str, status: int) -> None:
    menu = await made(line, image=b"")
    assert (await upload(line, menu, image, mime))[0] == status


async def test_a_picture_cannot_be_replaced_and_a_menu_without_one_is_for_nobody(line: Line) -> None:
    menu = await made(line)
    assert (await upload(line, menu, picture()))[0] == 400
    bare = await made(line, image=b"")
    assert (await line.call("POST", f"/v2/bot/user/all/richmenu/{bare}"))[0] == 400
    assert (await line.call("POST", f"/v2/bot/user/{ALEX.user_id}/richmenu/{bare}"))[0] == 400
    assert (await line.call("POST", ALIAS, json={"richMenuAliasId": "a", "richMenuId": bare}))[0] == 400


async def test_ones_own_menu_goes_before_everybodys(line: Line) -> None:
    default, own = await made(line, "default"), await made(line, "own")
    mine = f"/v2/bot/user/{ALEX.user_id}/richmenu"
    assert (await line.call("GET", "/v2/bot/user/all/richmenu"))[0] == 404
    assert (await line.call("POST", f"/v2/bot/user/all/richmenu/{default}"))[0] == 200
    assert (await line.call("GET", "/v2/bot/user/all/richmenu"))[1] == {"richMenuId": default}
    assert (await line.call("GET", mine))[0] == 404
    assert (await line.call("POST", f"{mine}/{own}"))[0] == 200
    assert (await line.call("GET", mine))[1] == {"richMenuId": own}
    assert (await line.call("GET", "/_sim/menu/alex"))[1]["name"] == "own"
    assert (await line.call("GET", "/_sim/menu/somchai"))[1]["name"] == "default"
    assert (await line.call("DELETE", mine))[0] == 200
    assert (await line.call("GET", "/_sim/menu/alex"))[1]["name"] == "default"
    assert (await line.call("POST", f"{mine}/richmenu-unknown"))[0] == 404
    assert (await line.call("POST", f"/v2/bot/user/nobody/richmenu/{own}"))[0] == 400
    assert (await line.call("DELETE", "/v2/bot/user/all/richmenu"))[0] == 200
    assert (await line.call("GET", "/_sim/menu/alex"))[1] is None


async def test_an_alias_has_a_life_of_its_own(line: Line) -> None:
    one, two = await made(line, "one"), await made(line, "two")
    assert (await line.call("POST", ALIAS, json={"richMenuAliasId": "a", "richMenuId": one}))[0] == 200
    conflict = await line.call("POST", ALIAS, json={"richMenuAliasId": "a", "richMenuId": two})
    assert conflict == (400, {"message": "conflict richmenu alias id"})
    assert (await line.call("POST", f"{ALIAS}/a", json={"richMenuId": two}))[0] == 200
    assert (await line.call("GET", f"{ALIAS}/a"))[1] == {"richMenuAliasId": "a", "richMenuId": two}
    assert (await line.call("GET", f"{ALIAS}/list"))[1] == {"aliases": [{"richMenuAliasId": "a", "richMenuId": two}]}
    assert (await line.call("DELETE", f"{ALIAS}/a"))[0] == 200
    for method, options in (("GET", {}), ("DELETE", {}), ("POST", {"json": {"richMenuId": one}})):
        assert (await line.call(method, f"{ALIAS}/a", **options))[0] == 404


async def test_a_tap_switches_the_menu_at_once_and_the_bot_is_told(line: Line) -> None:
    one, two = await made(line, "one"), await made(line, "two")
    await line.call("POST", f"/v2/bot/user/all/richmenu/{one}")
    tap = {"alias": "other", "data": "cmd=emergency"}
    await line.call("POST", "/_sim/menu/somchai/switch", json=tap)
    await line.call("POST", ALIAS, json={"richMenuAliasId": "other", "richMenuId": two})
    await line.call("POST", "/_sim/menu/somchai/switch", json=tap)
    await line.call("DELETE", f"{MENU}/{two}")
    await line.call("POST", "/_sim/menu/somchai/switch", json=tap)
    told = [event["postback"] for heard in line.bot.heard for event in heard["events"]]
    assert [postback["data"] for postback in told] == ["cmd=emergency"] * 3
    assert [postback["params"] for postback in told] == [
        {"newRichMenuAliasId": "other", "status": status}
        for status in ("RICHMENU_ALIAS_ID_NOTFOUND", "SUCCESS", "RICHMENU_NOTFOUND")
    ]


async def test_a_batch_moves_everybody_a_while_after_it_was_accepted(line: Line) -> None:
    old, new = await made(line, "old"), await made(line, "new")
    mine = f"/v2/bot/user/{SOMCHAI.user_id}/richmenu"
    await line.call("POST", "/v2/bot/richmenu/bulk/link", json={"richMenuId": old, "userIds": [SOMCHAI.user_id]})
    operations = {"operations": [{"type": "link", "from": old, "to": new}]}
    async with line.http.post("/v2/bot/richmenu/batch", json=operations) as accepted:
        assert accepted.status == 202
        asked = {"requestId": accepted.headers["x-line-request-id"]}
    progress = "/v2/bot/richmenu/progress/batch"
    assert (await line.call("GET", progress, params=asked))[1]["phase"] == "ongoing"
    assert (await line.call("GET", mine))[1] == {"richMenuId": old}
    line.clock.now += 1
    assert (await line.call("GET", progress, params=asked))[1]["phase"] == "succeeded"
    assert (await line.call("GET", mine))[1] == {"richMenuId": new}
    assert (await line.call("GET", progress, params={"requestId": "unknown"}))[0] == 404
    assert (await line.call("GET", progress))[0] == 400


async def test_menus_are_made_a_hundred_an_hour_and_changed_for_all_three_times(line: Line) -> None:
    for _ in range(100):
        assert (await line.call("POST", MENU, json=body()))[0] == 200
    assert (await line.call("POST", MENU, json=body()))[0] == 429
    line.clock.now += 3_600
    assert (await line.call("POST", MENU, json=body()))[0] == 200
    statuses = [
        (await line.call("POST", "/v2/bot/richmenu/batch", json={"operations": [{"type": "unlinkAll"}]}))[0]
        for _ in range(4)
    ]
    assert statuses == [202, 202, 202, 429]


async def test_the_phone_shows_the_picture_and_the_calls_do_not(line: Line) -> None:
    menu = await made(line)
    await line.call("POST", f"/v2/bot/user/all/richmenu/{menu}")
    assert await line.call("GET", "/_sim/menu/somchai/picture") == (200, picture())
    calls = (await line.call("GET", "/_sim/calls"))[1]
    assert [call["body"] for call in calls if call["path"].endswith("/content")] == [f"({len(picture())} bytes)"]
