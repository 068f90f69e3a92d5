"""Which language a person speaks: their choice, then what they write, and never a flip for an "ok"."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest
import yaml

from namjai.chat.content import UI_LANGUAGES, UiLanguage
from namjai.chat.domain.language import spoken_language

SENTENCES: Final[dict[UiLanguage, list[str]]] = yaml.safe_load(
    (Path(__file__).parent / "sentences.yaml").read_text(encoding="utf-8")
)
RIGHT_AT_FIRST_MIN: Final = 0.9
"""Share of short lines that are read rightly from somebody of whom nothing is known yet."""
RIGHT_AFTER_OTHER_MIN: Final = 0.75
"""The same where they must be sure enough to leave another language. (Vietnamese without its marks never is.)"""
WRONG_MAX: Final = 0.05
"""Share that may be taken for a third language then; all others leave the language as it was."""


def spoken(words: str, last: UiLanguage | None = None, *, chosen: UiLanguage | None = None) -> UiLanguage:
    return spoken_language(words, chosen=chosen, last=last, default="th")


@pytest.mark.parametrize("language", SENTENCES)
def test_the_first_line_of_somebody_new_is_read_rightly(language: UiLanguage) -> None:
    lines = SENTENCES[language]
    assert len(lines) >= 25
    wrong = [line for line in lines if spoken(line) != language]
    assert len(wrong) <= (1 - RIGHT_AT_FIRST_MIN) * len(lines), wrong


@pytest.mark.parametrize("language", SENTENCES)
@pytest.mark.parametrize("last", ["th", "en", "es"])
def test_a_sentence_in_another_language_moves_a_person_there_and_seldom_elsewhere(
    language: UiLanguage, last: UiLanguage
) -> None:
    lines = SENTENCES[language]
    heard = [spoken(line, last) for line in lines]
    assert heard.count(language) >= RIGHT_AFTER_OTHER_MIN * len(lines)
    assert sum(each not in (language, last) for each in heard) <= WRONG_MAX * len(lines)


@pytest.mark.parametrize("language", UI_LANGUAGES)
@pytest.mark.parametrize(
    "said",
    ["ok", "OK!", "555", "hi", "hello", "thx", "lol", "thank you", "good night", "Line", "😀", "...", "?", "a", ""],
)
def test_what_is_written_in_every_language_changes_nothing(said: str, language: UiLanguage) -> None:
    assert spoken(said, language) == language


@pytest.mark.parametrize("said", ["sawasdee krub", "pom yak lerk lao", "sabai dee mai", "mai pen rai"])
def test_thai_in_latin_letters_leaves_a_thai_person_in_thai(said: str) -> None:
    assert spoken(said, "th") == "th"


@pytest.mark.parametrize(
    "said, language",
    [
        ("ครับ", "th"),
        ("今天心情不好", "zh-TW"),
        ("我很难过", "zh-TW"),
        ("今日は飲みたいです", "ja"),
        ("つらい", "ja"),
        ("오늘 너무 힘들어요", "ko"),
        ("tôi buồn", "vi"),
        ("thank you so much for your help", "en"),
    ],
)
def test_a_script_of_its_own_tells_at_once(said: str, language: UiLanguage) -> None:
    assert spoken(said, "id") == language


@pytest.mark.parametrize(
    "said, language",
    [
        ("อยากดื่ม beer มากเลย", "th"),
        ("ตอนนี้ stress มาก can not sleep", "th"),
        ("我今天很 down", "zh-TW"),
        ("今日は stress がすごい", "ja"),
        ("I want to eat ต้มยำ tonight with my friends", "en"),
        ("這杯の味道很好", "zh-TW"),
    ],
)
def test_mixed_scripts_go_by_what_there_is_most_of(said: str, language: UiLanguage) -> None:
    assert spoken(said) == language


def test_a_few_characters_without_kana_stay_japanese_for_somebody_who_writes_it() -> None:
    assert spoken("大丈夫", "ja") == "ja"
    assert spoken("大丈夫", "zh-TW") == "zh-TW"
    assert spoken("我今天真的很想喝酒怎麼辦", "ja") == "zh-TW"


@pytest.mark.parametrize("said", ["I feel sad and I cannot sleep", "今日は飲みたい", "อยากดื่ม", "", "ok"])
def test_the_persons_own_choice_always_wins(said: str) -> None:
    assert spoken(said, "th", chosen="vi") == "vi"


def test_without_a_word_the_clinics_language_is_spoken() -> None:
    assert spoken("😀👍") == "th"
    assert spoken_language(None, chosen=None, default="en") == "en"


def test_a_long_text_is_read_from_its_beginning_only() -> None:
    assert spoken("Tôi không ngủ được. " * 500) == "vi"
