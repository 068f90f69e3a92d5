"""Request bodies of the calls that a bot makes."""

from namjai.devkit.line.check.messages import MESSAGES
from namjai.devkit.line.check.rules import Kind, between, code_points, filled, matching, multiple_of, size
from namjai.devkit.line.check.shape import array, boolean, integer, record, string

_UNIT_NAME = r"[a-zA-Z0-9_]{1,30}"
_QUIET = {"notificationDisabled": boolean()}
_USER = string(matching(r"U[0-9a-f]{32}", "Invalid user ID"))

REPLY = record({"replyToken": string(filled), "messages": MESSAGES, **_QUIET}, required=("replyToken", "messages"))
PUSH = record(
    {
        "to": string(matching(r"[UCR][0-9a-f]{32}", "Invalid ID")),
        "messages": MESSAGES,
        "customAggregationUnits": array(string(matching(_UNIT_NAME, "Invalid aggregation unit")), size(0, 1)),
        **_QUIET,
    },
    required=("to", "messages"),
)
MULTICAST = record(
    {
        "to": array(_USER, size(1, 500, Kind.SCHEMA)),
        "messages": MESSAGES,
        "customAggregationUnits": array(
            string(code_points(1, 30), matching(_UNIT_NAME, "Invalid aggregation unit", Kind.SCHEMA)),
            size(0, 1, Kind.SCHEMA),
        ),
        **_QUIET,
    },
    required=("to", "messages"),
)
BROADCAST = record({"messages": MESSAGES, **_QUIET}, required=("messages",))
VALIDATE = record({"messages": MESSAGES}, required=("messages",))
LOADING = record(
    {"chatId": _USER, "loadingSeconds": integer(between(5, 60, Kind.SCHEMA), multiple_of(5))}, required=("chatId",)
)
MARK_AS_READ = record({"markAsReadToken": string(filled)}, required=("markAsReadToken",))
