"""Which language a person writes, and one plain form of their words that rules can be matched against."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final, Literal, get_args

from namjai.chat.content import LANGUAGES, Language, load

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
_INVISIBLE: Final = re.compile("[\u200b-\u200f\u2060\ufeff\u00ad]")
_APOSTROPHES: Final = str.maketrans({"\u2019": "'", "\u2018": "'", "\u02bc": "'", "\uff07": "'", "`": "'"})
_STRETCHED_LATIN: Final = re.compile(r"([a-z])\1{2,}")
_STRETCHED: Final = re.compile(r"([^\da-z])\1{2,}")
_SPACES: Final = re.compile(r"\s+")


@lru_cache(maxsize=1)
def _simplified_by_traditional() -> dict[int, str]:
    """Characters that differ between the two ways of writing Chinese, as far as our rules use them."""
    aligned = load("namjai.chat.content", "chinese.yaml", dict[str, str])
    traditional, simplified = (aligned[name].replace(" ", "") for name in ("traditional", "simplified"))
    return {ord(char): simple for char, simple in zip(traditional, simplified, strict=True)}


@lru_cache(maxsize=1)
def _only_simplified() -> frozenset[str]:
    table = _simplified_by_traditional()
    return frozenset(table.values()) - frozenset(map(chr, table))


def to_simplified(words: str) -> str:
    """Write Traditional characters as Simplified: this way round each has one counterpart, so rules match on it."""
    return words.translate(_simplified_by_traditional())


def plain(words: str) -> str:
    """Compatibility forms resolved, one kind of apostrophe, one way of writing Chinese. Safe for a pattern, too."""
    return to_simplified(unicodedata.normalize("NFKC", words).translate(_APOSTROPHES))


def fold(words: str) -> str:
    """`plain`, in lower case, without invisible characters, stretched letters and double spaces.

    >>> fold("I can’t   sleeeeep")
    "i can't sleep"
    """
    folded = _INVISIBLE.sub("", plain(words).casefold())
    folded = _STRETCHED.sub(r"\1", _STRETCHED_LATIN.sub(r"\1\1", folded))
    return _SPACES.sub(" ", folded).strip()


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
    traditional = sum(ord(char) in _simplified_by_traditional() for char in words)
    simplified = sum(char in _only_simplified() for char in words)
    return "zh-CN" if simplified > traditional else "zh-TW"


def reply_language(words: str | None, *, chosen: Language | None, default: Language) -> Language:
    """The language to answer in: the person's own choice, else what they write, else the default."""
    if chosen is not None:
        return chosen
    written = detect(words) if words else None
    if written == "zh-CN":
        return "zh-TW"
    return next((language for language in LANGUAGES if language == written), default)
