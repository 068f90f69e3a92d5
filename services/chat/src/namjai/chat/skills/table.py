"""All skills there are: this table is the whole list of what Namjai can do."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Final

from namjai.chat.skills import (
    coping,
    diary,
    education,
    instruments,
    interpreter,
    memory,
    nearby,
    pictures,
    plan,
    registration,
    support,
    voice,
)
from namjai.chat.skills.skill import Skill


def table(
    *,
    forms: Path | None = None,
    services: Path | None = None,
    plants: Path | None = None,
    picture_life: timedelta = pictures.LIFE,
) -> tuple[Skill, ...]:
    """The skills, in the order in which a picture or a sticker is offered to them; `forms` is the directory in which a
    clinic keeps what it says about questionnaires, `services` its own list of places to go to, `plants` its own table
    of plants. A picture that we have a question about is remembered for `picture_life`."""
    return (
        voice.SKILL,
        instruments.instruments(forms),
        coping.SKILL,
        diary.SKILL,
        plan.SKILL,
        interpreter.SKILL,
        education.SKILL,
        pictures.pictures(plants, life=picture_life),
        memory.SKILL,
        registration.SKILL,
        nearby.nearby(services),
        support.SKILL,
    )


ALL: Final[tuple[Skill, ...]] = table()
"""With what is shipped."""
