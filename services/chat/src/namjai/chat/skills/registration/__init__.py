"""Registration: a code from the clinic, and a one-time code by e-mail where the clinic asks for that too."""

from __future__ import annotations

from namjai.chat.skills.registration.skill import SKILL

__all__ = ["SKILL"]
