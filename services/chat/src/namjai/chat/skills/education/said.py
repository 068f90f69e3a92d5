"""The turns of this skill: a leaflet with its buttons, a question, a word that something is not possible."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any, Final

from namjai.chat.domain.commands import AGREE
from namjai.chat.domain.composed import FIXED, Composed
from namjai.chat.domain.doing import do
from namjai.chat.domain.messages import Action, press, text, with_quick_replies
from namjai.chat.domain.visit import Visit, closed, moved
from namjai.chat.skills.education import show
from namjai.chat.skills.education.leaflet import Leaflet, recorded
from namjai.chat.skills.education.shelf import entries
from namjai.chat.skills.education.texts import Texts, texts
from namjai.events import Fact, Sealed
from namjai.events.conversation import FlowMoved
from namjai.events.leaflet import LeafletMade

NAME: Final = "education"
OPEN_FOR: Final = timedelta(minutes=30)
TOPICS_OFFERED_MAX: Final = 11

TOPIC, READING, CHANGE, TONGUE, ADDRESS, CONFIRM = "topic", "reading", "change", "tongue", "address", "confirm"


def words(visit: Visit) -> Texts:
    """The texts in the person's language."""
    return texts(visit.view.language)


def at(visit: Visit, step: str, **slots: Any) -> FlowMoved:
    """The fact that the conversation stands here; it is forgotten after half an hour."""
    return moved(NAME, step, slots, until=visit.now + OPEN_FOR)


def told(
    visit: Visit, words_said: str, buttons: Sequence[Action] = (), *facts: Fact, content: Iterable[str] = ()
) -> Composed:
    """Words of ours."""
    version = f"{NAME}/{visit.view.language}@{words(visit).meta.version}"
    return Composed(
        messages=with_quick_replies([text(words_said)], list(buttons)),
        kind="skill",
        responder=FIXED,
        language=visit.view.speaks,
        content=(version, *content),
        review=words(visit).meta.status,
        facts=facts,
    )


def leaflet_turn(visit: Visit, leaflet: Leaflet, *, is_new: bool = True) -> Composed:
    """The leaflet, what can be done with it, and that it was made."""
    facts: list[Fact] = [made(visit, leaflet)] if is_new else []
    return Composed(
        messages=with_quick_replies(show.shown(leaflet, visit.view, visit.now), buttons(visit, leaflet)),
        kind="skill",
        responder=FIXED if leaflet.model is None else leaflet.model,
        language=visit.view.speaks,
        content=(f"{NAME}/{leaflet.id}" if leaflet.origin == "library" else leaflet.version,),
        review=leaflet.review,
        facts=(*facts, at(visit, READING, leaflet=leaflet.id)),
    )


def made(visit: Visit, leaflet: Leaflet) -> LeafletMade:
    """What goes on record: the leaflet as it was shown, with the lines that were in it."""
    return LeafletMade(
        leaflet=leaflet.id,
        source=leaflet.origin,
        based_on=leaflet.based_on,
        topic=Sealed(leaflet.topic),
        language=leaflet.language,
        level=leaflet.level,
        version=leaflet.version,
        review=leaflet.review,
        body=Sealed(recorded(leaflet, show.contacts(leaflet, visit.view, visit.now))),
    )


def buttons(visit: Visit, leaflet: Leaflet) -> list[Action]:
    """What can be done with a leaflet; each names it, so that it may be pressed late."""
    labels = words(visit).labels
    about = {"leaflet": leaflet.id}
    speak = [do(labels["speak"], "voice", "speak")] if "voice" in visit.scene.skills else []
    return [
        do(labels["translate"], NAME, "translate", **about),
        do(labels["simpler"], NAME, "change", how="simpler", **about),
        do(labels["modify"], NAME, "modify", **about),
        do(labels["mail"], NAME, "mail", **about),
        *speak,
        do(labels["sources"], NAME, "sources", **about),
        do(labels["new"], NAME, "open"),
    ]


def topic_buttons(visit: Visit, topics: Iterable[str]) -> list[Action]:
    """A button for each topic of the library."""
    known = entries()
    return [do(known[topic].names[visit.view.language], NAME, "leaflet", topic=topic) for topic in topics]


def back(visit: Visit, leaflet: str) -> Action:
    """To the leaflet as it was."""
    return do(words(visit).labels["back"], NAME, "show", leaflet=leaflet)


def agree(visit: Visit) -> Action:
    """The consent to an outside model."""
    return press(words(visit).labels["agree"], AGREE)


def end(visit: Visit, words_said: str, *buttons_under: Action) -> Composed:
    """The conversation about leaflets is over."""
    return told(visit, words_said, buttons_under, closed(NAME))
