"""Which language a person writes: by script where it tells, by a model of five languages where letters are Latin."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, Literal, get_args

import lingua

from namjai.chat.content import UI_LANGUAGES, UiLanguage
from namjai.chat.content.words import fold, only_simplified, plain, simplified_by_traditional, to_simplified

__all__ = ["Script", "detect", "fold", "latin", "plain", "spoken_language", "to_simplified", "warm"]

Script = Literal["th", "zh-TW", "zh-CN", "ja", "ko", "en"]
"""A language as far as its script tells: any Latin text counts as `en`."""

READ_CHARS_MAX: Final = 300
"""So much of a message is looked at: a longer one has long since shown its language."""
LETTERS_MIN: Final = 9
WORDS_MIN: Final = 3
"""Fewer move nobody out of their language: "ok", "hello" and "thank you" are written in all of them."""
FIRST_LETTERS_MIN: Final = 6
"""Nor do fewer say anything about somebody unknown."""
SURE: Final = 0.8
LIKELY: Final = 0.5
"""A guess must be sure to move somebody to another language; of somebody unknown, likely is enough for a sentence."""
SHARED_IDEOGRAPHS_MAX: Final = 6
"""So many Chinese characters without kana may still be Japanese, from somebody who writes it."""

_SCRIPTS: Final = (
    ("th", re.compile("[\u0e00-\u0e7f]")),
    ("ja", re.compile("[\u3040-\u30ff]")),
    ("ko", re.compile("[\uac00-\ud7af\u1100-\u11ff]")),
    ("han", re.compile("[\u3400-\u9fff]")),
    ("en", re.compile("[A-Za-z\u00c0-\u024f\u1ea0-\u1ef9]")),
)
_LATIN_LETTERS_PER_IDEOGRAPH: Final = 4
"""One ideograph, kana or syllable says about as much as this many letters."""
_NO_OF_JAPAN: Final = re.compile("(?<=[\u3400-\u9fff])\u306e(?=[\u3400-\u9fff])")
"""In Taiwan the kana \u306e stands between Chinese words for fun; that alone makes no Japanese."""
_ONLY_VIETNAMESE: Final = re.compile("[\u0103\u0111\u01a1\u01b0\u1ea1-\u1ef9]", re.IGNORECASE)

_LATIN: Final[dict[lingua.Language, UiLanguage]] = {
    lingua.Language.ENGLISH: "en",
    lingua.Language.VIETNAMESE: "vi",
    lingua.Language.INDONESIAN: "id",
    lingua.Language.SPANISH: "es",
    lingua.Language.FRENCH: "fr",
}


def detect(words: str) -> Script | None:
    """The language by script, or None where there are no letters (a sticker's name, digits, emoji)."""
    counts = {name: len(pattern.findall(words)) for name, pattern in _SCRIPTS}
    counts["ja"] -= len(_NO_OF_JAPAN.findall(words))
    counts["en"] //= _LATIN_LETTERS_PER_IDEOGRAPH if any(counts[name] for name in ("th", "ja", "ko", "han")) else 1
    if counts["ja"]:  # kanji belong to the kana around them
        counts["ja"] += counts.pop("han")
    script = max(counts, key=lambda name: counts[name])
    if not counts[script]:
        return None
    if script == "han":
        return _chinese(words)
    return next(known for known in get_args(Script) if known == script)


def latin(words: str, *, confidence: float = SURE) -> UiLanguage | None:
    """The language of words in Latin letters; None where the guess is less than `confidence`."""
    if _ONLY_VIETNAMESE.search(words):
        return "vi"
    likeliest = _model().compute_language_confidence_values(words[:READ_CHARS_MAX])[0]
    return _LATIN[likeliest.language] if likeliest.value >= confidence else None


def spoken_language(
    words: str | None, *, chosen: UiLanguage | None, last: UiLanguage | None = None, default: UiLanguage
) -> UiLanguage:
    """The language to answer in: the person's own choice, else what they write, else what they wrote last.

    A few letters that are written in every language ("ok", "555", "hi") change nothing.
    """
    if chosen is not None:
        return chosen
    written = _written(words, last) if words else None
    return written or last or default


def warm() -> None:
    """Load the model, before somebody waits for it."""
    latin("warm")


def _written(words: str, last: UiLanguage | None) -> UiLanguage | None:
    """What these words are written in; None where they do not tell."""
    match script := detect(words):
        case "zh-CN":
            return "zh-TW"
        case "zh-TW" if last == "ja" and len(words) <= SHARED_IDEOGRAPHS_MAX:
            return "ja"
        case "en":
            return _written_in_latin(words, last)
        case _:
            return next((language for language in UI_LANGUAGES if language == script), None)


def _written_in_latin(words: str, last: UiLanguage | None) -> UiLanguage | None:
    """The language of Latin letters. Of somebody unknown they are English, unless something else is likelier."""
    letters = sum(char.isalpha() for char in words)
    sentence = len(words.split()) >= WORDS_MIN and letters >= LETTERS_MIN
    if last is None:
        likeliest = latin(words, confidence=LIKELY if sentence else SURE) if letters >= FIRST_LETTERS_MIN else None
        return likeliest or "en"
    marked = _ONLY_VIETNAMESE.search(words) is not None
    language = latin(words) if sentence or marked else None
    if language == "vi" and last != "vi" and not marked:
        return None  # without its marks it looks like the Thai, or anything else, of somebody who types Latin letters
    return language


def _chinese(words: str) -> Script:
    traditional = sum(ord(char) in simplified_by_traditional() for char in words)
    simplified = sum(char in only_simplified() for char in words)
    return "zh-CN" if simplified > traditional else "zh-TW"


@lru_cache(maxsize=1)
def _model() -> lingua.LanguageDetector:
    """Trigrams only: on one line of chat that finds as much as the big model, in a seventh of the memory."""
    languages = lingua.LanguageDetectorBuilder.from_languages(*_LATIN)
    return languages.with_low_accuracy_mode().with_preloaded_language_models().build()
