"""A turn of support: the curated reply that fits, in a model's words where the person allows it."""

from __future__ import annotations

from typing import Final

from namjai.chat.content import LANGUAGES, UI_LANGUAGES, command_words, crisis_texts, lines, ui_texts
from namjai.chat.domain import guard
from namjai.chat.domain.composed import OFFLINE, Composed
from namjai.chat.domain.language import fold, warm
from namjai.chat.domain.messages import Action, press, say, text, with_quick_replies
from namjai.chat.domain.visit import Visit
from namjai.chat.ports import Desk, ModelRequest, ModelUnavailable
from namjai.chat.skills.skill import FALLBACK, Skill
from namjai.chat.skills.support.library import QuickReply, Reply, replies
from namjai.chat.skills.support.respond import respond, respond_to_kind
from namjai.chat.skills.support.understand import understand

SHOWN: Final = frozenset(
    {"sadness", "anger", "anxiety", "loneliness", "shame", "sleep", "thanks", "greeting", "goodbye"}
)
"""What a sticker is answered for, of the intents."""


async def turn(visit: Visit, desk: Desk) -> Composed:
    """Always an answer: what people wrote, or a model's words in its place."""
    curated = _curated(visit)
    question = guard.question(visit, curated)
    if question is None or desk.mind is None:
        return curated
    language = curated.language
    try:
        answer = await desk.mind.write(
            ModelRequest(system=guard.system_prompt(language), text=question, language=language)
        )
    except ModelUnavailable:  # counted where it happened
        return curated
    return guard.reworded(curated, answer.text, answer.model)


def _curated(visit: Visit) -> Composed:
    reply = _reply(visit)
    return Composed(
        with_quick_replies([text(_in_english(visit) + reply.text)], [_button(offer) for offer in reply.quick_replies]),
        "support",
        OFFLINE,
        visit.view.speaks,
        (reply.id,),
        reply.status,
        reply.intent,
        reply.stage,
    )


def _in_english(visit: Visit) -> str:
    """Why the answer is in English, to somebody who begins to write in a language that has no answers yet."""
    begins = visit.person.last_language != visit.view.speaks
    why = ui_texts(visit.view.speaks).in_english
    return f"{why}\n\n" if begins and why else ""


def _reply(visit: Visit) -> Reply:
    person, language = visit.person, visit.view.language
    stage = person.stage if "chat" in visit.view.consents else None  # earlier talk is used by consent only
    if words := visit.words or _shown(visit.heard.stickers):
        return respond(words, language=language, recent_reply_ids=person.recent_content, stage=stage, seed=visit.seed)
    kind = visit.kinds[-1] if visit.kinds else "text"
    return respond_to_kind(
        kind, language=language, recent_reply_ids=person.recent_content, stage=stage, seed=visit.seed
    )


def _shown(stickers: tuple[str, ...]) -> str:
    """The first word for a sticker that tells a feeling or greets; the others may mean anything."""
    return next((word for word in stickers if understand(word).intent in SHOWN), "")


def _button(offer: QuickReply) -> Action:
    return press(offer.label, f"cmd={offer.command}") if offer.command else say(offer.label)


def preload() -> None:
    """Fill every cache of content."""
    for spoken in UI_LANGUAGES:
        ui_texts(spoken)
    warm()
    for language in LANGUAGES:
        crisis_texts(language)
        replies(language)
    lines()
    command_words()
    understand(fold("preload"))


SKILL: Final = Skill(name=FALLBACK, turn=turn, for_everybody=True, preload=preload)
