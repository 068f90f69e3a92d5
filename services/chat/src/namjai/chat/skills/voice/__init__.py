"""Voice: what people say is heard and shown to them, and an answer is spoken when they ask for it."""

from __future__ import annotations

from namjai.chat.skills.voice.skill import SKILL

__all__ = ["SKILL"]
