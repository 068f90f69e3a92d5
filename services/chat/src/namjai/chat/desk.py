"""Lays the desk for a skill: what it may work with for one person and one turn, and nothing of another's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from namjai.chat.adapters.answers.common import CommonAnswers, TurnAnswers
from namjai.chat.adapters.models.mind import Elsewhere
from namjai.chat.media.offering import offered
from namjai.chat.media.sounds import Sounds
from namjai.chat.ports import (
    Addresses,
    Desk,
    MediaDoor,
    Mind,
    Registrar,
    Speaker,
    Spoken,
    TaigiService,
)
from namjai.chat.records import MemberRecords
from namjai.events.uses import ModelUse
from namjai.runtime.journal import Journal

MindFor = Callable[[Callable[[ModelUse], None]], Mind]
"""The models, with somebody who takes down each use."""


@dataclass(frozen=True, kw_only=True)
class Desks:
    """What all desks are laid from. None: this process has no such thing."""

    journal: Journal
    mind: MindFor | None
    model_wait_s: float
    """How long another replica may have been asking a model before this one answers without, seconds."""
    media: MediaDoor | None
    sounds: Sounds
    registrar: Registrar | None = None
    taigi: TaigiService | None = None
    addresses: Addresses | None = None
    answers: CommonAnswers | None = None
    context_tokens_max: int = 1_200

    def lay(self, member: str, uses: list[ModelUse], mine: bool) -> Desk:
        """A desk for one turn; `mine`: this replica may ask the models, else another one does."""
        mind = self._mind(uses, mine)
        speaker = VoiceOf(mind, self.sounds, self.media) if mind is not None and self.media is not None else None
        return Desk(
            records=MemberRecords(self.journal, member),
            mind=mind,
            media=self.media,
            speaker=speaker,
            registrar=self.registrar,
            taigi=self.taigi,
            addresses=self.addresses,
            answers=TurnAnswers(self.answers, mind, uses) if mine and mind and self.answers else None,
            context_tokens_max=self.context_tokens_max,
        )

    def _mind(self, uses: list[ModelUse], mine: bool) -> Mind | None:
        if self.mind is None:
            return None
        return self.mind(uses.append) if mine else Elsewhere(self.model_wait_s)


class VoiceOf(Speaker):
    """A model's voice, where LINE fetches it."""

    def __init__(self, mind: Mind, sounds: Sounds, media: MediaDoor) -> None:
        self._mind = mind
        self._sounds = sounds
        self._media = media

    async def speak(self, member: str, words: str, *, language: str) -> Spoken:
        """As the port says."""
        said = await self._mind.speak(words, language=language)
        return await offered(said, member, self._sounds, self._media)
