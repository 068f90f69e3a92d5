"""A turn about a place: what is closest to it, or the question where the person is."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final
from urllib.parse import quote

import msgspec

from namjai.chat.content import LANGUAGES, Language, Meta, load, ui_texts
from namjai.chat.content.lines import Line, Topic
from namjai.chat.domain.carry_out import menu
from namjai.chat.domain.composed import Composed, View, fixed
from namjai.chat.domain.crisis import lines_for
from namjai.chat.domain.doing import doorway
from namjai.chat.domain.messages import Action, Message, column, dial, flex, label, text
from namjai.chat.domain.visit import Visit
from namjai.chat.ports import Desk
from namjai.chat.skills.nearby.nearest import Found, Kind, Service, nearest, read, shipped
from namjai.chat.skills.skill import Skill

NAME: Final = "nearby"
PACKAGE: Final = "namjai.chat.skills.nearby"
TOPICS: Final[tuple[Topic, ...]] = ("drugs", "alcohol", "suicide", "medical")
LINES_MAX: Final = 4
LEAF: Final = "#2F7D5B"
MUTED: Final = "#6B7280"
MAP: Final = "https://www.google.com/maps/search/?api=1&query="
_LOCAL: Final[dict[str, Language]] = {"TH": "th", "TW": "zh-TW"}
"""The language of a country's own maps: what is asked in it is found."""


class Texts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The words of one language."""

    meta: Meta
    ask: str
    share: str
    title: str
    found: str
    far: str
    distance: str
    kinds: dict[Kind, str]
    map: str
    call: str
    unverified: str
    verified: str


@lru_cache(maxsize=8)
def texts(language: Language) -> Texts:
    """The words of a language."""
    return load(PACKAGE, f"texts/{language}.yaml", Texts)


def nearby(file: Path | None = None) -> Skill:
    """The skill with a clinic's own list of services, or with the shipped one. Raises `BadServices`."""
    services = shipped() if file is None else read(file)

    async def turn(visit: Visit, desk: Desk) -> Composed | None:
        """The newest place that was shared, else the question for one."""
        if visit.heard.places:
            return _answer(nearest(visit.heard.places[-1], services), visit)
        return _ask(visit) if visit.doing(NAME) is not None else None

    return Skill(
        name=NAME,
        turn=turn,
        doors=doorway(PACKAGE),
        for_everybody=True,
        hears=frozenset({"location"}),
        preload=_preload,
    )


def _preload() -> None:
    for language in LANGUAGES:
        texts(language)


def _ask(visit: Visit) -> Composed:
    words = texts(visit.view.language)
    return _said([text(words.ask)], [{"type": "location", "label": words.share}], visit.view)


def _answer(found: Sequence[Found], visit: Visit) -> Composed:
    """Where they are tells the country better than the language they write."""
    words = texts(visit.view.language)
    country = found[0].service.country if found else visit.view.country
    lines = lines_for(country, TOPICS, visit.now, limit=LINES_MAX)
    spoken = "\n".join([words.found if found else words.far, *(_line(line, visit.view.language) for line in lines)])
    messages = [text(spoken), *([_card(found, words, visit.view.language)] if found else [])]
    calls = [dial(words.call.format(number=line.number), line.number) for line in lines[:2]]
    return _said(messages, calls, visit.view)


def _line(line: Line, language: Language) -> str:
    return f"☎ {line.number} {line.names[language]}"


def _card(found: Sequence[Found], words: Texts, language: Language) -> Message:
    alt = " · ".join([words.title, *(each.service.names[language] for each in found)])
    parts = [part for each in found for part in _place(each, words, language)]
    unchecked = not all(each.service.verified and each.service.verified_on for each in found)
    notes = [label(words.unverified, size="xxs", color=MUTED, margin="lg")] if unchecked else []
    head = label(words.title, weight="bold", size="lg", color=LEAF)
    return flex(alt, {"type": "bubble", "body": column([head, *parts, *notes], spacing="sm")})


def _place(found: Found, words: Texts, language: Language) -> list[Message]:
    service = found.service
    about = [words.kinds[service.kind], words.distance.format(km=max(1, round(found.km)))]
    if service.verified and service.verified_on:
        about.append(words.verified.format(date=service.verified_on.isoformat()))
    actions = [dial(words.call.format(number=service.telephone), service.telephone)] if service.telephone else []
    actions.append({"type": "uri", "label": words.map, "uri": _map(service)})
    return [
        label(service.names[language], weight="bold", size="sm", margin="lg"),
        label(" · ".join(about), size="xs", color=MUTED),
        *({"type": "button", "style": "secondary", "height": "sm", "action": action} for action in actions),
    ]


def _map(service: Service) -> str:
    """By name, so that a rough position in our table sends nobody to the wrong door."""
    return MAP + quote(service.names[_LOCAL.get(service.country, "en")])


def _said(messages: Sequence[Message], actions: Sequence[Action], view: View) -> Composed:
    buttons = [*actions, *menu(ui_texts(view.speaks), "emergency", "help")]
    return fixed(NAME, texts(view.language).meta, view, messages, buttons)


SKILL: Final = nearby()
"""With the list as it is shipped."""
