"""What a model took from the web, cut out of its answer: citations count UTF-8 bytes, and Thai has three a letter."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from namjai.chat.ports import Citation, ModelAnswer, Source
from namjai.chat.skills.education.leaflet import Cited, Reference

REFERENCES_MAX: Final = 8
CITED_MAX: Final = 8
CITED_CHARS_MIN: Final = 8
"""A citation of "**" or of a comma says nothing."""
CITED_CHARS_MAX: Final = 220
SEARCHES_MAX: Final = 5
SEARCH_CHARS_MAX: Final = 60
TITLE_CHARS_MAX: Final = 80
URI_CHARS_MAX: Final = 1_000


def cut(text: str, start: int, end: int) -> str:
    """The stretch between two byte offsets, widened to whole letters where they fall inside one.

    >>> cut("ดี มาก", 0, 6)
    'ดี'
    """
    data = text.encode()
    begin, stop = max(0, min(start, len(data))), max(0, min(end, len(data)))
    while _inside(data, begin):
        begin -= 1
    while _inside(data, stop):
        stop += 1
    return data[begin:stop].decode() if begin < stop else ""


def references(answer: ModelAnswer) -> tuple[Reference, ...]:
    """The pages an answer rests on, as their source gives them; what is no web address is left out of the link."""
    return tuple(_reference(source) for source in answer.sources[:REFERENCES_MAX])


def cited(answer: ModelAnswer) -> tuple[Cited, ...]:
    """The stretches that rest on a page, in their order, each once."""
    found: dict[str, Cited] = {}
    for citation in sorted(answer.citations, key=lambda each: (each.start, each.end)):
        words = _one_line(cut(answer.text, citation.start, citation.end))
        numbers = tuple(_known(citation, len(answer.sources)))
        if len(words) >= CITED_CHARS_MIN and numbers:
            found.setdefault(words, Cited(words, numbers))
    return tuple(found.values())[:CITED_MAX]


def searches(answer: ModelAnswer) -> tuple[str, ...]:
    """What was looked up: the terms of the search service ask that it be shown."""
    return tuple(dict.fromkeys(_short(each, SEARCH_CHARS_MAX) for each in answer.searches if each.strip()))[
        :SEARCHES_MAX
    ]


def _known(citation: Citation, sources: int) -> Iterator[int]:
    for number in dict.fromkeys(citation.sources):
        if 0 <= number < min(sources, REFERENCES_MAX):
            yield number


def _reference(source: Source) -> Reference:
    return Reference(_short(source.title or "", TITLE_CHARS_MAX) or _host(source.uri) or "?", _link(source.uri))


def _link(uri: str) -> str | None:
    """A link that LINE can open, or none."""
    is_plain = uri.isascii() and uri.isprintable() and " " not in uri and len(uri) <= URI_CHARS_MAX
    return uri if is_plain and uri.startswith(("https://", "http://")) and _host(uri) else None


def _host(uri: str) -> str:
    try:
        return urlsplit(uri).hostname or ""
    except ValueError:
        return ""


def _inside(data: bytes, at: int) -> bool:
    """Whether a letter that began before goes on here."""
    return at < len(data) and data[at] & 0b1100_0000 == 0b1000_0000


def _one_line(words: str) -> str:
    return _short(" ".join(words.replace("*", "").split()), CITED_CHARS_MAX)


def _short(words: str, chars_max: int) -> str:
    flat = " ".join(words.split())
    return flat if len(flat) <= chars_max else flat[: chars_max - 1] + "…"
