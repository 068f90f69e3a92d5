"""Whether what a model wrote may be said: the first fault in it, by what it is held to."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final, Literal

import msgspec

from namjai.chat.content import Meta, lines, load
from namjai.chat.domain.language import detect, fold, latin, plain

Guard = Literal["talk", "document", "translation", "memory", "data"]
"""What an answer is held to: a few kind sentences, a structured text, another's words in another language, what is
remembered of somebody, or nothing that a person reads as it is."""
Fault = Literal[
    "empty",
    "long",
    "sentences",
    "language",
    "markup",
    "link",
    "number",
    "dose",
    "harm",
    "secrecy",
    "diagnosis",
    "figures",
]
CHARS_MAX: Final[Mapping[Guard, int]] = {
    "talk": 600,
    "document": 6_000,
    "translation": 8_000,
    "memory": 2_500,
    "data": 40_000,
}
SENTENCES_MAX: Final = 4
TRANSLATION_GROWTH_MAX: Final = 8
"""One ideograph may become a word of eight letters; what grows more says more than was said."""
PHONE_PART_DIGITS_MIN: Final = 3
PHONE_DIGITS_MIN: Final = 7

_SENTENCE: Final = re.compile(r"[.!?…]+(?=\s|$)|[。！？]+|\n+|(?:ครับ|ค่ะ|นะคะ)(?=\s|$)")
_LINK: Final = re.compile(r"https?:|www\.|[a-z0-9_-]\.[a-z]{2,}|@[a-z0-9_]", re.ASCII)
_LINKED: Final = re.compile(r"\S*(?:https?:|www\.|[a-z0-9_-]\.[a-z]{2,}|@[a-z0-9_])[!-~]*", re.ASCII)
_MARKUP: Final = re.compile(r"</?\w|\*\*|__|```|^\s*(?:#+|[-*•]|\d+[.)])\s", re.MULTILINE)
_MARKUP_IN_DOCUMENT: Final = re.compile(r"</?\w|\*\*|__|```|^\s*#+\s", re.MULTILINE)
"""A document may count its points."""
_NUMBER: Final = re.compile(r"\d(?:[\s().+\-‐-―]*\d)*")
_CALL: Final = re.compile(
    r"(?:\b(?:call|dial|phone|ring|tel|hotline|gọi|telepon|hubungi|llam\w*|appel\w*)\b|โทร|สายด่วน|เบอร์|拨打?|电话|专线|전화)"
    r"[^\d\n]{0,20}(\d[\d\s().+-]*)"
)
_YEAR: Final = re.compile(r"(?:19|20|24|25|26)\d\d")
_THOUSANDS: Final = re.compile("(?<=\\d)[,.\u00a0\u202f](?=\\d{3}(?!\\d))")
_FOREIGN: Final[dict[str, re.Pattern[str]]] = {
    "th": re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0400-\u04ff\u0600-\u06ff]"),
    "en": re.compile("[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0400-\u04ff\u0600-\u06ff]"),
    "zh-TW": re.compile("[\u0e00-\u0e7f\u3040-\u30ff\uac00-\ud7af\u0400-\u04ff\u0600-\u06ff]"),
}
"""A model that slips into another script slips in the middle of a word; a Latin name inside Thai is ordinary."""
_IN_LATIN: Final = frozenset({"en", "vi", "id", "es", "fr"})
_WORDS_TELLING_MIN: Final = 5
"""Fewer words in Latin letters do not tell which language they are."""
_KANJI_ALONE_MAX: Final = 20
"""So few ideographs without kana may be Japanese: the name of an illness, a heading."""

Words = Literal["dose", "harm", "secrecy", "diagnosis"]


class GuardTexts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What may not be said: anywhere, or in talk only, where less is ordinary; and warnings that sound like it."""

    meta: Meta
    forbidden: dict[Words, tuple[str, ...]]
    forbidden_in_talk: dict[Words, tuple[str, ...]]
    warnings: tuple[str, ...]


@lru_cache(maxsize=1)
def guard_texts() -> GuardTexts:
    """The patterns."""
    return load("namjai.chat.domain", "guard.yaml", GuardTexts)


@dataclass(frozen=True)
class _Written:
    """What a model wrote, for whom, and from what."""

    bare: str
    language: str
    source: str

    @cached_property
    def folded(self) -> str:
        """As patterns read it."""
        return fold(self.bare)

    @cached_property
    def figures(self) -> str:
        """With digits of every script as the plain ones."""
        return _plain_digits(self.bare)


def fault(words: str, language: str, kind: Guard = "talk", *, source: str = "") -> Fault | None:
    """The first reason why these words may not be said; None when they may. `source` is what a translation is of."""
    bare = words.strip()
    if not bare:
        return "empty"
    if len(bare) > CHARS_MAX[kind]:
        return "long"
    written = _Written(bare, language, source)
    return next((found for check in _CHECKS[kind] if (found := check(written)) is not None), None)


def leads_elsewhere(words: str) -> bool:
    """Whether words of somebody else's that we would quote hold a link, or a telephone number that is not ours."""
    written = _Written(words, "", "")
    return _link(written) is not None or _number_in_document(written) is not None


def _sentences(written: _Written) -> Fault | None:
    count = sum(bool(part.strip()) for part in _SENTENCE.split(written.bare))
    return "sentences" if count > SENTENCES_MAX else None


def _language(written: _Written) -> Fault | None:
    foreign = _FOREIGN.get(written.language)
    slipped = foreign is not None and foreign.search(written.bare) is not None
    return "language" if slipped or not _is_in(written.bare, written.language) else None


