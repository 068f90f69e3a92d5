"""The plan itself: what the person wrote in each step, as the newest facts say, and what a new line makes of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final, Literal

from namjai.chat.skills.plan.texts import STEPS
from namjai.events.plan import PlanStep, PlanWritten

Page = Mapping[PlanStep, tuple[str, ...]]
"""Every step, each with its lines; an empty one has none."""

LINE_CHARS_MAX: Final = 120
LINES_MAX: Final = 8
STEP_CHARS_MAX: Final = 400
"""A plan is read in a bad moment; and all six steps have to fit into one bubble (LINE: 30 KB)."""
_BREAKS: Final = re.compile(r"[\n;；]+")
_EDGES: Final = " \t•-–*·"

Fate = Literal["noted", "cut", "full"]


def page(written: Iterable[PlanWritten]) -> Page:
    """The plan that these facts, oldest first, leave. Words that cannot be read any more are not there."""
    found: dict[PlanStep, tuple[str, ...]] = dict.fromkeys(STEPS, ())
    for fact in written:
        found[fact.step] = tuple(line for line in fact.text.get("").split("\n") if line)
    return found


def added(lines: tuple[str, ...], said: Iterable[str]) -> tuple[tuple[str, ...], Fate]:
    """The step's lines with what was said now, each once, as far as there is room."""
    kept, fate = list(lines), "noted"
    for line in (part.strip(_EDGES) for words in said for part in _BREAKS.split(words)):
        if not line or line in kept:
            continue
        if len(line) > LINE_CHARS_MAX:
            line, fate = f"{line[: LINE_CHARS_MAX - 1].rstrip()}…", "cut"
        if len(kept) >= LINES_MAX or sum(map(len, kept)) + len(line) > STEP_CHARS_MAX:
            return tuple(kept), "full"
        kept.append(line)
    return tuple(kept), "cut" if fate == "cut" else "noted"


def is_blank(plan: Page) -> bool:
    """Whether nothing is written in any step."""
    return not any(plan.values())


def after(step: PlanStep) -> PlanStep | None:
    """The step that follows; None after the last one."""
    following = STEPS.index(step) + 1
    return STEPS[following] if following < len(STEPS) else None


def ahead_of(step: PlanStep) -> PlanStep:
    """The step before; the first one where there is none."""
    return STEPS[max(STEPS.index(step) - 1, 0)]


def first_blank(plan: Page) -> PlanStep:
    """Where there is still something to write; the first step where every one has words."""
    return next((step for step in STEPS if not plan[step]), STEPS[0])
