"""A diary of craving, mood and use: a minute a day, looked at rather than read, with reminders for those who ask."""

from __future__ import annotations

from namjai.chat.skills.diary.skill import SKILL

__all__ = ["SKILL"]
