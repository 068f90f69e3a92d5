"""A leaflet in other words: simpler, for somebody else, as somebody asks, or in another language."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from namjai.chat.content import LANGUAGES, TONGUES, Tongue, own_name, tongue_named
from namjai.chat.domain.composed import Composed
from namjai.chat.domain.doing import do
from namjai.chat.domain.messages import Action
from namjai.chat.domain.visit import Visit
from namjai.chat.ports import Desk, ModelUnavailable
from namjai.chat.skills.education import prompts, shelf
from namjai.chat.skills.education.generate import CHANGE_CHARS_MAX, changed, translated
from namjai.chat.skills.education.leaflet import Leaflet
from namjai.chat.skills.education.said import CHANGE, NAME, READING, TONGUE, agree, at, back, leaflet_turn, told, words

CHANGES: Final = ("simpler", "shorter", "child", "family")


def ask_change(visit: Visit, leaflet: Leaflet) -> Composed:
    """How shall it change?"""
    labels = words(visit).labels
    offered = [do(labels[how], NAME, "change", how=how, leaflet=leaflet.id) for how in CHANGES]
    return told(
        visit, words(visit).ask_change, [*offered, back(visit, leaflet.id)], at(visit, CHANGE, leaflet=leaflet.id)
    )


async def change(visit: Visit, leaflet: Leaflet, how: str, desk: Desk) -> Composed:
    """The leaflet reworded; `how` is one of `CHANGES`, or the person's own words."""
    if len(how) > CHANGE_CHARS_MAX:
        return told(
            visit, words(visit).change_too_long, [back(visit, leaflet.id)], at(visit, CHANGE, leaflet=leaflet.id)
        )
    return await _by_model(visit, leaflet, lambda: changed(leaflet, how, desk), desk)


def ask_tongue(visit: Visit, leaflet: Leaflet, question: str | None = None) -> Composed:
    """Into which language?"""
    others: list[Action] = [
        do(own_name(tongue), NAME, "translate", to=tongue, leaflet=leaflet.id)
        for tongue in TONGUES
        if tongue != leaflet.language
    ]
    asked = question or words(visit).ask_tongue
    return told(visit, asked, [*others, back(visit, leaflet.id)], at(visit, TONGUE, leaflet=leaflet.id))


async def translate(visit: Visit, leaflet: Leaflet, named: str, desk: Desk) -> Composed:
    """The leaflet in the language that was named; what the library has in it needs no model."""
    tongue = _tongue(named)
    if tongue is None:
        return ask_tongue(visit, leaflet, words(visit).unknown_tongue)
    if tongue == leaflet.language:
        return ask_tongue(visit, leaflet, words(visit).same_tongue)
    if leaflet.origin == "library":
        language = next((language for language in LANGUAGES if language == tongue), None)
        ours = shelf.leaflet(leaflet.topic, language, based_on=leaflet.id) if language is not None else None
        if ours is not None:
            return leaflet_turn(visit, ours)
    return await _by_model(visit, leaflet, lambda: translated(leaflet, tongue, desk), desk)


async def _by_model(visit: Visit, leaflet: Leaflet, make: Callable[[], Awaitable[Leaflet]], desk: Desk) -> Composed:
    """What the model makes of it, by consent; else the leaflet stays as it is."""
    refusal = words(visit).no_model if desk.mind is None else None
    if refusal is None and not visit.may_ask_model:
        refusal = words(visit).consent_to_change
    if refusal is None and not visit.calm:
        refusal = words(visit).failed_change
    here = at(visit, READING, leaflet=leaflet.id)
    if refusal is not None:
        ways = [agree(visit)] if refusal == words(visit).consent_to_change else []
        return told(visit, refusal, [*ways, back(visit, leaflet.id)], here)
    try:
        return leaflet_turn(visit, await make())
    except ModelUnavailable:
        return told(visit, words(visit).failed_change, [back(visit, leaflet.id)], here, content=(prompts.version(),))


def _tongue(named: str) -> Tongue | None:
    return next((tongue for tongue in TONGUES if tongue == named), None) or tongue_named(named)
