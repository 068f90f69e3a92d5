"""The crisis card: the right line first, open now, honest about who is watching, and within LINE's limits."""

from __future__ import annotations

import itertools
import json
import re
from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest

from namjai.chat.content import LANGUAGES, Language, crisis_texts, lines
from namjai.chat.domain.crisis import (
    Category,
    Level,
    Subject,
    country_of,
    crisis_card,
    emergency_card,
    lines_for,
    lines_open,
    topics_for,
    unscreened_note,
)
from namjai.chat.domain.messages import problems

NOW = datetime(2026, 3, 4, 14, 0, tzinfo=UTC)  # Wednesday; 21:00 in Bangkok, 22:00 in Taipei
LEVELS: tuple[Level, ...] = get_args(Level)
CATEGORIES: tuple[Category, ...] = get_args(Category)
SUBJECTS: tuple[Subject, ...] = get_args(Subject)
COUNTRIES = sorted({line.country for line in lines()})


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("country", COUNTRIES)
def test_every_card_passes_lines_limits(language: Language, country: str) -> None:
    for level, category, subject in itertools.product(LEVELS, CATEGORIES, SUBJECTS):
        card = crisis_card(
            level=level,
            category=category,
            language=language,
            country=country,
            now=NOW,
            subject=subject,
            alert_raised=True,
        )
        assert [problem for message in card.messages for problem in problems(message)] == []
        assert len(card.messages) <= 5


@pytest.mark.parametrize(
    ("category", "level", "country", "first"),
    [
        ("suicide", "crisis", "TH", "1323"),
        ("suicide", "high", "TW", "1925"),
        ("overdose", "crisis", "TH", "1669"),
        ("overdose", "crisis", "TW", "119"),
        ("withdrawal", "high", "TH", "1669"),
        ("withdrawal", "crisis", "TW", "119"),
        ("self_harm", "crisis", "TH", "1669"),
        ("self_harm", "crisis", "TW", "119"),
        ("self_harm", "high", "TH", "1323"),
        ("violence", "crisis", "TH", "191"),
        ("violence", "crisis", "TW", "110"),
        ("suicide", "crisis", "ZZ", "112"),
    ],
)
def test_the_line_that_fits_the_danger_comes_first(category: Category, level: Level, country: str, first: str) -> None:
    assert lines_for(country, topics_for(category, level), NOW)[0].number == first
    card = crisis_card(level=level, category=category, language="th", country=country, now=NOW)
    assert _numbers_to_dial(card.messages[1])[0] == first


@pytest.mark.parametrize("country", COUNTRIES)
def test_at_any_hour_of_the_week_there_is_a_line_for_every_danger(country: str) -> None:
    for hour in range(7 * 24):
        now = NOW + timedelta(hours=hour)
        for category, level in itertools.product(CATEGORIES, LEVELS):
            assert lines_for(country, topics_for(category, level), now), (category, hour)


def test_a_closed_line_is_not_shown_and_an_open_one_says_until_when() -> None:
    evening = datetime(2026, 3, 4, 12, 30, tzinfo=UTC)  # 20:30 in Taipei
    night = datetime(2026, 3, 4, 13, 30, tzinfo=UTC)  # 21:30 in Taipei
    assert "1980" in {line.number for line in lines_open("TW", evening)}
    assert "1980" not in {line.number for line in lines_open("TW", night)}
    card = emergency_card(speaks="zh-TW", country="TW", now=evening)
    assert "開到 21:00" in json.dumps(card.messages, ensure_ascii=False)


def test_opening_hours_follow_the_weekday() -> None:
    sunday_evening = datetime(2026, 3, 8, 11, 0, tzinfo=UTC)  # 19:00 on Sunday in Taipei
    monday_evening = datetime(2026, 3, 9, 11, 0, tzinfo=UTC)
    assert "1980" not in {line.number for line in lines_open("TW", sunday_evening)}
    assert "1980" in {line.number for line in lines_open("TW", monday_evening)}


