"""The safety plan: six steps in the person's own words, one tap away, theirs to change and to share.

To write one is to ask that it be kept: that is said once, and needs no other consent. It needs no model either.
"""

from __future__ import annotations

from namjai.chat.skills.plan.skill import SKILL

__all__ = ["SKILL"]
