"""Finds the topic of the library that somebody means. A wrong one is worse than none: what is not sure is asked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Final

import msgspec
from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from namjai.chat.content import Language, load
from namjai.chat.content.words import fold
from namjai.chat.skills.education.shelf import PACKAGE, Entry, entries

READ_CHARS_MAX: Final = 200
SLIPS_OF_CHARS: Final = ((11, 2), (6, 1))
"""So many slips of the finger are forgiven in words at least so long: one in "diabetis", none in "heroin"'s length
of something else."""
NEAR_SCORE_MIN: Final = 70.0
NEAREST_MAX: Final = 4
_EDGES: Final = " .,:;!?\"'“”「」()，。：；！？…-"


class Found(msgspec.Struct, frozen=True):
    """`topic` where there is no doubt; else `perhaps`, the topics that may be meant, the likeliest first."""

    topic: str | None = None
    perhaps: tuple[str, ...] = ()


class Fillers(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Words round a topic that change nothing about which one it is; `others` are words that look like one of ours
    and are something else; `asks` are the words of a question, and `about_me` those of somebody who talks of
    themselves; `before` and `after` stand round the name of a topic that somebody asks for."""

    fillers: dict[Language, tuple[str, ...]]
    others: tuple[str, ...]
    asks: tuple[str, ...]
    about_me: tuple[str, ...]
    before: dict[Language, tuple[str, ...]]
    after: dict[Language, tuple[str, ...]]


def find(said: str) -> Found:
    """The topic in what somebody wrote.

    >>> find("information about yaba").topic
    'methamphetamine'
    """
    folded = fold(said[:READ_CHARS_MAX])
    if _others().search(folded):
        return Found(perhaps=tuple(_topics_in(folded)))
    for whole in (folded.strip(_EDGES), _bare(folded)):
        if (topic := _meanings().get(whole)) is not None:
            return Found(topic)
    named = _topics_in(folded)
    rest = _bare(_pattern().sub(" ", folded))
    if len(named) == 1 and not rest:
        return Found(named[0])
    misspelt = _misspelt(_bare(folded))
    return Found(perhaps=tuple(named[:NEAREST_MAX])) if named and misspelt.topic is None else misspelt


def subject(said: str) -> str:
    """What is asked about, without what people put round it: it is one question.

    >>> subject("What is gout?"), subject("tell me about Gout"), subject("什麼是痛風？")
    ('gout', 'gout', '痛风')
    """
    folded = bare = fold(said[:READ_CHARS_MAX]).strip(_EDGES)
    while (shorter := _after().sub("", _before().sub("", bare)).strip(_EDGES)) and shorter != bare:
        bare = shorter
    return bare or folded


def nearest(said: str, limit: int = NEAREST_MAX) -> tuple[str, ...]:
    """Topics to offer instead: those that look alike, then the first of the library."""
    bare = _bare(fold(said[:READ_CHARS_MAX]))
    close = process.extract(bare, _long_words(), scorer=fuzz.WRatio, score_cutoff=NEAR_SCORE_MIN, limit=12)
    alike = [_meanings()[word] for word, _, _ in close] if bare else []
    return tuple(dict.fromkeys((*find(said).perhaps, *alike, *entries())))[:limit]


def is_question_about(said: str) -> str | None:
    """The topic of a plain question about an illness or a substance, that is not about the person who asks."""
    folded = fold(said[:READ_CHARS_MAX])
    if len(said) > READ_CHARS_MAX or not _asks().search(folded) or not _topics_in(folded):
        return None
    return None if is_about_somebody(said) else find(said).topic


def is_about_somebody(said: str) -> bool:
    """Whether somebody talks of themselves or of somebody near: that is for support."""
    rest = _asks().sub(" ", _pattern().sub(" ", fold(said[:READ_CHARS_MAX])))
    return _about_me().search(rest) is not None


def _topics_in(folded: str) -> list[str]:
    found = (_meanings()[each.group()] for each in _pattern().finditer(folded))
    return list(dict.fromkeys(found))


