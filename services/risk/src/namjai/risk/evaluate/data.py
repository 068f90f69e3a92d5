"""Reads labelled texts from files of the known formats, and says what to do about a line that it cannot read."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final, Literal

import msgspec
import yaml

from namjai.risk.domain.model import Level

TEXTS_MAX: Final = 1_000_000
LANGUAGES: Final = ("th", "en", "zh")
HARMLESS_PREFIX: Final = "neg"
"""A file whose name begins so holds harmless texts: a line without a level is `none`."""

Format = Literal["psyguard", "severity", "harmless", "levels", "suite"]

SELF_DIRECTED: Final = frozenset(
    {"active ideation", "passive ideation", "plan", "preparatory", "attempt", "NSSI ideation", "NSSI act"}
)
"""PsyGUARD's labels for what a person does to, or thinks of doing to, themselves."""
EXPLORATION: Final = "exploration"
"""PsyGUARD's label for asking about suicide."""
_PSYGUARD_LABELS: Final = SELF_DIRECTED | {EXPLORATION, "aggression by user", "aggression by other", "irrelevant"}
_SCRIPTS: Final = {
    "th": re.compile(r"[\u0e00-\u0e7f]"),
    "zh": re.compile(r"[\u3400-\u9fff]"),
    "en": re.compile(r"[A-Za-z]"),
}
_LEVELS: Final = ", ".join(level.value for level in Level)


class BadData(Exception):
    """A file cannot be read as labelled texts; the message says where and what to do, and repeats no text."""


class Example(msgspec.Struct, frozen=True, kw_only=True):
    """One text with what people said of it."""

    line: int
    text: str
    level: Level
    language: str
    labels: frozenset[str] = frozenset()
    """Labels as published, where the set has names for them (PsyGUARD)."""
    severity: int | None = None
    """C-SSRS severity 0 to 6, where the set has it (LLM-CSSRS)."""


class DataSet(msgspec.Struct, frozen=True, kw_only=True):
    """The texts of one file in one language."""

    name: str
    language: str
    format: Format
    examples: tuple[Example, ...]


class _Row(msgspec.Struct):
    """One line of a JSONL file, in any of the formats; fields that are not asked for are left alone."""

    text: str
    level: str | None = None
    language: str | None = None
    lang: str | None = None
    labels: list[str | int] = []


def read(paths: Sequence[Path], *, field: str = "text") -> list[DataSet]:
    """Every file's texts, one set for each language in it. `field` names another field to take the text from."""
    stems = Counter(path.stem for path in paths)
    found: list[DataSet] = []
    for path in paths:
        name = path.stem if stems[path.stem] == 1 else str(path)
        kind, examples = _read_file(path, field)
        for language in sorted({example.language for example in examples}):
            texts = tuple(example for example in examples if example.language == language)
            found.append(DataSet(name=name, language=language, format=kind, examples=texts))
    return found


def language_of(text: str) -> str:
    """The language that most letters of a text belong to, by script; `other` when there are none that we know."""
    counts = {language: len(script.findall(text)) for language, script in _SCRIPTS.items()}
    best = max(counts, key=lambda language: counts[language])
    return best if counts[best] else "other"


def _read_file(path: Path, field: str) -> tuple[Format, list[Example]]:
    try:
        content = path.read_text(encoding="utf-8")
    except OSError as missing:
        raise BadData(f"{path}: cannot be read ({missing.strerror}); name a .jsonl or .yaml file") from None
    except UnicodeDecodeError as wrong:
        raise BadData(f"{path}: is not UTF-8 (byte {wrong.start}); save it as UTF-8") from None
    suite = path.suffix in (".yaml", ".yml")
    kind, examples = _whole_suite(path, content) if suite else _lines(path, content, field)
    if not examples:
        raise BadData(f"{path}: holds no texts")
    if len(examples) > TEXTS_MAX:
        raise BadData(f"{path}: holds more than {TEXTS_MAX:,} texts; split it")
    return kind, examples