def _target(written: _Written) -> Fault | None:
    """Names may stay in their script; where nothing has letters there is nothing to translate."""
    if detect(written.bare) is None:
        return None if detect(written.source) is None else "language"
    return None if _is_in(written.bare, written.language) else "language"


def _is_in(words: str, language: str) -> bool:
    """Whether words are in a language, as far as script, and for Latin letters their look, can tell."""
    script = detect(words)
    match language:
        case "nan":  # in ideographs or in Latin letters
            return script in ("zh-TW", "en")
        case "ja":
            return script == "ja" or (script in ("zh-TW", "zh-CN") and len(words) <= _KANJI_ALONE_MAX)
        case _ if language in _IN_LATIN:
            return script == "en" and (_is_short(words) or latin(words) in (None, language))
        case _:
            return script == language


def _is_short(words: str) -> bool:
    return sum(any(map(str.isalpha, word)) for word in words.split()) < _WORDS_TELLING_MIN


def _markup(written: _Written) -> Fault | None:
    return "markup" if _MARKUP.search(written.bare) else None


def _markup_in_document(written: _Written) -> Fault | None:
    return "markup" if _MARKUP_IN_DOCUMENT.search(written.bare) else None


def _added_markup(written: _Written) -> Fault | None:
    added = _MARKUP_IN_DOCUMENT.search(written.bare) and not _MARKUP_IN_DOCUMENT.search(written.source)
    return "markup" if added else None


def _link(written: _Written) -> Fault | None:
    return "link" if _LINK.search(written.folded) else None


def _added_link(written: _Written) -> Fault | None:
    given = set(_LINKED.findall(fold(written.source)))
    return "link" if set(_LINKED.findall(written.folded)) - given else None


def _number(written: _Written) -> Fault | None:
    """In talk no number is ordinary that could be called, unless it is ours."""
    found = (_parts(each) for each in _NUMBER.findall(written.figures))
    return "number" if any(_could_be_called(parts) and not _is_ours(parts) for parts in found) else None


def _number_in_document(written: _Written) -> Fault | None:
    """In a document numbers are ordinary: only what looks like a telephone number, or is said to be one."""
    told = [_parts(each) for each in _CALL.findall(fold(written.figures))]
    if any(len("".join(parts)) >= PHONE_PART_DIGITS_MIN and not _is_ours(parts) for parts in told):
        return "number"
    found = (_parts(each) for each in _NUMBER.findall(_THOUSANDS.sub(",", written.figures)))
    return "number" if any(_looks_dialled(parts) and not _is_ours(parts) for parts in found) else None


def _same_figures(written: _Written) -> Fault | None:
    """A translation that changes a number may change a dose."""
    return None if _figures(written.bare) == _figures(written.source) else "figures"


def _growth(written: _Written) -> Fault | None:
    return "long" if len(written.bare) > len(written.source.strip()) * TRANSLATION_GROWTH_MAX + 40 else None


def _forbidden_in_talk(written: _Written) -> Fault | None:
    return next((kind for kind, pattern in _patterns("talk") if pattern.search(written.folded)), None)


def _forbidden(written: _Written) -> Fault | None:
    """A document warns: what follows a "do not" is no advice to do it."""
    said = _warnings().sub(" ", written.folded)
    return next((kind for kind, pattern in _patterns("document") if pattern.search(said)), None)


_CHECKS: Final[Mapping[Guard, tuple[Callable[[_Written], Fault | None], ...]]] = {
    "talk": (_sentences, _language, _markup, _link, _number, _forbidden_in_talk),
    "document": (_language, _markup_in_document, _link, _number_in_document, _forbidden),
    "translation": (_growth, _target, _added_markup, _added_link, _same_figures),
    "memory": (_language, _markup_in_document, _link, _number_in_document, _forbidden),
    "data": (),
}


def _figures(text: str) -> Counter[str]:
    """Every number in a text, however its digits and thousands are written."""
    return Counter(each.lstrip("0") or "0" for each in re.findall(r"\d+", _THOUSANDS.sub("", _plain_digits(text))))


def _plain_digits(text: str) -> str:
    normal = unicodedata.normalize("NFKC", text)
    return "".join(str(unicodedata.digit(char)) if char.isdecimal() else char for char in normal)


def _parts(number: str) -> list[str]:
    return re.findall(r"\d+", number)


def _could_be_called(parts: list[str]) -> bool:
    """Of "10–15" and "30" nobody thinks so."""
    return max(map(len, parts)) >= PHONE_PART_DIGITS_MIN or sum(map(len, parts)) >= PHONE_DIGITS_MIN


def _looks_dialled(parts: list[str]) -> bool:
    """As many digits as a telephone number, and not the years from one to another."""
    return sum(map(len, parts)) >= PHONE_DIGITS_MIN and not all(map(_YEAR.fullmatch, parts))


def _is_ours(parts: list[str]) -> bool:
    ours = {line.number for line in lines()}
    return "".join(parts) in ours or all(part in ours for part in parts)


@lru_cache(maxsize=2)
def _patterns(kind: Literal["talk", "document"]) -> tuple[tuple[Fault, re.Pattern[str]], ...]:
    texts = guard_texts()
    also = texts.forbidden_in_talk if kind == "talk" else {}
    return tuple(
        (name, re.compile("|".join(plain(pattern) for pattern in (*patterns, *also.get(name, ())))))
        for name, patterns in texts.forbidden.items()
    )


@lru_cache(maxsize=1)
def _warnings() -> re.Pattern[str]:
    return re.compile("|".join(plain(pattern) for pattern in guard_texts().warnings))