@pytest.mark.parametrize(
    ("language", "known", "default", "country"),
    [
        ("th", None, "TW", "TH"),
        ("zh-TW", None, "TH", "TW"),
        ("en", None, "TH", "TH"),
        ("en", "US", "TH", "US"),
        ("en", None, "FR", "ZZ"),
        ("th", "TW", "TH", "TW"),
    ],
)
def test_whose_lines_are_shown(language: Language, known: str | None, default: str, country: str) -> None:
    assert country_of(language, known=known, default=default) == country


@pytest.mark.parametrize("language", LANGUAGES)
def test_high_adds_one_supportive_text_and_crisis_does_not(language: Language) -> None:
    crisis = crisis_card(level="crisis", category="suicide", language=language, country="TH", now=NOW)
    high = crisis_card(level="high", category="suicide", language=language, country="TH", now=NOW)
    assert [message["type"] for message in crisis.messages] == ["text", "flex"]
    assert [message["type"] for message in high.messages] == ["text", "flex", "text"]
    assert high.messages[2]["text"] == crisis_texts(language).supportive.feelings


@pytest.mark.parametrize(
    ("category", "subject", "words"),
    [("violence", "self", "safety"), ("overdose", "self", "safety"), ("suicide", "other", "about_other")],
)
def test_the_supportive_words_fit_what_happened(category: Category, subject: Subject, words: str) -> None:
    """Somebody who was attacked is not told that feelings come in waves."""
    card = crisis_card(level="high", category=category, language="en", country="TH", now=NOW, subject=subject)
    assert card.messages[-1]["text"] == getattr(crisis_texts("en").supportive, words)


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_alert_is_spoken_of_only_as_a_fact_and_never_with_a_time(language: Language) -> None:
    words = crisis_texts(language).alert_raised
    for raised in (True, False):
        card = crisis_card(
            level="crisis", category="suicide", language=language, country="TH", now=NOW, alert_raised=raised
        )
        note = unscreened_note(language=language, country="TH", now=NOW, alert_raised=raised)
        assert (words in card.messages[0]["text"]) is raised
        assert (words in note.messages[0]["text"]) is raised
    assert not re.search(r"\d", words)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_text_alone_is_enough_where_flex_is_not_shown(language: Language) -> None:
    card = crisis_card(level="crisis", category="suicide", language=language, country="TH", now=NOW)
    assert "1323" in card.messages[0]["text"]
    assert "1323" in card.messages[1]["altText"]
    assert crisis_texts(language).not_an_emergency_service in card.messages[0]["text"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_unscreened_note_carries_the_lines(language: Language) -> None:
    note = unscreened_note(language=language, country="TW", now=NOW)
    assert "1925" in note.messages[0]["text"]
    assert "119" in note.messages[0]["text"]
    assert problems(note.messages[0]) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_number_that_nobody_checked_is_shown_as_such(language: Language) -> None:
    card = crisis_card(level="crisis", category="suicide", language=language, country="TH", now=NOW)
    assert crisis_texts(language).lines.unverified in json.dumps(card.messages[1], ensure_ascii=False)


def test_a_line_counts_as_verified_only_with_a_date() -> None:
    assert {line.id for line in lines() if line.verified and line.verified_on is None} == set()
    assert not any(line.verified for line in lines()), "a line was marked verified: remove this check with the evidence"


def test_the_table_of_lines_is_whole() -> None:
    assert len({line.id for line in lines()}) == len(lines())
    for line in lines():
        assert set(line.names) == set(LANGUAGES), line.id
        assert re.fullmatch(r"\d{3,10}", line.number), line.id


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_of_danger_has_its_own_words(language: Language) -> None:
    words = crisis_texts(language)
    assert set(words.opening) == set(words.about_other) == set(CATEGORIES)
    assert len({*words.opening.values(), *words.about_other.values()}) == 2 * len(CATEGORIES)
    assert words.meta.status == "draft"


def _numbers_to_dial(card: dict[str, object]) -> list[str]:
    return re.findall(r'"tel:(\d+)"', json.dumps(card))
