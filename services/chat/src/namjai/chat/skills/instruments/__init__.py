"""Questionnaires: forms as data, one question at a time, scored by their publishers' rules; never a diagnosis."""

from __future__ import annotations

from namjai.chat.skills.instruments.skill import SKILL, instruments

__all__ = ["SKILL", "instruments"]
