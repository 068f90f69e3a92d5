"""Looks at a picture once: one question in one shape, whoever shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import msgspec

from namjai.chat.domain.state import Person
from namjai.chat.ports import Attachment, Mind, ModelRequest, Read
from namjai.chat.skills.pictures.own_words import for_risk
from namjai.chat.skills.pictures.plants import Plants
from namjai.chat.skills.pictures.reading import Reading, prompt

PURPOSE: Final = "read"


@dataclass(frozen=True)
class Look:
    """The reader of pictures. It goes by the picture and the clinic's table alone, whoever shows it: a reading may be
    kept for the next one who shows the same."""

    plants: Plants

    async def __call__(self, picture: Attachment, person: Person, mind: Mind) -> Read:
        """As the port `Reader` says."""
        request = ModelRequest(
            system=prompt().look.format(version=prompt().meta.version, plants=self.plants.listed),
            text=prompt().ask,
            language="en",
            purpose=PURPOSE,
            guard="data",
            attachments=(picture,),
        )
        found, _ = await mind.fill(request, Reading)
        return Read(for_risk(found), msgspec.to_builtins(found), found.print_language or None)
