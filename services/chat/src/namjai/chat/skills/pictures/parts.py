"""The pieces of a turn about pictures, and what is said where there is nothing to tell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from namjai.chat.content import ui_texts
from namjai.chat.domain.carry_out import menu
from namjai.chat.domain.commands import AGREE
from namjai.chat.domain.composed import FIXED, MESSAGES_MAX, Composed
from namjai.chat.domain.heard import Media
from namjai.chat.domain.messages import QUICK_REPLIES_MAX, Action, press, text, with_quick_replies
from namjai.chat.domain.visit import Visit
from namjai.chat.skills.pictures.medicine import NAME
from namjai.chat.skills.pictures.mixing import mixing
from namjai.chat.skills.pictures.reading import Reading
from namjai.chat.skills.pictures.texts import texts
from namjai.events import Fact

MEDICINE: Final = "medicine"
PLANT: Final = "plant"
TOPICS: Final = frozenset({MEDICINE, PLANT})


@dataclass(frozen=True)
class Part:
    """A piece of a turn."""

    messages: tuple[str, ...] = ()
    actions: tuple[Action, ...] = ()
    facts: tuple[Fact, ...] = ()


def is_on(topic: str, visit: Visit) -> bool:
    """Whether the clinic has this topic on."""
    return f"{NAME}.{topic}" in visit.scene.skills


def nothing_to_tell(images: Sequence[Media], found: Sequence[Reading], visit: Visit) -> Part:
    """Why there is nothing to tell about any of the pictures."""
    words = texts(visit.view.language)
    if any(reading.kind == "unclear" for reading in found):
        return Part((words.unclear,))
    if found:
        return Part((f"{words.other}\n\n{can(visit)}",))
    unread = next((media.unread for media in reversed(images) if media.unread is not None), None)
    if unread is None:
        unread = "failed" if images else "no_model"
    allow = (press(words.labels["allow"], AGREE),) if unread == "no_consent" else ()
    return Part((words.unread[unread],), allow)


def opened(visit: Visit) -> Composed:
    """What can be sent, with a button to the camera."""
    words = texts(visit.view.language)
    allow = (press(words.labels["allow"], AGREE),) if not visit.may_ask_model else ()
    camera: tuple[Action, ...] = ({"type": "camera", "label": "📷"}, {"type": "cameraRoll", "label": "🖼"})
    return tell(visit, Part((can(visit),), (*camera, *allow)))


def can(visit: Visit) -> str:
    """What pictures can be read here."""
    words = texts(visit.view.language)
    topics = ((MEDICINE, words.open_medicine), (PLANT, words.open_plant))
    return "\n".join([words.open, *(line for topic, line in topics if is_on(topic, visit))])


def tell(visit: Visit, *parts: Part) -> Composed:
    """The parts as one turn; what does not fit any more is the last, which matters least."""
    view = visit.view
    meta = texts(view.language).meta
    messages = [text(words) for part in parts for words in part.messages][:MESSAGES_MAX]
    actions = [action for part in parts for action in part.actions]
    always = menu(ui_texts(view.speaks), "emergency", "help")
    content = (f"{NAME}/{view.language}@{meta.version}", f"{NAME}/mixing@{mixing().meta.version}")
    return Composed(
        with_quick_replies(messages, [*actions[: QUICK_REPLIES_MAX - len(always)], *always]),
        "skill",
        FIXED,
        view.speaks,
        content,
        meta.status,
        facts=tuple(fact for part in parts for fact in part.facts)[-1:],
    )
