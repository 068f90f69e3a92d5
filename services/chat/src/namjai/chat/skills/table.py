"""All skills there are: this table is the whole list of what Namjai can do."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from namjai.chat.skills import coping, education, instruments, interpreter, nearby, plan, registration, support, voice
from namjai.chat.skills.skill import Skill


def table(*, forms: Path | None = None, services: Path | None = None) -> tuple[Skill, ...]:
    """The skills, in the order in which a picture or a sticker is offered to them; `forms` is the directory in which a
    clinic keeps what it says about questionnaires, `services` its own list of places to go to."""
    return (
        voice.SKILL,
        instruments.instruments(forms),
        coping.SKILL,
        plan.SKILL,
        interpreter.SKILL,
        education.SKILL,
        registration.SKILL,
        nearby.nearby(services),
        support.SKILL,
    )


ALL: Final[tuple[Skill, ...]] = table()
"""With what is shipped."""
