"""What Namjai remembers of a person: all of it to see, any of it to forget, and something to keep in mind."""

from __future__ import annotations

from namjai.chat.skills.memory.skill import SKILL

__all__ = ["SKILL"]
