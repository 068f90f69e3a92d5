"""A language is found by any name people have for it, and never by accident."""

from __future__ import annotations

import pytest

from namjai.chat.content import (
    TONGUES,
    UI_LANGUAGES,
    Tongue,
    own_name,
    tongue_name,
    tongue_named,
    tongues,
    tongues_named,
)
from namjai.chat.content.words import fold


def test_every_tongue_has_a_name_in_every_language_of_the_buttons() -> None:
    assert set(tongues()) == set(TONGUES)
    for tongue, names in tongues().items():
        assert set(names.names) == set(UI_LANGUAGES), tongue


@pytest.mark.parametrize("tongue", TONGUES)
def test_every_name_of_a_tongue_means_it_and_no_other(tongue: Tongue) -> None:
    names = tongues()[tongue]
    for word in (own_name(tongue), *names.words, *(tongue_name(tongue, language) for language in UI_LANGUAGES)):
        assert tongue_named(word) == tongue, word


def test_no_two_tongues_share_a_word() -> None:
    owner: dict[str, Tongue] = {}
    for tongue, names in tongues().items():
        for word in {fold(word) for word in (names.own, *names.names.values(), *names.words)}:
            assert owner.setdefault(word, tongue) == tongue, word


@pytest.mark.parametrize(
    "said, tongue",
    [
        ("Japanese", "ja"),
        ("ญี่ปุ่น", "ja"),
        ("日文", "ja"),
        ("日本語", "ja"),
        ("translate this into Japanese please", "ja"),
        ("แปลเป็นภาษาเวียดนามให้หน่อย", "vi"),
        ("翻譯成印尼文", "id"),
        ("翻译成印尼语", "id"),
        ("Tiếng Việt", "vi"),
        ("tieng viet", "vi"),
        ("en español, por favor", "es"),
        ("FRANÇAIS", "fr"),
        ("Taiwanese Mandarin", "zh-TW"),
        ("Taiwanese", "nan"),
        ("用台語說", "nan"),
        ("閩南語", "nan"),
        ("eng", "en"),
        ("zh-TW", "zh-TW"),
        ("nan", "nan"),
        ("id", "id"),
    ],
)
def test_a_language_is_named_alone_or_in_a_phrase(said: str, tongue: Tongue) -> None:
    assert tongue_named(said) == tongue


@pytest.mark.parametrize(
    "said",
    [
        "",
        "hello",
        "what is my id",
        "es posible",
        "my nan is here",
        "the engine",
        "from Thai to English",
        "😀",
        "a" * 5_000,
    ],
)
def test_no_language_or_two_are_not_one(said: str) -> None:
    assert tongue_named(said) is None


@pytest.mark.parametrize(
    "said, found",
    [
        ("from Thai to Taigi", ("th", "nan")),
        ("ไทย-อังกฤษ", ("th", "en")),
        ("中文翻越南文", ("zh-TW", "vi")),
        ("Thai, thai, ไทย", ("th",)),
    ],
)
def test_two_languages_are_found_in_the_order_they_are_said(said: str, found: tuple[Tongue, ...]) -> None:
    assert tongues_named(said) == found
