"""What a clinic can change while chat runs: which skills are on, and for whom."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, field_validator

from namjai.chat.skills.registration.skill import needed
from namjai.chat.skills.skill import FALLBACK, Skill, Skills, ordered, topics_of
from namjai.chat.skills.table import ALL

SECTION: Final = "chat"
"""The section of runtime config."""


class ClinicSection(BaseModel):
    """As it is stored; what is None is as the settings say."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    skills: tuple[str, ...] | None = None
    topics_off: frozenset[str] = frozenset()
    """Parts of skills that are not offered here, such as `pictures.plant`."""
    registration: Literal["optional", "required"] = "optional"
    """Required: people whom the clinic does not know get safety, support, their plan, and a way to register."""

    @field_validator("skills")
    @classmethod
    def _are_known(cls, names: tuple[str, ...] | None) -> tuple[str, ...] | None:
        """A section with a name that this release does not know is refused, and the last good one stays."""
        if names is not None:
            ordered(ALL, names)
        return names

    @field_validator("topics_off")
    @classmethod
    def _are_topics(cls, topics: frozenset[str]) -> frozenset[str]:
        if unknown := topics - topics_of(ALL):
            raise ValueError(f"unknown topics: {', '.join(sorted(unknown))}")
        return topics


class SkillsInForce:
    """The skills that are on now: turns that began with others end with them."""

    def __init__(self, default: frozenset[str], known: Sequence[Skill] = ALL) -> None:
        self._default = default
        self._known = known
        self._section = ClinicSection()
        self._skills = self._of(self._section)

    def now(self) -> Skills:
        """The skills for the next turn."""
        return self._skills

    def apply(self, section: ClinicSection) -> None:
        """Take over what the clinic has chosen."""
        if section != self._section:
            self._section, self._skills = section, self._of(section)

    def _of(self, section: ClinicSection) -> Skills:
        names = self._default if section.skills is None else frozenset({*section.skills, FALLBACK})
        refuse = needed if section.registration == "required" else None
        return Skills(ordered(self._known, names), refuse=refuse, off=section.topics_off)
