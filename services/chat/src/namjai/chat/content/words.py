"""One plain form of words, so that a rule, a command and a name can be matched however somebody writes them."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

from namjai.chat.content.load import load

_INVISIBLE: Final = re.compile("[\u200b-\u200f\u2060\ufeff\u00ad]")
_APOSTROPHES: Final = str.maketrans({"\u2019": "'", "\u2018": "'", "\u02bc": "'", "\uff07": "'", "`": "'"})
_STRETCHED_LATIN: Final = re.compile(r"([a-z])\1{2,}")
_STRETCHED: Final = re.compile(r"([^\da-z])\1{2,}")
_SPACES: Final = re.compile(r"\s+")


@lru_cache(maxsize=1)
def simplified_by_traditional() -> dict[int, str]:
    """Characters that differ between the two ways of writing Chinese, as far as our rules use them."""
    aligned = load("namjai.chat.content", "chinese.yaml", dict[str, str])
    traditional, simplified = (aligned[name].replace(" ", "") for name in ("traditional", "simplified"))
    return {ord(char): simple for char, simple in zip(traditional, simplified, strict=True)}


@lru_cache(maxsize=1)
def only_simplified() -> frozenset[str]:
    """Characters that nobody who writes Traditional Chinese uses."""
    table = simplified_by_traditional()
    return frozenset(table.values()) - frozenset(map(chr, table))


def to_simplified(words: str) -> str:
    """Write Traditional characters as Simplified: this way round each has one counterpart, so rules match on it."""
    return words.translate(simplified_by_traditional())


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
