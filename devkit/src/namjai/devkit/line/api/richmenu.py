"""Rich menus: made, drawn, named by aliases, shown to everybody or to somebody."""

from datetime import UTC, datetime
from io import BytesIO
from typing import Any

from PIL import Image, UnidentifiedImageError

from namjai.devkit.line import check, people
from namjai.devkit.line.api.endpoint import DATA, Answer, Asked, Endpoint, answer, error
from namjai.devkit.line.check.richmenu import HEIGHT_PX_MIN, RATIO_MIN, WIDTH_PX
from namjai.devkit.line.platform import Platform
from namjai.devkit.line.state.menus import ALIASES_MAX, Menu

IMAGE_BYTES_MAX = 1024 * 1024
_MIMES = {"PNG": "image/png", "JPEG": "image/jpeg"}
_NO_SUCH_MENU = "The richmenu was not found"
_HOUR_S = 3_600.0


def create(platform: Platform, asked: Asked) -> Answer:
    menu = platform.menus.create(asked.body)
    return error(400, "Too many rich menus") if menu is None else answer(200, {"richMenuId": menu.id})


def validate(_platform: Platform, _asked: Asked) -> Answer:
    """By now the menu is known to be good."""
    return answer(200, {})


def everything(platform: Platform, _asked: Asked) -> Answer:
    return answer(200, {"richmenus": [_told(menu) for menu in platform.menus.menus.values()]})


def get(platform: Platform, asked: Asked) -> Answer:
    menu = platform.menus.menus.get(asked.params["menu"])
    return error(404, _NO_SUCH_MENU) if menu is None else answer(200, _told(menu))


def delete(platform: Platform, asked: Asked) -> Answer:
    return answer(200, {}) if platform.menus.delete(asked.params["menu"]) else error(404, _NO_SUCH_MENU)


def _told(menu: Menu) -> dict[str, Any]:
    return {"richMenuId": menu.id, **menu.body}


def upload(platform: Platform, asked: Asked) -> Answer:
    """A picture, once: LINE has no way to replace it."""
    menu = platform.menus.menus.get(asked.params["menu"])
    if menu is None:
        return error(404, _NO_SUCH_MENU)
    if menu.image:
        return error(400, "An image has already been uploaded to the richmenu")
    mime = next((text for name, text in asked.call.headers.items() if name.lower() == "content-type"), "")
    image = asked.call.body
    if mime not in _MIMES.values():
        return error(415, f"The content type, '{mime}', is not supported")
    if len(image) > IMAGE_BYTES_MAX:
        return error(413, "Request entity too large")
    if wrong := _wrong_with(image, mime, menu):
        asked.finding(f"image: {wrong}")
        return error(400, wrong)
    menu.image, menu.mime = image, mime
    return answer(200, {})


def _wrong_with(image: bytes, mime: str, menu: Menu) -> str:
    """What LINE would not take about a picture; empty if nothing."""
    try:
        with Image.open(BytesIO(image), formats=list(_MIMES)) as opened:
            opened.verify()
            width, height, real = opened.width, opened.height, _MIMES[opened.format or ""]
    except (UnidentifiedImageError, OSError, SyntaxError, KeyError, Image.DecompressionBombError):
        return "The image could not be read"
    if real != mime:
        return f"The content type is {mime}, but the image is {real}"
    if not WIDTH_PX[0] <= width <= WIDTH_PX[1] or height < HEIGHT_PX_MIN or width / height < RATIO_MIN:
        return f"The image size {width}x{height} is not allowed"
    size = menu.body["size"]
    if (width, height) != (size["width"], size["height"]):
        return f"The image is {width}x{height}, the richmenu is {size['width']}x{size['height']}"
    return ""


def download(platform: Platform, asked: Asked) -> Answer:
    menu = platform.menus.menus.get(asked.params["menu"])
    return Answer(200, menu.image, menu.mime) if menu and menu.image else error(404, "Not found")


def get_default(platform: Platform, _asked: Asked) -> Answer:
    menu_id = platform.menus.default
    return answer(200, {"richMenuId": menu_id}) if menu_id else error(404, "no default richmenu")


def set_default(platform: Platform, asked: Asked) -> Answer:
    if refused := _unusable(platform, asked.params["menu"]):
        return refused
    platform.menus.set_default(asked.params["menu"])
    return answer(200, {})


def cancel_default(platform: Platform, _asked: Asked) -> Answer:
    platform.menus.set_default("")
    return answer(200, {})


def _unusable(platform: Platform, menu_id: str) -> Answer | None:
    menu = platform.menus.menus.get(menu_id)
    if menu is None:
        return error(404, _NO_SUCH_MENU)
    return None if menu.image else error(400, "must upload richmenu image before applying it to user")


def linked(platform: Platform, asked: Asked) -> Answer:
    if refused := _stranger(asked):
        return refused
    platform.menus.settle(asked.now)
    menu_id = platform.menus.linked(asked.params["user"])
    return answer(200, {"richMenuId": menu_id}) if menu_id else error(404, "the user has no richmenu")


def link(platform: Platform, asked: Asked) -> Answer:
    if refused := _stranger(asked) or _unusable(platform, asked.params["menu"]):
        return refused
    platform.menus.settle(asked.now)
    platform.menus.link(asked.params["user"], asked.params["menu"])
    return answer(200, {})


def unlink(platform: Platform, asked: Asked) -> Answer:
    if refused := _stranger(asked):
        return refused
    platform.menus.settle(asked.now)
    platform.menus.unlink(asked.params["user"])
    return answer(200, {})


def _stranger(asked: Asked) -> Answer | None:
    known = people.USER_ID.fullmatch(asked.params["user"])
    return None if known else error(400, "The value for the 'userId' parameter is invalid")


