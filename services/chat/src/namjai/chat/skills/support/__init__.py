"""The supporter without a model: reads intent and stage by rules, answers with curated words.

`respond` is the whole interface: pure, and the same answer for the same seed. Safety is not decided here: a verdict
of the screener overrides anything this skill would say.
"""

from __future__ import annotations

from namjai.chat.skills.support.library import Reply
from namjai.chat.skills.support.respond import RECENT_MAX, respond, respond_to_kind
from namjai.chat.skills.support.skill import SKILL
from namjai.chat.skills.support.understand import Reading, understand

__all__ = [
    "RECENT_MAX",
    "SKILL",
    "Reading",
    "Reply",
    "respond",
    "respond_to_kind",
    "understand",
]
