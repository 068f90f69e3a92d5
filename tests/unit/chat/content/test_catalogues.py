"""Every catalogue can be read, the complete ones are complete, and nothing in any passes a limit of LINE."""

from __future__ import annotations

import pytest

from namjai.chat.content import LANGUAGES, UI_LANGUAGES, Language, UiLanguage, in_full, ui_texts
from namjai.chat.content.catalogue import VALUE_CHARS_MAX, catalogue
from namjai.chat.content.ui_texts import IN_ENGLISH
from namjai.chat.domain.messages import LABEL_GRAPHEMES_MAX, TEXT_UTF16_MAX, graphemes, utf16

PARTIAL = [language for language in UI_LANGUAGES if language not in LANGUAGES]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_complete_language_has_every_message_with_the_same_variables(language: Language) -> None:
    assert catalogue(language).variables == catalogue("en").variables


@pytest.mark.parametrize("language", PARTIAL)
def test_a_partial_language_has_no_unknown_message_and_says_that_answers_are_english(language: UiLanguage) -> None:
    own, english = dict(catalogue(language).variables), catalogue("en").variables
    assert own.pop(IN_ENGLISH) == frozenset()
    assert own.items() <= english.items()
    assert in_full(language) == "en"


@pytest.mark.parametrize("language", PARTIAL)
def test_what_a_person_is_greeted_and_finds_their_way_with_is_in_their_language(language: UiLanguage) -> None:
    own = catalogue(language)
    found = (
        "greeting-1",
        "help",
        "privacy-1",
        "consent",
        "language-chosen",
        "paused",
        "resumed",
        "erase-ask",
        "emergency",
    )
    assert [name for name in found if name not in own] == []
    assert [name for name in catalogue("en").variables if name.startswith("label-") and name not in own] == []


@pytest.mark.parametrize("language", PARTIAL)
def test_what_is_missing_is_said_in_english(language: UiLanguage) -> None:
    assert "throttled" not in catalogue(language)
    assert ui_texts(language).throttled == ui_texts("en").throttled


@pytest.mark.parametrize("language", UI_LANGUAGES)
def test_labels_are_as_short_as_line_wants_them_and_no_two_are_alike(language: UiLanguage) -> None:
    labels = ui_texts(language).labels
    assert {label: words for label, words in labels.items() if not 0 < graphemes(words) <= LABEL_GRAPHEMES_MAX} == {}
    assert len(set(labels.values())) == len(labels)


@pytest.mark.parametrize("language", UI_LANGUAGES)
def test_every_text_fits_into_a_bubble_and_is_a_draft(language: UiLanguage) -> None:
    said, ui = catalogue(language), ui_texts(language)
    for name, variables in said.variables.items():
        filled = said.phrase(name).format(**dict.fromkeys(variables, "x" * VALUE_CHARS_MAX))
        assert 0 < utf16(filled) <= TEXT_UTF16_MAX, name
        assert "\u2068" not in filled, name
    assert (ui.meta.status, ui.language) == ("draft", language)
    assert len(ui.greeting) == len(ui.privacy) == 2


def test_a_phrase_takes_exactly_its_values_and_cuts_what_no_bubble_holds() -> None:
    heard = ui_texts("en").heard
    assert heard.format(words="I slipped") == "🎧 I heard: I slipped"
    assert heard.format(words="{ $words } 100%") == "🎧 I heard: { $words } 100%"
    assert len(heard.format(words="x" * 50_000)) < VALUE_CHARS_MAX + 20
    for wrong in ({}, {"word": "x"}, {"words": "x", "more": "y"}):
        with pytest.raises(KeyError):
            heard.format(**wrong)


def test_texts_are_made_once() -> None:
    assert ui_texts("ja") is ui_texts("ja")
