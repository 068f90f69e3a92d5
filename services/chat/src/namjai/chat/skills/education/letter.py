"""A leaflet as a letter: words and plain HTML, nothing that is fetched from elsewhere, nothing that tells who reads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Final

from namjai.chat.domain.composed import View
from namjai.chat.skills.education.leaflet import Leaflet, Reference
from namjai.chat.skills.education.show import contacts, standing
from namjai.chat.skills.education.texts import texts

SUBJECT_CHARS_MAX: Final = 120
_STYLE: Final = "max-width:40em;margin:auto;font:16px/1.6 sans-serif;color:#1f2937"


@dataclass(frozen=True)
class Letter:
    """What is sent."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True)
class _Part:
    """One stretch of the letter: a tag of HTML, and its lines."""

    tag: str
    lines: tuple[str, ...]


def letter(leaflet: Leaflet, view: View, now: datetime) -> Letter:
    """The whole leaflet."""
    parts = list(_parts(leaflet, view, now))
    title = leaflet.body.title
    subject = texts(view.language).mail_subject.format(title=title)[:SUBJECT_CHARS_MAX]
    html = "\n".join(_html(part) for part in parts)
    return Letter(
        subject,
        "\n\n".join(_text(part) for part in parts),
        f'<!DOCTYPE html>\n<html lang="{escape(leaflet.language, quote=True)}"><head><meta charset="utf-8">'
        f'<title>{escape(title)}</title></head>\n<body style="{_STYLE}">\n{html}\n</body></html>\n',
    )


def _parts(leaflet: Leaflet, view: View, now: datetime) -> Iterator[_Part]:
    words, body = texts(view.language), leaflet.body
    yield _Part("p", (words.mail_hello,))
    yield _Part("h1", (body.title,))
    yield _Part("p", (standing(leaflet, words),))
    yield _Part("p", (body.overview,))
    for section in body.topics:
        yield _Part("h2", (section.heading,))
        yield _Part("p", (section.text,))
    yield _Part("h2", (words.heads["questions"],))
    for each in body.questions:
        yield _Part("h3", (each.question,))
        yield _Part("p", (each.answer,))
    yield _Part("h2", (words.heads["actions"],))
    yield _Part("ol", body.actions)
    yield _Part("h2", (words.heads["contact"],))
    yield _Part("ul", tuple(f"{line.names[view.language]}: {line.number}" for line in contacts(leaflet, view, now)))
    if leaflet.references:
        yield _Part("h2", (words.heads["sources"],))
        yield _Part("ul", tuple(_reference(each) for each in leaflet.references))
    yield _Part("p", (words.mail_disclaimer,))


def _reference(reference: Reference) -> str:
    return f"{reference.title}: {reference.uri}" if reference.uri else reference.title


def _html(part: _Part) -> str:
    if part.tag in ("ol", "ul"):
        return f"<{part.tag}>" + "".join(f"<li>{escape(line)}</li>" for line in part.lines) + f"</{part.tag}>"
    return f"<{part.tag}>{escape(part.lines[0])}</{part.tag}>"


def _text(part: _Part) -> str:
    match part.tag:
        case "h1" | "h2":
            return f"{part.lines[0]}\n{'=' * 20}"
        case "ol":
            return "\n".join(f"{n}. {line}" for n, line in enumerate(part.lines, 1))
        case "ul":
            return "\n".join(f"- {line}" for line in part.lines)
    return part.lines[0]
