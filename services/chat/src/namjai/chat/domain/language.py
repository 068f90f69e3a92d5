"""Which language a person writes, and one plain form of their words that rules can be matched against."""

from __future__ import annotations

import re
from typing import Final, Literal, get_args

from namjai.chat.content import LANGUAGES, Language
from namjai.chat.content.words import fold, only_simplified, plain, simplified_by_traditional, to_simplified

__all__ = ["Script", "detect", "fold", "plain", "reply_language", "to_simplified"]

Script = Literal["th", "zh-TW", "zh-CN", "ja", "ko", "en"]
"""A language as far as its script tells: any Latin text counts as `en`."""

_SCRIPTS: Final = (
    ("th", re.compile("[\u0e00-\u0e7f]")),
    ("ja", re.compile("[\u3040-\u30ff]")),
    ("ko", re.compile("[\uac00-\ud7af\u1100-\u11ff]")),
    ("han", re.compile("[\u3400-\u9fff]")),
    ("en", re.compile("[A-Za-z\u00c0-\u024f]")),
)
_LATIN_LETTERS_PER_IDEOGRAPH: Final = 4
"""One ideograph, kana or syllable says about as much as this many letters."""


def detect(words: str) -> Script | None:
    """The language by script, or None where there are no letters (a sticker's name, digits, emoji)."""
    counts = {name: len(pattern.findall(words)) for name, pattern in _SCRIPTS}
    counts["en"] //= _LATIN_LETTERS_PER_IDEOGRAPH if any(counts[name] for name in ("th", "ja", "ko", "han")) else 1
    if counts["ja"]:  # kanji belong to the kana around them
        counts["ja"] += counts.pop("han")
    script = max(counts, key=lambda name: counts[name])
    if not counts[script]:
        return None
    if script == "han":
        return _chinese(words)
    return next(known for known in get_args(Script) if known == script)


def _chinese(words: str) -> Script:
    traditional = sum(ord(char) in simplified_by_traditional() for char in words)
    simplified = sum(char in only_simplified() for char in words)
    return "zh-CN" if simplified > traditional else "zh-TW"


def reply_language(words: str | None, *, chosen: Language | None, default: Language) -> Language:
    """The language to answer in: the person's own choice, else what they write, else the default."""
    if chosen is not None:
        return chosen
    written = detect(words) if words else None
    if written == "zh-CN":
        return "zh-TW"
    return next((language for language in LANGUAGES if language == written), default)
