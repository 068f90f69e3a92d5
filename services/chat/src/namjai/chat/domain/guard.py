"""Whether a model may be asked for the words of a turn, and whether what it wrote may be said."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from functools import lru_cache
from typing import Final, Literal

import msgspec

from namjai.chat.content import Meta, UiLanguage, lines, load
from namjai.chat.domain.composed import Composed
from namjai.chat.domain.language import fold, is_written_in, plain
from namjai.chat.domain.visit import Visit

Guard = Literal["talk", "document", "translation", "data"]
"""What an answer is held to: a few kind sentences, a structured text, another's words in another language, or nothing
that a person reads as it is."""
Fault = Literal[
    "empty", "long", "sentences", "language", "markup", "link", "number", "dose", "secrecy", "diagnosis"
]  # fmt: skip
SENTENCES_MAX: Final = 4
CHARS_MAX: Final = 600
ASKED_CHARS_MAX: Final = 4_000
"""Of somebody who wrote a book, the model reads the end."""
PHONE_PART_DIGITS_MIN: Final = 3
PHONE_DIGITS_MIN: Final = 7

_SENTENCE: Final = re.compile(r"[.!?…]+(?=\s|$)|[。！？]+|\n+|(?:ครับ|ค่ะ|นะคะ)(?=\s|$)")
_LINK: Final = re.compile(r"https?:|www\.|[a-z0-9_-]\.[a-z]{2,}|@[a-z0-9_]", re.ASCII)
_MARKUP: Final = re.compile(r"</?\w|\*\*|__|```|^\s*(?:#+|[-*•]|\d+[.)])\s", re.MULTILINE)
_NUMBER: Final = re.compile(r"\d(?:[\s().+\-‐-―]*\d)*")
_FOREIGN: Final[dict[str, re.Pattern[str]]] = {
    "th": re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0400-\u04ff\u0600-\u06ff]"),
    "en": re.compile("[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0400-\u04ff\u0600-\u06ff]"),
    "zh-TW": re.compile("[\u0e00-\u0e7f\u3040-\u30ff\uac00-\ud7af\u0400-\u04ff\u0600-\u06ff]"),
}
"""A model that slips into another script slips in the middle of a word; a Latin name inside Thai is ordinary."""


class Prompt(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the model is told; `write_in` says in which language."""

    meta: Meta
    system: str
    write_in: dict[UiLanguage, str]


class ModelTexts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file."""

    prompt: Prompt
    curated_only: frozenset[str]
    forbidden: dict[Literal["dose", "secrecy", "diagnosis"], tuple[str, ...]]


@lru_cache(maxsize=1)
def model_texts() -> ModelTexts:
    """What a model is told and may not say."""
    return load("namjai.chat.domain", "model.yaml", ModelTexts)


def system_prompt(language: UiLanguage) -> str:
    """The instruction that goes before a person's words."""
    prompt = model_texts().prompt
    return prompt.system.format(write_in=prompt.write_in[language])


def question(visit: Visit, composed: Composed) -> str | None:
    """The person's own words of this turn, if a model may read them; None where our own answer stands.

    It may when they agreed to it, risk found them in no more than distress, and the answer is ordinary support.
    """
    ordinary = composed.kind == "support" and composed.intent not in model_texts().curated_only
    if not visit.may_ask_model or not visit.calm or not ordinary:
        return None
    return visit.words[-ASKED_CHARS_MAX:].strip() or None


def reworded(composed: Composed, words: str, responder: str) -> Composed:
    """The turn in a model's words, under the buttons of the curated answer, and saying whose words they are."""
    prompt = model_texts().prompt.meta
    first, *others = composed.messages
    return replace(
        composed,
        messages=({**first, "text": words}, *others),
        responder=responder,
        content=(f"prompt/support@{prompt.version}",),
        review=prompt.status,
    )


def fault(words: str, language: str, kind: Guard = "talk", *, source: str = "") -> Fault | None:
    """The first reason why these words may not be said; None when they may."""
    if kind != "talk":
        return None
    return _talk_fault(words, language)


def _talk_fault(words: str, language: str) -> Fault | None:
    if not (bare := words.strip()):
        return "empty"
    if len(bare) > CHARS_MAX:
        return "long"
    if sum(bool(part.strip()) for part in _SENTENCE.split(bare)) > SENTENCES_MAX:
        return "sentences"
    foreign = _FOREIGN.get(language)
    if not is_written_in(bare, language) or (foreign is not None and foreign.search(bare)):
        return "language"
    if _MARKUP.search(bare):
        return "markup"
    folded = fold(bare)
    if _LINK.search(folded):
        return "link"
    if any(_is_unknown_number(found) for found in _NUMBER.findall(unicodedata.normalize("NFKC", bare))):
        return "number"
    return next((kind for kind, pattern in _forbidden() if pattern.search(folded)), None)


def _is_unknown_number(found: str) -> bool:
    """Whether it could be called and is no help line of ours; "10–15" and "30" are ordinary."""
    parts = ["".join(str(unicodedata.digit(char)) for char in part) for part in re.findall(r"\d+", found)]
    ours = {line.number for line in lines()}
    if "".join(parts) in ours or all(part in ours for part in parts):
        return False
    return max(map(len, parts)) >= PHONE_PART_DIGITS_MIN or sum(map(len, parts)) >= PHONE_DIGITS_MIN


@lru_cache(maxsize=1)
def _forbidden() -> tuple[tuple[Fault, re.Pattern[str]], ...]:
    return tuple(
        (kind, re.compile("|".join(plain(pattern) for pattern in patterns)))
        for kind, patterns in model_texts().forbidden.items()
    )
