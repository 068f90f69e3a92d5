"""Which language is interpreted into which: kept in the flow from turn to turn, and turned round for the answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from namjai.chat.content.tongues import Tongue, tongues_named
from namjai.chat.domain.language import detect

_BY_SCRIPT: Final[Mapping[str, Tongue]] = {"th": "th", "zh-TW": "zh-TW", "ja": "ja", "ko": "ko"}


class Pair(msgspec.Struct, frozen=True):
    """From which language into which."""

    source: Tongue
    target: Tongue

    @property
    def swapped(self) -> Pair:
        """The other direction."""
        return Pair(self.target, self.source)

    @property
    def slots(self) -> dict[str, Any]:
        """As the flow keeps it."""
        return {"source": self.source, "target": self.target}


def pair_of(slots: Mapping[str, Any]) -> Pair | None:
    """The pair that a flow has kept."""
    try:
        return msgspec.convert({"source": slots.get("source"), "target": slots.get("target")}, Pair)
    except msgspec.ValidationError:
        return None


def pair_named(words: str, mine: Tongue) -> Pair | None:
    """The pair that is asked for: "Japanese" means from one's own, "from Thai to Japanese" names both."""
    named = tongues_named(words)
    if len(named) == 2:
        return Pair(named[0], named[1])
    if len(named) == 1 and named[0] != mine:
        return Pair(mine, named[0])
    return None


def facing(pair: Pair, words: str) -> Pair:
    """The pair turned so that its source is the language of the words: two people hand one phone to and fro.

    Turned only where the script leaves no doubt; Latin languages and Taigi, which looks like Mandarin, never are.
    """
    written = detect(words)
    spoken = _BY_SCRIPT.get("zh-TW" if written == "zh-CN" else written or "")
    if spoken is None or spoken == pair.source or "nan" in (pair.source, pair.target):
        return pair
    return pair.swapped if spoken == pair.target else pair
