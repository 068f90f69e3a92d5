"""A turn of support: the curated reply that fits, in a model's words where the person allows it."""

from __future__ import annotations

from typing import Final

from namjai.chat import remembered
from namjai.chat.content import LANGUAGES, UI_LANGUAGES, UiLanguage, command_words, crisis_texts, lines, ui_texts
from namjai.chat.domain import guard
from namjai.chat.domain.composed import Composed
from namjai.chat.domain.doing import doorway
from namjai.chat.domain.language import fold, warm
from namjai.chat.domain.visit import Visit
from namjai.chat.ports import Desk, ModelRequest, ModelUnavailable, Said
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
    try:
        answer = await desk.mind.write(await _request(visit, desk, said.composed.language, question))
    except ModelUnavailable:  # counted where it happened
        return said.composed
    return guard.reworded(said.composed, answer.text, answer.model)


async def _request(visit: Visit, desk: Desk, language: UiLanguage, question: str) -> ModelRequest:
    """The words of this turn; by consent also what was said and remembered before. That goes first, and with the
    person's words, so that both sides still take turns."""
    earlier = await remembered.context(visit, desk)
    words = [each for turn in earlier.turns for each in (Said("person", turn.asked), Said("namjai", turn.said))]
    first, *others = [*words, Said("person", question)]
    opening = f"{earlier.remembered}\n\n{first.text}" if earlier.remembered else first.text
    *history, last = [Said("person", opening), *others]
    return ModelRequest(system=guard.system_prompt(language), text=last.text, language=language, history=tuple(history))


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
