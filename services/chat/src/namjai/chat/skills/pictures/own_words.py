"""Which words in a picture risk shall judge: all of them, but for what only the maker of a medicine can have said."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

import msgspec

from namjai.chat.content import Meta, load
from namjai.chat.content.words import fold
from namjai.chat.skills.pictures.reading import PACKAGE, Reading

_SENTENCE: Final = re.compile(r"(?<=[.!?。！？;；])\s*|\n+")


class LabelSpeech(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How packets speak, and how people speak of themselves, which no packet does."""

    meta: Meta
    cues: tuple[str, ...]
    first_person: tuple[str, ...]


@lru_cache(maxsize=1)
def label_speech() -> LabelSpeech:
    """The file."""
    return load(PACKAGE, "label_speech.yaml", LabelSpeech)


def for_risk(reading: Reading) -> str:
    """Every legible word. On the packet of a medicine, not the sentences that speak as packets do: "may cause thoughts
    of suicide" is a warning that must be read, and no danger. Handwriting counts whatever it says."""
    parts = (*reading.names, *reading.instructions, *reading.warnings)
    whole = reading.legible_text.strip()
    words = "\n".join([whole, *(part for part in parts if part and part not in whole)]).strip()
    if reading.kind != "medicine":
        return _once(reading.handwritten, words)
    own = [sentence.strip() for sentence in _SENTENCE.split(words) if sentence and not _is_label_speech(sentence)]
    return _once(reading.handwritten, "\n".join(filter(None, own)))


def _once(handwritten: str, words: str) -> str:
    by_hand = handwritten.strip()
    return words if by_hand in words else f"{words}\n{by_hand}".strip()


def _is_label_speech(sentence: str) -> bool:
    cues, first_person = _patterns()
    said = fold(sentence)
    return cues.search(said) is not None and first_person.search(said) is None


@lru_cache(maxsize=1)
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    file = label_speech()
    cues, first_person = (re.compile("|".join(map(_pattern, words))) for words in (file.cues, file.first_person))
    return cues, first_person


def _pattern(word: str) -> str:
    """A Latin word as a word, one of Thai or Chinese anywhere."""
    folded = fold(word)
    return rf"(?<![a-z']){re.escape(folded)}(?![a-z])" if folded.isascii() else re.escape(folded)
