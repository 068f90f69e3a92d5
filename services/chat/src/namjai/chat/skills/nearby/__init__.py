"""Nearby: the closest places where there is help, for somebody who shares where they are."""

from __future__ import annotations

from namjai.chat.skills.nearby.skill import SKILL, nearby

__all__ = ["SKILL", "nearby"]
