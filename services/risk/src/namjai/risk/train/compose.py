"""Composes messages from the grammars: frames and fillers, written as people type, the same ones every time."""

from __future__ import annotations

import hashlib
import random
import re
import string
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

import msgspec
import yaml

from namjai.risk.domain.model import Level
from namjai.risk.train.data import BadData, Row

MESSAGES_PER_FRAME = 14
SOURCE = "composed"
_HOLE = re.compile(r"\{(\w+)\}|\[([^\[\]]*)\]")
_NESTING_MAX = 3
_THAI_TONE = re.compile("[่-๋]")
_THAI_ALIKE = str.maketrans("ใไษศณฤภผ", "ไใสสนรพพ")
_Slip: TypeAlias = Callable[[str, random.Random], str]
_SLIPS_SHARE = 0.3
"""How many messages are typed badly: the normaliser mends much of it, and what it leaves must not blind the model."""


class _Grammar(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    language: str
    status: str
    author: str
    slots: Mapping[str, str] = {}
    crisis: Mapping[str, str]
    high: Mapping[str, str]
    medium: Mapping[str, str]
    none: Mapping[str, str]


def compose(folder: Path) -> list[Row]:
    """The messages of every grammar in the folder; a language's slots serve all its grammars. Raises `BadData`."""
    grammars = [_grammar(file) for file in sorted(folder.glob("*.yaml"))]
    slots: dict[str, dict[str, list[str]]] = {}
    for grammar in grammars:
        fillers = {name: [filler.strip() for filler in line.split("|")] for name, line in grammar.slots.items()}
        slots.setdefault(grammar.language, {}).update(fillers)
    return [row for grammar in grammars for row in _composed(grammar, slots[grammar.language])]


def _grammar(file: Path) -> _Grammar:
    try:
        return msgspec.convert(yaml.safe_load(file.read_text(encoding="utf-8")), _Grammar)
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise BadData(f"{file} is no grammar: {type(error).__name__}") from error


def _composed(grammar: _Grammar, slots: Mapping[str, Sequence[str]]) -> Iterator[Row]:
    for level in (Level.CRISIS, Level.HIGH, Level.MEDIUM, Level.NONE):
        for family, frames in getattr(grammar, level.value).items():
            for frame in frames.splitlines():
                yield from _messages(frame, slots, grammar.language, level, family)


def _messages(
    frame: str, slots: Mapping[str, Sequence[str]], language: str, level: Level, family: str
) -> Iterator[Row]:
    """A frame's messages: fillers drawn by the frame itself, so that a new frame changes no other's."""
    draw = random.Random(hashlib.sha256(frame.encode()).digest())  # noqa: S311 (composes, and hides nothing)
    texts = dict[str, frozenset[str]]()
    for _ in range(MESSAGES_PER_FRAME):
        fillers = set[str]()
        text = _filled(frame, slots, draw, fillers)
        if draw.random() < _SLIPS_SHARE:
            text = _slipped(text, language, draw)
        texts.setdefault(text, frozenset(fillers))
    for text, used in texts.items():
        yield Row(
            text=text,
            source=SOURCE,
            group=f"{SOURCE}:{language}:{frame}",
            level=level,
            any=level >= Level.MEDIUM,
            high=level >= Level.HIGH,
            crisis=level >= Level.CRISIS,
            family=family if level > Level.NONE else "",
            fillers=used,
            weight=len(texts) ** -0.5,
        )


def _filled(frame: str, slots: Mapping[str, Sequence[str]], draw: random.Random, used: set[str]) -> str:
    """A frame with a filler in every hole; a hole may hold another."""

    def fill(hole: re.Match[str]) -> str:
        filler: str = draw.choice(slots[hole[1]] if hole[1] else hole[2].split("|"))
        if hole[1] and len(slots[hole[1]]) > 1:
            used.add(f"{hole[1]}:{filler}")
        return filler

    text = frame
    for _ in range(_NESTING_MAX):
        text = _HOLE.sub(fill, text)
    return text.strip()


def _slipped(text: str, language: str, draw: random.Random) -> str:
    """The text with one kind of slip that its writers make."""
    slips: tuple[_Slip, ...] = (_dropped, _doubled, _unspaced, _particles)
    if language == "th":
        slips += (_toneless, _alike)
    return draw.choice(slips)(text, draw)


def _dropped(text: str, draw: random.Random) -> str:
    places = [n for n, letter in enumerate(text) if letter in string.ascii_letters]
    if not places:
        return _unspaced(text, draw)
    place = draw.choice(places)
    return text[:place] + text[place + 1 :]


def _doubled(text: str, draw: random.Random) -> str:
    place = draw.randrange(len(text))
    return text[:place] + text[place] * draw.randint(2, 4) + text[place + 1 :]


def _unspaced(text: str, draw: random.Random) -> str:
    if text.isascii():  # words run into one another here and there, never all of them
        return "".join(a if a != " " or draw.random() > 1 / 4 else "" for a in text)
    return re.sub(r"[\s，。、]+", draw.choice(("", " ", "  ", "\n")), text)


def _particles(text: str, draw: random.Random) -> str:
    return draw.choice(("{} 😔", "{}...", "...{}", "{} 😂", "{}!!", "um {}", "{} 🙏")).format(text)


def _toneless(text: str, draw: random.Random) -> str:
    marks = list(_THAI_TONE.finditer(text))
    gone = {m.start() for m in marks if draw.random() < 1 / 2}
    return "".join(letter for n, letter in enumerate(text) if n not in gone)


def _alike(text: str, draw: random.Random) -> str:
    return "".join(b if draw.random() < 1 / 2 else a for a, b in zip(text, text.translate(_THAI_ALIKE), strict=True))
