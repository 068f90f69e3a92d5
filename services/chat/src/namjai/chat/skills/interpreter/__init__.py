"""Interpreting between patient and clinician: plain words first, then the other language, turn by turn."""

from __future__ import annotations

from namjai.chat.skills.interpreter.skill import SKILL

__all__ = ["SKILL"]
