"""All skills there are: this table is the whole list of what Namjai can do."""

from __future__ import annotations

from typing import Final

from namjai.chat.skills import support, voice
from namjai.chat.skills.skill import Skill

ALL: Final[tuple[Skill, ...]] = (voice.SKILL, support.SKILL)
"""In the order in which a picture or a sticker is offered to them."""
