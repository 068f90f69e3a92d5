"""Leaflets about an illness or a substance: from the library first, else written by a model and said to be so."""

from __future__ import annotations

from namjai.chat.skills.education.skill import SKILL

__all__ = ["SKILL"]
