"""LINE's 400: problems written as its error body."""

import re
from collections.abc import Sequence
from typing import Any

from namjai.devkit.line.check.shape import Kind, Problem

_FLEX = re.compile(r"messages\[(\d+)\]\.contents(?=$|\.|\[)(.*)")
_STEP = re.compile(r"\.([^.\[]+)|\[(\d+)\]")


def _pointer(steps: str) -> str:
    """`.body.contents[2]` → `/body/contents/2`: inside Flex, LINE points the JSON way."""
    return "/" + "/".join(name or index for name, index in _STEP.findall(steps))


def refusal(problems: Sequence[Problem]) -> dict[str, Any] | None:
    """The body of the answer 400, or None where LINE would accept the request."""
    refused = [problem for problem in problems if problem.kind is not Kind.HABIT]
    if not refused:
        return None
    for problem in refused:
        if problem.property in ("to", "replyToken") and problem.kind is Kind.LIMIT:
            return {
                "message": f"The property, '{problem.property}', in the request body is invalid (line: -, column: -)"
            }
    in_flex = [(match, problem) for problem in refused if (match := _FLEX.match(problem.property))]
    if len(in_flex) == len(refused):
        first = in_flex[0][0].group(1)
        return {
            "message": f"A message (messages[{first}]) in the request body is invalid",
            "details": [
                {"message": problem.message, "property": _pointer(match.group(2))} for match, problem in in_flex
            ],
        }
    return {
        "message": f"The request body has {len(refused)} error(s)",
        "details": [{"message": problem.message, "property": problem.property} for problem in refused],
    }
