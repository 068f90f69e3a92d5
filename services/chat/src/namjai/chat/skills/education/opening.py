"""From what somebody asks for to a leaflet: the library's, else one that is written for them, else what comes near."""

from __future__ import annotations

from typing import Final

from namjai.chat.domain.composed import Composed
from namjai.chat.domain.doing import do
from namjai.chat.domain.visit import Visit
from namjai.chat.ports import Desk, ModelUnavailable
from namjai.chat.skills.education import match, shelf
from namjai.chat.skills.education.generate import TOPIC_CHARS_MAX, Key, NotAboutHealth, leaflet_for
from namjai.chat.skills.education.said import (
    NAME,
    TOPIC,
    TOPICS_OFFERED_MAX,
    agree,
    at,
    leaflet_turn,
    told,
    topic_buttons,
    words,
)
from namjai.chat.skills.education.shelf import entries

ASKED_CHARS_MAX: Final = 60
"""A longer answer to "which topic?" is talk."""


def choose(visit: Visit, page: str = "") -> Composed:
    """Which topic? With the library's topics, a page at a time."""
    topics = list(entries())
    first = int(page) * TOPICS_OFFERED_MAX if page.isdecimal() and len(page) < 3 else 0
    offered = topics[first : first + TOPICS_OFFERED_MAX] or topics[:TOPICS_OFFERED_MAX]
    following = "0" if topics[-1] in offered else str(first // TOPICS_OFFERED_MAX + 1)
    more = do(words(visit).labels["more"], NAME, "open", page=following)
    return told(visit, words(visit).ask_topic, [*topic_buttons(visit, offered), more], at(visit, TOPIC))


def from_library(visit: Visit, topic: str) -> Composed:
    """The library's leaflet on a topic of its own."""
    leaflet = shelf.leaflet(topic, visit.view.language)
    return leaflet_turn(visit, leaflet) if leaflet is not None else choose(visit)


async def about(visit: Visit, said: str, desk: Desk) -> Composed:
    """What was asked for in words, by somebody who wants a leaflet."""
    found = match.find(said)
    if found.topic is not None:
        return from_library(visit, found.topic)
    if found.perhaps:
        write = do(words(visit).labels["write"], NAME, "write", topic=said[:ASKED_CHARS_MAX])
        buttons = [*topic_buttons(visit, found.perhaps), *([write] if _fits(said) and desk.mind is not None else [])]
        return told(visit, words(visit).perhaps, buttons, at(visit, TOPIC, wanted=said[:TOPIC_CHARS_MAX]))
    return await written(visit, said, desk)


async def written(visit: Visit, said: str, desk: Desk) -> Composed:
    """A leaflet that a model writes, by consent; else what the library has instead."""
    topic = " ".join(said.split())
    if desk.mind is None or not visit.calm or not topic or len(topic) > TOPIC_CHARS_MAX:
        return _instead(visit, topic, words(visit).no_model if desk.mind is None else words(visit).not_found)
    if not visit.may_ask_model:
        nearest = topic_buttons(visit, match.nearest(topic))
        return told(visit, words(visit).ask_consent, [agree(visit), *nearest], at(visit, TOPIC, wanted=topic))
    try:
        return leaflet_turn(visit, await leaflet_for(Key.of(topic, visit.view.speaks), desk))
    except NotAboutHealth:
        return _instead(visit, topic, words(visit).not_found)
    except ModelUnavailable:
        return _instead(visit, topic, words(visit).failed)


def is_topic(said: str) -> bool:
    """Whether an answer to "which topic?" can be one: short, and not about the person who gives it."""
    return len(said) <= ASKED_CHARS_MAX and "\n" not in said.strip() and not match.is_about_somebody(said)


def _instead(visit: Visit, topic: str, why: str) -> Composed:
    return told(visit, why, topic_buttons(visit, match.nearest(topic)), at(visit, TOPIC))


def _fits(said: str) -> bool:
    return len(said) <= ASKED_CHARS_MAX
