"""Rich menus: their size, their tappable areas, their aliases, and operations on many people at once."""

from typing import Any

from namjai.devkit.line.check.actions import RICH_MENU_ACTION
from namjai.devkit.line.check.rules import between, code_points, filled, graphemes, matching, size
from namjai.devkit.line.check.shape import Check, Kind, Path, Report, array, boolean, by_type, integer, record, string

WIDTH_PX = (800, 2_500)
HEIGHT_PX_MIN = 250
RATIO_MIN = 1.45
AREAS_MAX = 20
USERS_MAX = 500
OPERATIONS_MAX = 1_000
ALIAS_PATTERN = r"[a-z0-9_-]{1,32}"
_INT32_MAX = 2**31 - 1


def _wide_enough(measured: Any, at: Path, report: Report) -> None:
    width, height = measured.get("width"), measured.get("height")
    if isinstance(width, int) and isinstance(height, int) and height and width / height < RATIO_MIN:
        report.add(Kind.LIMIT, at, f"The aspect ratio (width / height) must be at least {RATIO_MIN}")


def _inside(menu: Any, at: Path, report: Report) -> None:
    """Every area lies within the picture."""
    measured, areas = menu.get("size"), menu.get("areas")
    if not isinstance(measured, dict) or not isinstance(areas, list):
        return
    for index, area in enumerate(areas):
        bounds = area.get("bounds") if isinstance(area, dict) else None
        if isinstance(bounds, dict) and not _fits(bounds, measured):
            report.add(Kind.LIMIT, (((at, "areas"), index), "bounds"), "Must be within the size of the rich menu")


def _fits(bounds: dict[str, Any], measured: dict[str, Any]) -> bool:
    """Whether an area ends within the picture; what is no number is said elsewhere."""
    for start, length in (("x", "width"), ("y", "height")):
        where, far, whole = bounds.get(start), bounds.get(length), measured.get(length)
        if isinstance(where, int) and isinstance(far, int) and isinstance(whole, int) and where + far > whole:
            return False
    return True


def _pixels(least: int, most: int = _INT32_MAX) -> Check:
    return integer(between(1, _INT32_MAX, Kind.SCHEMA), between(least, most))


_SIZE = record(
    {"width": _pixels(*WIDTH_PX), "height": _pixels(HEIGHT_PX_MIN)}, needed=("width", "height"), also=(_wide_enough,)
)
_BOUNDS = record(
    {
        **dict.fromkeys(("x", "y"), integer(between(0, _INT32_MAX, Kind.SCHEMA))),
        **dict.fromkeys(("width", "height"), integer(between(1, _INT32_MAX, Kind.SCHEMA))),
    },
    needed=("x", "y", "width", "height"),
)
MENU = record(
    {
        "size": _SIZE,
        "selected": boolean(),
        "name": string(filled, code_points(0, 300)),
        "chatBarText": string(filled, code_points(0, 14), graphemes(14)),
        "areas": array(
            record({"bounds": _BOUNDS, "action": RICH_MENU_ACTION}, needed=("bounds", "action")), size(0, AREAS_MAX)
        ),
    },
    needed=("size", "selected", "name", "chatBarText", "areas"),
    also=(_inside,),
)

_MENU_ID = string(filled)
_ALIAS_ID = string(
    code_points(1, 32), matching(ALIAS_PATTERN, "Only lower-case letters, digits, '-' and '_'", Kind.SCHEMA)
)
ALIAS = record({"richMenuAliasId": _ALIAS_ID, "richMenuId": _MENU_ID}, required=("richMenuAliasId", "richMenuId"))
ALIAS_TARGET = record({"richMenuId": _MENU_ID}, required=("richMenuId",))

_USERS = array(string(matching(r"U[0-9a-f]{32}", "Invalid user ID")), size(1, USERS_MAX, Kind.SCHEMA))
MENU_LINKS = record({"richMenuId": _MENU_ID, "userIds": _USERS}, required=("richMenuId", "userIds"))
MENU_UNLINKS = record({"userIds": _USERS}, required=("userIds",))

_OPERATION = by_type(
    lambda: {
        "link": record({"type": string(), "from": _MENU_ID, "to": _MENU_ID}, required=("from", "to")),
        "unlink": record({"type": string(), "from": _MENU_ID}, required=("from",)),
        "unlinkAll": record({"type": string()}),
    },
    "Invalid operation type",
)
_RESUME_KEY = string(matching(r"[a-zA-Z0-9_-]{1,100}", "Invalid resumeRequestKey", Kind.SCHEMA))
MENU_BATCH = record(
    {
        "operations": array(_OPERATION, size(0, OPERATIONS_MAX, Kind.SCHEMA), size(1, OPERATIONS_MAX)),
        "resumeRequestKey": _RESUME_KEY,
    },
    required=("operations",),
)
