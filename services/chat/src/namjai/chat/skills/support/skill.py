"""A turn of support: the curated reply that fits, in a model's words where the person allows it."""

from __future__ import annotations

from typing import Final

from namjai.chat.content import LANGUAGES, UI_LANGUAGES, command_words, crisis_texts, lines, ui_texts
from namjai.chat.domain import guard
from namjai.chat.domain.composed import Composed
from namjai.chat.domain.doing import doorway
from namjai.chat.domain.language import fold, warm
from namjai.chat.domain.visit import Visit
from namjai.chat.ports import Desk, ModelRequest, ModelUnavailable
from namjai.chat.skills.skill import FALLBACK, Skill
from namjai.chat.skills.support.library import replies
from namjai.chat.skills.support.listening import listening
from namjai.chat.skills.support.notice import notice
from namjai.chat.skills.support.talk import curated
from namjai.chat.skills.support.understand import understand


async def turn(visit: Visit, desk: Desk) -> Composed:
    """Always an answer: what people wrote, or a model's words in its place."""
    said = curated(visit)
    question = None if said.fixed else guard.question(visit, said.composed)
    if question is None or desk.mind is None:
        return said.composed
    language = said.composed.language
    try:
        answer = await desk.mind.write(
            ModelRequest(system=guard.system_prompt(language), text=question, language=language)
        )
    except ModelUnavailable:  # counted where it happened
        return said.composed
    return guard.reworded(said.composed, answer.text, answer.model)


def preload() -> None:
    """Fill every cache of content."""
    for spoken in UI_LANGUAGES:
        ui_texts(spoken)
    warm()
    for language in LANGUAGES:
        crisis_texts(language)
        replies(language)
        listening(language)
    lines()
    command_words()
    notice(fold("preload"), understand(fold("preload")).intent)


SKILL: Final = Skill(
    name=FALLBACK,
    turn=turn,
    doors=doorway("namjai.chat.skills.support"),
    for_everybody=True,
    preload=preload,
)
