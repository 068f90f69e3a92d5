"""A leaflet as LINE shows it: a carousel of bubbles, and in words for those who hear it read or get no bubbles."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

import regex

from namjai.chat.content import Language, Line, crisis_texts
from namjai.chat.domain import crisis
from namjai.chat.domain.composed import View
from namjai.chat.domain.messages import (
    ALT_TEXT_MAX,
    LABEL_GRAPHEMES_MAX,
    Action,
    Message,
    column,
    dial,
    flex,
    graphemes,
    label,
    utf16,
)
from namjai.chat.skills.education.leaflet import Leaflet, Reference
from namjai.chat.skills.education.shelf import entries
from namjai.chat.skills.education.texts import Texts, texts

BUBBLES_MAX: Final = 12
CAROUSEL_BYTES_MAX: Final = 48 * 1_024
"""LINE takes 50 KB; counted here as it is sent, with every Thai letter written out as six bytes."""
LINES_MAX: Final = 3
LINKS_MAX: Final = 6

_INK, _MUTED, _PAPER = "#1F2937", "#6B7280", "#FFFFFF"
_LIBRARY, _MADE = "#0F766E", "#B45309"
_LIBRARY_PALE, _MADE_PALE = "#F0FDFA", "#FFFBEB"
_GRAPHEME: Final = regex.compile(r"\X")


def shown(leaflet: Leaflet, view: View, now: datetime) -> tuple[Message, ...]:
    """The leaflet as messages: one carousel, or more where it is longer than LINE lets one be."""
    bubbles = list(_bubbles(leaflet, view, now))
    summary = in_short(leaflet, view.language)
    return tuple(
        flex(summary if n == 0 else leaflet.body.title, {"type": "carousel", "contents": part})
        for n, part in enumerate(_packed(bubbles))
    )


def contacts(leaflet: Leaflet, view: View, now: datetime) -> tuple[Line, ...]:
    """The help lines that fit the topic, from the table and from nowhere else."""
    entry = entries().get(leaflet.topic)
    wanted = entry.lines if entry is not None else ("medical", "health")
    return crisis.lines_for(view.country, wanted, now, limit=LINES_MAX)


def standing(leaflet: Leaflet, words: Texts) -> str:
    """Who wrote it and who has read it, as it is."""
    if leaflet.origin != "library":
        return words.notes[leaflet.origin]
    if leaflet.review == "reviewed" and leaflet.reviewer and leaflet.reviewed_on:
        return words.notes["reviewed"].format(reviewer=leaflet.reviewer, date=leaflet.reviewed_on.isoformat())
    return words.notes["draft"]


def in_short(leaflet: Leaflet, language: Language) -> str:
    """The whole leaflet in a few lines: what a notification shows, and what is read aloud."""
    body, words = leaflet.body, texts(language)
    parts = [
        body.title,
        body.overview,
        *(f"• {section.heading}" for section in body.topics),
        f"{words.heads['actions']}:",
        *(f"{n}. {action}" for n, action in enumerate(body.actions, 1)),
        standing(leaflet, words),
    ]
    return clipped("\n".join(parts), ALT_TEXT_MAX)


def clipped(words: str, utf16_max: int) -> str:
    """As much as fits, ending with a whole letter."""
    if utf16(words) <= utf16_max:
        return words
    kept, length = [], 1
    for grapheme in _GRAPHEME.findall(words):
        length += utf16(grapheme)
        if length > utf16_max:
            break
        kept.append(grapheme)
    return "".join(kept).rstrip() + "…"


def _packed(bubbles: Sequence[Message]) -> Iterator[list[Message]]:
    """As many bubbles in one carousel as LINE takes."""
    part: list[Message] = []
    for bubble in bubbles:
        if part and (len(part) == BUBBLES_MAX or _size([*part, bubble]) > CAROUSEL_BYTES_MAX):
            yield part
            part = []
        part.append(bubble)
    yield part


def _size(bubbles: Sequence[Message]) -> int:
    return len(json.dumps({"type": "carousel", "contents": bubbles}).encode())


def _bubbles(leaflet: Leaflet, view: View, now: datetime) -> Iterator[Message]:
    words, body = texts(view.language), leaflet.body
    colour = _MADE if leaflet.is_written_by_model else _LIBRARY
    yield _cover(leaflet, words, colour)
    for n, section in enumerate(body.topics, 1):
        yield _bubble(
            f"{words.heads['topic']} {n}/{len(body.topics)}",
            colour,
            [label(section.heading, weight="bold", size="lg", color=_INK), _paragraph(section.text)],
        )
    yield _bubble(words.heads["questions"], colour, list(_questions(leaflet)))
    yield _bubble(words.heads["actions"], colour, [_step(n, each, colour) for n, each in enumerate(body.actions, 1)])
    yield _bubble(words.heads["contact"], colour, list(_contact(leaflet, view, words, colour, now)))
    if leaflet.cited or (leaflet.is_written_by_model and leaflet.references):
        yield references_bubble(leaflet, words)


def _cover(leaflet: Leaflet, words: Texts, colour: str) -> Message:
    pale = _MADE_PALE if leaflet.is_written_by_model else _LIBRARY_PALE
    return {
        "type": "bubble",
        "header": column([label(leaflet.body.title, weight="bold", size="xl", color=_PAPER)], backgroundColor=colour),
        "body": column(
            [
                _paragraph(leaflet.body.overview, size="md"),
                column(
                    [label(standing(leaflet, words), size="xs", color=colour)],
                    backgroundColor=pale,
                    paddingAll="md",
                    cornerRadius="md",
                    margin="xl",
                ),
                label(words.notes["general"], size="xxs", color=_MUTED, margin="md"),
            ]
        ),
    }


def _bubble(head: str, colour: str, contents: Sequence[Message]) -> Message:
    title = label(head, weight="bold", size="xs", color=colour)
    return {"type": "bubble", "body": column([title, *contents], spacing="md")}


def _paragraph(words: str, size: str = "sm") -> Message:
    return label(words, size=size, color=_INK, lineSpacing="6px")


def _questions(leaflet: Leaflet) -> Iterator[Message]:
    for n, each in enumerate(leaflet.body.questions):
        if n:
            yield {"type": "separator", "margin": "md"}
        yield label(each.question, weight="bold", size="sm", color=_INK)
        yield _paragraph(each.answer)


def _step(n: int, words: str, colour: str) -> Message:
    """A number in a disc, and what to do."""
    disc = column(
        [{"type": "text", "text": str(n), "size": "xs", "weight": "bold", "color": _PAPER, "align": "center"}],
        backgroundColor=colour,
        cornerRadius="12px",
        width="24px",
        height="24px",
        justifyContent="center",
        flex=0,
    )
    return {
        "type": "box",
        "layout": "horizontal",
        "spacing": "md",
        "contents": [disc, label(words, size="sm", color=_INK, flex=1, lineSpacing="4px")],
    }


def _contact(leaflet: Leaflet, view: View, words: Texts, colour: str, now: datetime) -> Iterator[Message]:
    about = crisis_texts(view.language).lines
    chosen = contacts(leaflet, view, now)
    for line in chosen:
        yield label(line.names[view.language], weight="bold", size="sm", color=_INK)
        yield {
            "type": "button",
            "style": "primary",
            "height": "sm",
            "color": colour,
            "action": dial(words.call.format(number=line.number), line.number),
        }
    if any(not line.verified for line in chosen):
        yield label(about.unverified, size="xxs", color=_MUTED)
    yield label(words.notes["general"], size="xxs", color=_MUTED)


def references_bubble(leaflet: Leaflet, words: Texts) -> Message:
    """What was taken from where; the only links of others that we show, as their source gives them."""
    parts: list[Message] = []
    if leaflet.cited:
        parts.append(label(words.cited, weight="bold", size="sm", color=_INK))
    for each in leaflet.cited:
        marks = " ".join(f"[{number + 1}]" for number in each.references)
        parts.append(label(f"“{each.text}” {marks}", size="xs", color=_INK))
    linked = 0
    for n, each_reference in enumerate(leaflet.references, 1):
        action = _visit(n, each_reference) if linked < LINKS_MAX else None
        if action is None:
            parts.append(label(_named(n, each_reference), size="xs", color=_INK))
        else:
            linked += 1
            parts.append({"type": "button", "style": "link", "height": "sm", "action": action})
    if linked:
        parts.append(label(words.sources_expire, size="xxs", color=_MUTED))
    if leaflet.searches:
        parts.append(label(f"{words.heads['searches']}: {' · '.join(leaflet.searches)}", size="xxs", color=_MUTED))
    if not leaflet.is_written_by_model and any(each.checked_on is None for each in leaflet.references):
        parts.append(label(words.sources_unchecked, size="xxs", color=_MUTED))
    if not leaflet.references:
        parts.append(label(words.sources_none, size="sm", color=_INK))
    return _bubble(words.heads["sources"], _MADE if leaflet.is_written_by_model else _LIBRARY, parts)


def _visit(n: int, reference: Reference) -> Action | None:
    if reference.uri is None:
        return None
    title = _named(n, reference)
    short = title if graphemes(title) <= LABEL_GRAPHEMES_MAX else _first(title, LABEL_GRAPHEMES_MAX - 1) + "…"
    return {"type": "uri", "label": short, "uri": reference.uri}


def _named(n: int, reference: Reference) -> str:
    return f"[{n}] {reference.title}"


def _first(words: str, count: int) -> str:
    return "".join(_GRAPHEME.findall(words)[:count]).rstrip()