def link_many(platform: Platform, asked: Asked) -> Answer:
    if refused := _unusable(platform, asked.body["richMenuId"]):
        return refused
    for user in asked.body["userIds"]:
        platform.menus.link(user, asked.body["richMenuId"])
    return Answer(202, b"{}")


def unlink_many(platform: Platform, asked: Asked) -> Answer:
    for user in asked.body["userIds"]:
        platform.menus.unlink(user)
    return Answer(202, b"{}")


def batch(platform: Platform, asked: Asked) -> Answer:
    """Accepted now, carried out later; its progress is asked for by the id of this very call."""
    for operation in asked.body["operations"]:
        if operation["type"] == "link" and (refused := _unusable(platform, operation["to"])):
            return refused
    platform.menus.accept(asked.call.request_id, asked.body["operations"], asked.now)
    return Answer(202, b"{}")


def progress(platform: Platform, asked: Asked) -> Answer:
    request_id = asked.query.get("requestId", "")
    if not request_id:
        return error(400, "The value for the 'requestId' parameter is invalid")
    platform.menus.settle(asked.now)
    found = platform.menus.batch(request_id)
    if found is None:
        return error(404, "Not found")
    accepted = {"acceptedTime": _time(found.accepted_at)}
    if not found.finished:
        return answer(200, {"phase": "ongoing", **accepted})
    return answer(200, {"phase": "succeeded", **accepted, "completedTime": _time(found.done_at)})


def _time(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def create_alias(platform: Platform, asked: Asked) -> Answer:
    alias, menu_id = asked.body["richMenuAliasId"], asked.body["richMenuId"]
    if alias in platform.menus.aliases:
        return error(400, "conflict richmenu alias id")
    if len(platform.menus.aliases) >= ALIASES_MAX:
        return error(400, "Too many rich menu aliases")
    return _name(platform, alias, menu_id)


def update_alias(platform: Platform, asked: Asked) -> Answer:
    alias = asked.params["alias"]
    if alias not in platform.menus.aliases:
        return error(404, "richmenu alias not found")
    return _name(platform, alias, asked.body["richMenuId"])


def _name(platform: Platform, alias: str, menu_id: str) -> Answer:
    if _unusable(platform, menu_id):
        return error(400, "richmenu not found, or without an image")
    platform.menus.aliases[alias] = menu_id
    return answer(200, {})


def get_alias(platform: Platform, asked: Asked) -> Answer:
    alias = asked.params["alias"]
    menu_id = platform.menus.aliases.get(alias)
    if menu_id is None:
        return error(404, "richmenu alias not found")
    return answer(200, {"richMenuAliasId": alias, "richMenuId": menu_id})


def delete_alias(platform: Platform, asked: Asked) -> Answer:
    if platform.menus.aliases.pop(asked.params["alias"], None) is None:
        return error(404, "richmenu alias not found")
    return answer(200, {})


def aliases(platform: Platform, _asked: Asked) -> Answer:
    known = platform.menus.aliases.items()
    return answer(200, {"aliases": [{"richMenuAliasId": alias, "richMenuId": menu_id} for alias, menu_id in known]})


_MENU, _USER, _ALIAS = "{menu:richmenu-[0-9a-zA-Z-]+}", "{user}", "{alias}"
_IMAGE = f"/v2/bot/richmenu/{_MENU}/content"
_OWN = f"/v2/bot/user/{_USER}/richmenu"

# The order matters: the first path that fits is taken.
ENDPOINTS = (
    Endpoint("POST", "/v2/bot/richmenu", create, check.MENU, most=100, per_s=_HOUR_S),
    Endpoint("POST", "/v2/bot/richmenu/validate", validate, check.MENU),
    Endpoint("GET", "/v2/bot/richmenu/list", everything, most=10),
    Endpoint("POST", "/v2/bot/richmenu/alias", create_alias, check.ALIAS),
    Endpoint("GET", "/v2/bot/richmenu/alias/list", aliases),
    Endpoint("GET", f"/v2/bot/richmenu/alias/{_ALIAS}", get_alias),
    Endpoint("POST", f"/v2/bot/richmenu/alias/{_ALIAS}", update_alias, check.ALIAS_TARGET),
    Endpoint("DELETE", f"/v2/bot/richmenu/alias/{_ALIAS}", delete_alias, most=100, per_s=_HOUR_S),
    Endpoint("POST", "/v2/bot/richmenu/bulk/link", link_many, check.MENU_LINKS),
    Endpoint("POST", "/v2/bot/richmenu/bulk/unlink", unlink_many, check.MENU_UNLINKS),
    Endpoint("POST", "/v2/bot/richmenu/batch", batch, check.MENU_BATCH, most=3, per_s=_HOUR_S),
    Endpoint("POST", "/v2/bot/richmenu/validate/batch", validate, check.MENU_BATCH),
    Endpoint("GET", "/v2/bot/richmenu/progress/batch", progress, most=100, per_s=_HOUR_S),
    Endpoint("POST", _IMAGE, upload, host=DATA),
    Endpoint("GET", _IMAGE, download, host=DATA),
    Endpoint("GET", f"/v2/bot/richmenu/{_MENU}", get),
    Endpoint("DELETE", f"/v2/bot/richmenu/{_MENU}", delete, most=100, per_s=_HOUR_S),
    Endpoint("GET", "/v2/bot/user/all/richmenu", get_default),
    Endpoint("DELETE", "/v2/bot/user/all/richmenu", cancel_default),
    Endpoint("POST", f"/v2/bot/user/all/richmenu/{_MENU}", set_default),
    Endpoint("GET", _OWN, linked),
    Endpoint("DELETE", _OWN, unlink),
    Endpoint("POST", f"{_OWN}/{_MENU}", link),
)
