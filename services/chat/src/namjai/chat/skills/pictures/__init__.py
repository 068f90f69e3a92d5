"""Pictures: what the packet of a medicine says, and what may ail the leaf of a plant.

A picture is looked at once, in a fixed shape, and kept nowhere. Nothing that a person reads about a medicine is worded
by a model: it is quoted from the print, or comes from our own table.
"""

from __future__ import annotations

from namjai.chat.skills.pictures.skill import LIFE, SKILL, pictures

__all__ = ["LIFE", "SKILL", "pictures"]