def _lines(path: Path, content: str, field: str) -> tuple[Format, list[Example]]:
    examples = []
    kinds: set[Format] = set()
    for number, line in enumerate(content.split("\n"), start=1):
        if line.strip():
            kind, example = _example(path, number, line, field)
            kinds.add(kind)
            examples.append(example)
    if len(kinds) > 1:
        raise BadData(f"{path}: mixes the formats {', '.join(sorted(kinds))}; put each into a file of its own")
    return (kinds.pop() if kinds else "levels"), examples


def _example(path: Path, number: int, line: str, field: str) -> tuple[Format, Example]:
    where = f"{path}, line {number}"
    row = _row(where, line, field)
    kind, level = _level(where, path, row)
    language = row.language or row.lang or _language_of_file(path) or language_of(row.text)
    return kind, Example(
        line=number,
        text=row.text,
        level=level,
        language=language,
        labels=frozenset(str(label) for label in row.labels) if kind == "psyguard" else frozenset(),
        severity=int(row.labels[0]) if kind == "severity" else None,
    )


def _row(where: str, line: str, field: str) -> _Row:
    try:
        parsed: Any = msgspec.json.decode(line)
    except msgspec.DecodeError:
        raise BadData(f'{where}: is not JSON; write one object a line, like {{"text": "…", "level": "none"}}') from None
    if not isinstance(parsed, dict) or not isinstance(parsed.get(field), str):
        raise BadData(f'{where}: needs a field "{field}" that holds a string')
    try:
        return msgspec.convert(parsed | {"text": parsed[field]}, _Row)
    except msgspec.ValidationError as wrong:  # it names the field and the types, not what is in the field
        raise BadData(f"{where}: {wrong}") from None


def _level(where: str, path: Path, row: _Row) -> tuple[Format, Level]:
    if row.level is None:
        if path.name.startswith(HARMLESS_PREFIX):
            return "harmless", Level.NONE
        raise BadData(
            f'{where}: has no "level"; give it one of {_LEVELS}, or name the file {HARMLESS_PREFIX}_….jsonl '
            "if every text in it is harmless"
        )
    try:
        level = Level(row.level)
    except ValueError:
        raise BadData(f'{where}: its "level" must be one of {_LEVELS}') from None
    if row.labels and isinstance(row.labels[0], int):
        return "severity", level
    return ("psyguard" if _PSYGUARD_LABELS.intersection(row.labels) else "levels"), level


def _language_of_file(path: Path) -> str | None:
    return next((part for part in re.split(r"[^a-z]+", path.stem.lower()) if part in LANGUAGES), None)


def _whole_suite(path: Path, content: str) -> tuple[Format, list[Example]]:
    return "suite", list(_suite(path, content))


def _suite(path: Path, content: str) -> Iterator[Example]:
    """A hand-made suite in YAML: languages, in each levels, in each texts."""
    try:
        root = yaml.compose(content, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as wrong:
        line = wrong.problem_mark.line + 1 if wrong.problem_mark else 0
        raise BadData(f"{path}, line {line}: is not YAML") from None
    for language, levels in _pairs(path, root):
        for name, texts in _pairs(path, levels):
            if name not in list(Level) or not isinstance(texts, yaml.SequenceNode):
                raise BadData(f"{path}, line {texts.start_mark.line + 1}: wants a list of texts under one of {_LEVELS}")
            for node in texts.value:
                line = node.start_mark.line + 1
                if not isinstance(node, yaml.ScalarNode):
                    raise BadData(f"{path}, line {line}: wants a text, in quotation marks")
                yield Example(line=line, text=node.value, level=Level(name), language=language)


def _pairs(path: Path, node: yaml.Node | None) -> Iterator[tuple[str, yaml.Node]]:
    if not isinstance(node, yaml.MappingNode):
        line = node.start_mark.line + 1 if node else 1
        raise BadData(f"{path}, line {line}: a suite is languages, in each levels ({_LEVELS}), in each a list of texts")
    for key, value in node.value:
        yield str(key.value), value
