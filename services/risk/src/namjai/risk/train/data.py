"""Reads the texts to learn from: the public sets, the rules' own examples and messages written by hand."""

from __future__ import annotations

import hashlib
import itertools
import json
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import yaml

from namjai.risk.domain.model import Level

SELF_DIRECTED = frozenset(
    ("active ideation", "passive ideation", "plan", "attempt", "NSSI act", "NSSI ideation", "preparatory")
)
"""PsyGUARD's labels for a danger to oneself. `exploration` (questions, others' fates) is not one of them."""
_SLOT = re.compile(r"\[([^\[\]]*)\]")
_EXPANSIONS_MAX = 8
_LEVEL_OF_SEVERITY = (Level.NONE, Level.MEDIUM, Level.HIGH, Level.HIGH, Level.CRISIS, Level.CRISIS, Level.CRISIS)


class BadData(Exception):
    """A file is not in any of the shapes that we read; the message says which file."""


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A text with what is known of it."""

    text: str
    source: str
    """`zh`, `en`, `neg`, `own` or `composed`."""
    group: str
    """Rows of one group are variants of one another: never one learned from and the other measured."""
    level: Level
    """As published or written; measured against."""
    any: bool
    high: bool
    crisis: bool | None = None
    """Whether it asserts a crisis; none where whoever labelled it did not ask that."""
    family: str = ""
    """What sort of danger it tells of, where that is known."""
    fillers: frozenset[str] = frozenset()
    """What filled the slots of a composed text."""
    learned_from: bool = True
    weight: float = 1.0


def read(path: Path, source: str) -> list[Row]:
    """The rows of a file or of all files in a folder. Raises `BadData`."""
    if path.is_dir():
        return [row for file in sorted(path.rglob("*")) if _readable(file) for row in read(file, source)]
    try:
        content = path.read_text(encoding="utf-8")
        if path.suffix == ".jsonl":
            return [_row(json.loads(line), source, f"{path.name}:{n}") for n, line in enumerate(content.splitlines())]
        document = yaml.safe_load(content)
        if not isinstance(document, dict):
            raise BadData(f"{path} is not a list of cases or rules")
        return list(_shape(document)(document, path.stem))
    except (OSError, ValueError, KeyError, TypeError, IndexError, yaml.YAMLError) as error:
        raise BadData(f"{path} cannot be read as {source}: {type(error).__name__}") from error  # never its words


def digest(rows: Sequence[Row]) -> str:
    """What was learned from, as one number for the card."""
    return hashlib.sha256(msgspec.json.encode(rows)).hexdigest()[:12]


def _readable(path: Path) -> bool:
    return path.suffix == ".jsonl" or (path.suffix == ".yaml" and _is_examples(path))


def _is_examples(path: Path) -> bool:
    return re.search(r"^(?:rules|none):", path.read_text(encoding="utf-8"), re.MULTILINE) is not None


def _shape(document: dict[str, Any]) -> Callable[[dict[str, Any], str], Iterator[Row]]:
    """Which of our own kinds of file this is."""
    if "rules" in document:
        return _examples
    if "none" in document:
        return _cases
    first = next(iter(document.values()))
    if isinstance(first, dict):
        return _suites
    return _pairs if len(first[0]) == 2 else _bounds


def _row(written: dict[str, Any], source: str, group: str) -> Row:
    labels = written.get("labels")
    level = Level(written.get("level", "none"))
    learned_from = True
    if source == "zh" and labels is not None:
        any_ = not SELF_DIRECTED.isdisjoint(labels)
        high = any_ and level >= Level.HIGH
        learned_from = any_ or not any("aggression" in label for label in labels)  # danger, but of another sort
    elif source == "en" and labels is not None:
        level = _LEVEL_OF_SEVERITY[int(labels[0])]
        any_, high = level >= Level.MEDIUM, level >= Level.HIGH
    else:
        any_, high = level >= Level.MEDIUM, level >= Level.HIGH
    return Row(
        text=written["text"],
        source=source,
        group=group,
        level=level,
        any=any_,
        high=high,
        crisis=None if level >= Level.HIGH and source in ("zh", "en") else level >= Level.CRISIS,
        learned_from=learned_from,
    )


def _cases(document: dict[str, Any], name: str) -> Iterator[Row]:
    """Messages by level, each line with its variants; together they weigh as much as their square root."""
    for level in Level:
        for number, line in enumerate(document.get(level.value) or ()):
            texts = _variants(line)
            for text in texts:
                yield _own(text, f"{name}:{level.value}:{number}", level, len(texts) ** -0.5)


def _suites(document: dict[str, Any], name: str) -> Iterator[Row]:
    """A language, a level, messages."""
    for levels in document.values():
        for level, texts in levels.items():
            yield from (_own(text, f"{name}:{text}", Level(level)) for text in texts)


def _pairs(document: dict[str, Any], name: str) -> Iterator[Row]:
    """A level and a message each."""
    for pairs in document.values():
        yield from (_own(text, f"{name}:{text}", Level(level)) for level, text in pairs)


def _bounds(document: dict[str, Any], name: str) -> Iterator[Row]:
    """Families of `[language, what, at_least | at_most, level, message]`; a bound that settles nothing is left out."""
    for cases in document.values():
        for _, _, bound, level, text in cases:
            if (bound == "at_least") == (Level(level) >= Level.MEDIUM):
                row = _own(text, f"{name}:{text}", Level(level))
                yield msgspec.structs.replace(row, crisis=None if row.high and not row.crisis else row.crisis)


def _examples(document: dict[str, Any], name: str) -> Iterator[Row]:
    """The rules' own hits and near misses; a signal's hits say nothing by themselves."""
    for rule in document["rules"]:
        about = document | rule
        level = Level(about.get("level", "none"))
        if level > Level.NONE:
            sort = "other" if about.get("subject") == "other" else about["category"]
            hits = (_own(text, f"{name}:{rule['id']}", level) for text in rule["hits"])
            yield from (msgspec.structs.replace(row, family=sort) for row in hits)
        yield from (_own(text, f"{name}:{rule['id']}", Level.NONE) for text in rule["near_misses"])


def _own(text: str, group: str, level: Level, weight: float = 1.0) -> Row:
    return Row(
        text=text,
        source="own",
        group=f"own:{group}",
        level=level,
        any=level >= Level.MEDIUM,
        high=level >= Level.HIGH,
        crisis=level >= Level.CRISIS,
        weight=weight,
    )


def _variants(line: str) -> list[str]:
    """A line with one word of each `[a|b]`: all combinations, or some of them spread evenly over all."""
    parts = _SLOT.split(line)
    choices = [part.split("|") if index % 2 else [part] for index, part in enumerate(parts)]
    texts = ["".join(words).strip() for words in itertools.product(*choices)]
    if len(texts) > _EXPANSIONS_MAX:
        step = len(texts) / _EXPANSIONS_MAX
        texts = [texts[int(n * step + n) % len(texts)] for n in range(_EXPANSIONS_MAX)]  # not always the first words
    return list(dict.fromkeys(texts))
