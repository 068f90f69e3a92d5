"""Guided exercises for a craving or a hard moment: one step a message, at the person's own pace, with a rating before
and after."""

from __future__ import annotations

from namjai.chat.skills.coping.skill import SKILL

__all__ = ["SKILL"]