def _misspelt(bare: str) -> Found:
    """A word of ours with a slip in it; when two topics are as near, neither is meant for sure."""
    slips_max = next((slips for chars, slips in SLIPS_OF_CHARS if len(bare) >= chars), 0)
    if not slips_max or not _spells_by_letters(bare):
        return Found()
    close = process.extract(bare, _long_words(), scorer=OSA.distance, score_cutoff=slips_max, limit=5)
    topics = tuple(dict.fromkeys(_meanings()[word] for word, _, _ in close if word[0] == bare[0]))
    return Found(topics[0]) if len(topics) == 1 else Found(perhaps=topics)


def _spells_by_letters(bare: str) -> bool:
    """Chinese is not: two characters that differ are two words."""
    return not re.search("[\u3400-\u9fff]", bare)


def _bare(folded: str) -> str:
    """Without the words round it."""
    return re.sub(r"\s+", " ", _fillers().sub(" ", folded)).strip(_EDGES)


@lru_cache(maxsize=1)
def _file() -> Fillers:
    return load(PACKAGE, "words.yaml", Fillers)


@lru_cache(maxsize=1)
def _meanings() -> dict[str, str]:
    """Topic by word; also by what is left of it without fillers, where that is no word of another topic."""
    meanings: dict[str, str] = {}
    for topic, entry in entries().items():
        for word in (*_words(entry), *entry.alone):
            if meanings.setdefault(fold(word), topic) != topic:
                raise ValueError(f"{word!r} means both {meanings[fold(word)]} and {topic}")
    for word, topic in list(meanings.items()):
        if bare := _bare(word):
            meanings.setdefault(bare, topic)
    return meanings


def _words(entry: Entry) -> Iterator[str]:
    """Those that mean the topic wherever they stand."""
    yield from entry.names.values()
    for words in entry.words.values():
        yield from words


@lru_cache(maxsize=1)
def _long_words() -> Sequence[str]:
    """What is spelt by letters and long enough to be known with a slip in it."""
    shortest = SLIPS_OF_CHARS[-1][0] - 1
    return [word for word in _meanings() if len(word) >= shortest and _spells_by_letters(word)]


@lru_cache(maxsize=1)
def _pattern() -> re.Pattern[str]:
    """The words that mean a topic wherever they stand."""
    return _any_of(word for entry in entries().values() for word in _words(entry))


@lru_cache(maxsize=1)
def _fillers() -> re.Pattern[str]:
    return _any_of(word for words in _file().fillers.values() for word in words)


@lru_cache(maxsize=1)
def _others() -> re.Pattern[str]:
    return _any_of(_file().others)


@lru_cache(maxsize=1)
def _asks() -> re.Pattern[str]:
    return _any_of(_file().asks)


@lru_cache(maxsize=1)
def _about_me() -> re.Pattern[str]:
    return _any_of(_file().about_me)


@lru_cache(maxsize=1)
def _before() -> re.Pattern[str]:
    return re.compile(rf"^(?:{_any_of(_every(_file().before)).pattern})")


@lru_cache(maxsize=1)
def _after() -> re.Pattern[str]:
    return re.compile(rf"(?:{_any_of(_every(_file().after)).pattern})$")


def _every(words: Mapping[Language, Iterable[str]]) -> Iterator[str]:
    for each in words.values():
        yield from each


def _any_of(words: Iterable[str]) -> re.Pattern[str]:
    """Any of the words, the longest first; Latin ones must stand as whole words."""
    folded = sorted({fold(word) for word in words}, key=len, reverse=True)
    return re.compile("|".join(_whole(word) for word in folded))


def _whole(word: str) -> str:
    left = r"(?<![a-z0-9])" if word[0].isascii() and word[0].isalnum() else ""
    right = r"(?![a-z0-9])" if word[-1].isascii() and word[-1].isalnum() else ""
    return f"{left}{re.escape(word)}{right}"


def preload() -> None:
    """Build every table."""
    nearest("preload")
    subject("preload")
    is_question_about("preload?")
