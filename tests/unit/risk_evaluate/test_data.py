"""Every format is read, and a bad line is named with what to do, never with what it says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from namjai.risk.domain.model import Level
from namjai.risk.evaluate.data import BadData, language_of, read

SECRET = "words nobody may see"


def jsonl(path: Path, *rows: object) -> Path:
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n", encoding="utf-8")
    return path


def test_levels_are_read_with_their_lines(tmp_path: Path) -> None:
    rows = [{"text": "one", "level": "none"}, {"text": "two", "level": "crisis", "category": "suicide"}]
    [data] = read([jsonl(tmp_path / "mine.jsonl", *rows)])

    assert (data.name, data.language, data.format) == ("mine", "en", "levels")
    assert [(e.line, e.text, e.level) for e in data.examples] == [(1, "one", Level.NONE), (2, "two", Level.CRISIS)]


def test_psyguard_rows_are_known_by_their_labels(tmp_path: Path) -> None:
    row = {"text": "字", "level": "medium", "labels": ["plan", "NSSI act"], "category": "suicide", "source": "x"}
    [data] = read([jsonl(tmp_path / "dev_zh.jsonl", row)])

    assert (data.format, data.language) == ("psyguard", "zh")
    assert data.examples[0].labels == {"plan", "NSSI act"}


def test_labels_that_psyguard_does_not_have_are_left_alone(tmp_path: Path) -> None:
    [data] = read([jsonl(tmp_path / "mine.jsonl", {"text": "a", "level": "low", "labels": ["sad", "at work"]})])

    assert (data.format, data.examples[0].labels) == ("levels", frozenset())


def test_severity_rows_are_known_by_their_numbers(tmp_path: Path) -> None:
    [data] = read([jsonl(tmp_path / "posts.jsonl", {"text": "a", "lang": "en", "level": "high", "labels": [3]})])

    assert (data.format, data.language, data.examples[0].severity) == ("severity", "en", 3)


def test_a_file_of_harmless_texts_needs_no_levels(tmp_path: Path) -> None:
    [data] = read([jsonl(tmp_path / "neg_th.jsonl", {"text": "555"}, {"text": "สวัสดี"})])

    assert (data.format, data.language, {e.level for e in data.examples}) == ("harmless", "th", {Level.NONE})


def test_the_language_is_the_fields_then_the_file_names_then_the_scripts(tmp_path: Path) -> None:
    rows = [
        {"text": "hello", "level": "none", "language": "th"},
        {"text": "สวัสดี", "level": "none"},
        {"text": "你好", "level": "none"},
    ]

    assert [s.language for s in read([jsonl(tmp_path / "mixed.jsonl", *rows)])] == ["th", "zh"]
    assert [s.language for s in read([jsonl(tmp_path / "mixed_en.jsonl", *rows)])] == ["en", "th"]


@pytest.mark.parametrize(
    ("text", "language"),
    [("สวัสดี ok", "th"), ("我很好 ok", "zh"), ("fine", "en"), ("ไปเที่ยว Bali", "th"), ("12 !?", "other"), ("", "other")],
)
def test_the_script_of_most_letters_says_the_language(text: str, language: str) -> None:
    assert language_of(text) == language


def test_another_field_can_hold_the_text(tmp_path: Path) -> None:
    path = jsonl(tmp_path / "zh.jsonl", {"text": "體", "text_orig": "体", "level": "none"})

    assert read([path], field="text_orig")[0].examples[0].text == "体"


def test_a_hand_made_suite_is_languages_levels_and_texts(tmp_path: Path) -> None:
    path = tmp_path / "suite.yaml"
    path.write_text("# why\nth:\n  crisis:\n    - ก\n  none:\n    - ข\n    - ค\nen:\n  low: [a]\n", encoding="utf-8")
    english, thai = read([path])

    assert (english.language, thai.language, thai.format) == ("en", "th", "suite")
    assert [(e.line, e.level) for e in thai.examples] == [(4, Level.CRISIS), (6, Level.NONE), (7, Level.NONE)]


def test_files_of_the_same_name_are_told_apart(tmp_path: Path) -> None:
    paths = [tmp_path / folder / "set.jsonl" for folder in ("a", "b")]
    for path in paths:
        path.parent.mkdir()
        jsonl(path, {"text": "x", "level": "none"})

    assert [data.name for data in read(paths)] == [str(path) for path in paths]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (f"{SECRET}", "line 2: is not JSON; write one object a line"),
        (f'["{SECRET}"]', 'line 2: needs a field "text"'),
        (f'{{"words": "{SECRET}"}}', 'line 2: needs a field "text"'),
        (f'{{"text": "{SECRET}"}}', 'line 2: has no "level"; give it one of none, low, medium, high, crisis'),
        (f'{{"text": "a", "level": "{SECRET}"}}', 'line 2: its "level" must be one of'),
        (f'{{"text": "{SECRET}", "level": 3}}', "line 2: Expected `str | null`, got `int`"),
        (f'{{"text": "{SECRET}", "level": "low", "labels": [["x"]]}}', "line 2: Expected `int | str`, got `array`"),
        (f'{{"text": "{SECRET}", "level": "low", "labels": [1]}}', "mixes the formats levels, severity"),
    ],
)
def test_a_bad_line_is_named_and_not_repeated(line: str, says: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.jsonl"
    path.write_text('{"text": "fine", "level": "none"}\n' + line, encoding="utf-8")

    with pytest.raises(BadData) as error:
        read([path])
    assert says in str(error.value)
    assert SECRET not in str(error.value)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("th: [", "line 1: is not YAML"),
        (f"- {SECRET}", "line 1: a suite is languages"),
        (f"th:\n  awful:\n    - {SECRET}", "line 3: wants a list of texts under one of none, low"),
        (f"th:\n  low:\n    - [{SECRET}]", "line 3: wants a text"),
        ("", "line 1: a suite is languages"),
    ],
)
def test_a_bad_suite_is_named_by_its_line(content: str, says: str, tmp_path: Path) -> None:
    path = tmp_path / "suite.yaml"
    path.write_text(content, encoding="utf-8")

    with pytest.raises(BadData) as error:
        read([path])
    assert says in str(error.value)
    assert SECRET not in str(error.value)


def test_what_is_no_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "latin.jsonl").write_bytes(b'{"text": "\xe9"}')
    (tmp_path / "empty.jsonl").write_text("\n")

    for name, says in (("none.jsonl", "cannot be read"), ("latin.jsonl", "is not UTF-8"), ("empty.jsonl", "no texts")):
        with pytest.raises(BadData, match=says):
            read([tmp_path / name])
