"""Every leaflet of the library, in every language: its shape, its standing, what may not be in it, what LINE takes."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import get_args

import msgspec
import pytest

from namjai.chat.content import LANGUAGES, Language, lines
from namjai.chat.domain.composed import View
from namjai.chat.domain.language import detect
from namjai.chat.domain.messages import LABEL_GRAPHEMES_MAX, graphemes, problems, utf16
from namjai.chat.skills.education import shelf
from namjai.chat.skills.education.leaflet import LeafletShape, words_of
from namjai.chat.skills.education.shelf import Page
from namjai.chat.skills.education.show import shown
from namjai.chat.skills.education.texts import texts
from namjai.devkit.line.check import PUSH, examine

NOW = datetime(2026, 3, 4, 14, 0, tzinfo=UTC)
EVERY = [(topic, language) for topic in shelf.entries() for language in get_args(Language)]
AMOUNT = re.compile(r"\d\s*(?:mg|ml|mcg|g\b|มก|มล|มิลลิกรัม|เม็ด|毫克|毫升|公克|[顆錠])", re.IGNORECASE)
LINK = re.compile(r"https?:|www\.|@|\.(?:com|org|tw|th)\b")


def test_there_are_sixteen_topics() -> None:
    assert len(shelf.entries()) == 16


@pytest.mark.parametrize(("topic", "language"), EVERY)
def test_a_leaflet_is_a_draft_in_its_own_language_without_doses_numbers_to_call_or_links(
    topic: str, language: Language
) -> None:
    page = shelf.page(topic, language)
    assert (page.status, page.reviewer, page.reviewed_on) == ("draft", None, None)
    assert page.sources
    assert all(source.checked_on is None for source in page.sources)
    for words in words_of(page.leaflet):
        assert not AMOUNT.search(words), words
        assert not LINK.search(words), words
        assert not re.search(r"\d{4,}", words), words
        assert not any(re.search(rf"(?<!\d){line.number}(?!\d)", words) for line in lines()), words
    assert detect(" ".join(words_of(page.leaflet))) == language
    if language == "th":
        assert not re.search("ครับ|ค่ะ|นะคะ", " ".join(words_of(page.leaflet)))


@pytest.mark.parametrize(("topic", "language"), EVERY)
@pytest.mark.parametrize("country", ["TH", "TW", "ZZ"])
def test_what_is_shown_is_within_the_limits_of_line(topic: str, language: Language, country: str) -> None:
    leaflet = shelf.leaflet(topic, language)
    assert leaflet is not None
    (message,) = shown(leaflet, View(language, country, frozenset()), NOW)
    bubbles = message["contents"]["contents"]
    assert len(bubbles) <= 12
    assert len(json.dumps(message["contents"]).encode()) <= 50 * 1_024
    assert all(len(json.dumps(bubble).encode()) <= 30 * 1_024 for bubble in bubbles)
    assert utf16(message["altText"]) <= 1_500
    for said in (leaflet.body.title, *leaflet.body.actions):
        assert said in message["altText"]
    assert texts(language).notes["draft"] in json.dumps(message["contents"], ensure_ascii=False)
    assert not [each for each in problems(message) if not each.startswith("bubble of")]
    assert examine({"to": "U" + "a" * 32, "messages": [message]}, PUSH) == []


@pytest.mark.parametrize("topic", list(shelf.entries()))
def test_names_fit_on_buttons_and_every_language_has_words(topic: str) -> None:
    entry = shelf.entries()[topic]
    for language in LANGUAGES:
        assert graphemes(entry.names[language]) <= LABEL_GRAPHEMES_MAX, entry.names[language]
        assert len(entry.words[language]) >= 3


def test_labels_fit_on_buttons() -> None:
    for language in LANGUAGES:
        for label in texts(language).labels.values():
            assert graphemes(label) <= LABEL_GRAPHEMES_MAX, label


def test_a_reviewed_leaflet_must_say_by_whom_and_when() -> None:
    page = shelf.page("alcohol", "en")
    with pytest.raises(ValueError, match="names who reviewed it"):
        msgspec.structs.replace(page, status="reviewed")
    kept = msgspec.to_builtins(page)
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({**kept, "reviewer": "Dr. Somsri"}, Page, strict=False)
    reviewed = {**kept, "status": "reviewed", "reviewer": "Dr. Somsri", "reviewed_on": "2026-03-01"}
    assert msgspec.convert(reviewed, Page, strict=False).reviewer == "Dr. Somsri"


def test_the_shape_takes_neither_more_nor_fewer_parts_than_a_leaflet_has() -> None:
    kept = msgspec.to_builtins(shelf.page("alcohol", "en").leaflet)
    every: list[dict[str, object]] = [
        {"topics": kept["topics"][:2]},
        {"actions": ["x"] * 6},
        {"questions": []},
        {"title": ""},
    ]
    for broken in every:
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert({**kept, **broken}, LeafletShape)
