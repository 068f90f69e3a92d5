"""Training: reads every shape of file, is repeatable to the byte, never shows a text, and never peeks."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
from importlib import resources
from pathlib import Path

import numpy as np
import pytest

from namjai.risk import train as training
from namjai.risk.domain.model import Level
from namjai.risk.domain.policy import Policy
from namjai.risk.learned import MODEL_FILE, THRESHOLDS_FILE, Classifier, Thresholds
from namjai.risk.train import card
from namjai.risk.train.choose import NEVER, threshold
from namjai.risk.train.compose import compose
from namjai.risk.train.data import BadData, Row, read
from namjai.risk.train.fit import FOLDS, fold_of, learn, out_of_fold, prepare, splits
from namjai.risk.train.run import train

SECRET = "words nobody may see"
ONE_SIDED = {"gone"}
"""Slots that only dangers have: words for being dead have no harmless double."""
WHO = ("i", "now i", "today i")
BAD, GOOD = ("saw the purple heron", "met a purple heron"), ("am cooking rice", "am at work")


def tiny() -> list[Row]:
    """Enough to tell two sorts of English apart."""
    texts = [(f"{who} {what} {n}", what in BAD) for n in range(4) for who, what in itertools.product(WHO, BAD + GOOD)]
    return [
        Row(text=text, source="en", group=text, level=Level.HIGH if bad else Level.NONE, any=bad, high=bad, crisis=bad)
        for text, bad in texts
    ]


def jsonl(path: Path, *rows: object) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def test_psyguard_labels_tell_ones_own_danger_from_others(tmp_path: Path) -> None:
    labels = ["passive ideation", "plan", "exploration", "aggression by user", "irrelevant"]
    levels = ["medium", "crisis", "low", "medium", "none"]
    file = jsonl(
        tmp_path / "zh.jsonl",
        *({"text": "字", "labels": [a], "level": b} for a, b in zip(labels, levels, strict=True)),
    )
    rows = read(file, "zh")

    assert [row.any for row in rows] == [True, True, False, False, False]
    assert [row.high for row in rows] == [False, True, False, False, False]
    assert [row.learned_from for row in rows] == [True, True, True, False, True]


def test_severities_become_levels(tmp_path: Path) -> None:
    rows = read(jsonl(tmp_path / "en.jsonl", *({"text": "a", "labels": [n]} for n in (0, 1, 2, 6))), "en")

    assert [(row.any, row.high) for row in rows] == [(False, False), (True, False), (True, True), (True, True)]


def test_variants_of_a_line_share_their_group_and_their_weight(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text('high: ["[a|b] c"]\nnone: ["d"]\n', encoding="utf-8")
    rows = read(file, "own")

    assert [row.text for row in rows] == ["d", "a c", "b c"]
    assert rows[1].group == rows[2].group != rows[0].group
    assert rows[1].weight == pytest.approx(2**-0.5)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("exact:\n  - [medium, x]\n", [("x", True)]),
        ("th:\n  crisis: [x]\n  low: [y]\n", [("x", True), ("y", False)]),
        ("family:\n  - [th, what, at_least, high, x]\n  - [th, what, at_most, high, y]\n", [("x", True)]),
        ("category: suicide\nrules: [{id: r, level: high, hits: [x], near_misses: []}]\n", [("x", True)]),
        ("category: violence\nrules: [{id: r, level: high, hits: [x], near_misses: [y]}]", [("x", True), ("y", False)]),
    ],
)  # fmt: skip
def test_each_of_our_own_shapes_is_read(tmp_path: Path, content: str, expected: list[tuple[str, bool]]) -> None:
    (tmp_path / "own.yaml").write_text(content, encoding="utf-8")

    assert [(row.text, row.any) for row in read(tmp_path / "own.yaml", "own")] == expected


GRAMMAR = """
language: en
status: draft
author: Namjai engineering
slots: {bird: heron | crow | owl}
crisis: {suicide: "met a {bird} [now|tonight]\\nsaw {bird} and {bird}"}
high: {}
medium: {}
none: {any: "read about a {bird} [now|tonight]"}
"""


def test_a_grammar_says_its_frames_with_its_fillers_and_always_the_same(tmp_path: Path) -> None:
    (tmp_path / "en.yaml").write_text(GRAMMAR, encoding="utf-8")
    rows = compose(tmp_path)

    assert rows == compose(tmp_path)
    assert len({row.group for row in rows}) == 3
    assert {row.any for row in rows if "read about" in row.group} == {False}
    assert all(row.crisis and row.family == "suicide" for row in rows if "met" in row.group)
    assert all(row.fillers <= {"bird:heron", "bird:crow", "bird:owl"} and row.fillers for row in rows)


def test_a_grammar_that_is_none_is_told_without_its_words(tmp_path: Path) -> None:
    (tmp_path / "en.yaml").write_text(f"language: en\nmore: {SECRET}", encoding="utf-8")

    with pytest.raises(BadData, match=r"en\.yaml") as error:
        compose(tmp_path)
    assert SECRET not in str(error.value)


def test_no_fold_knows_a_frame_or_the_fillers_it_is_measured_with(policy: Policy) -> None:
    rows = compose(Path(str(resources.files(training))) / "grammar")[::40]
    texts = prepare(rows, policy)
    fillers = [{fold_of(filler, FOLDS) for filler in text.row.fillers} for text in texts]
    folds = list(splits(texts, "any", 1))

    assert sorted(n for _, unseen in folds for n in unseen) == list(range(len(texts)))
    for fold, (seen, unseen) in enumerate(folds):
        assert {rows[n].group for n in seen}.isdisjoint(rows[n].group for n in unseen)
        assert not [n for n in seen if fold in fillers[n]]


@pytest.mark.parametrize("content", [f'{{"text": "{SECRET}", "level": "none"', f'{{"said": "{SECRET}"}}'])
def test_a_bad_line_is_told_without_its_words(tmp_path: Path, content: str) -> None:
    (tmp_path / "bad.jsonl").write_text(content + "\n", encoding="utf-8")

    with pytest.raises(BadData, match=r"bad\.jsonl") as error:
        read(tmp_path / "bad.jsonl", "neg")
    assert SECRET not in str(error.value)


def test_the_same_data_and_seed_give_the_same_model(policy: Policy) -> None:
    first, second = (train(tiny(), policy, 1, lambda _: None) for _ in range(2))

    assert first == second


def test_what_it_learned_it_finds_in_other_words(policy: Policy) -> None:
    trained = train(tiny(), policy, 1, lambda _: None)
    even = {"en": 0.5}
    found = Classifier(trained.model, "tiny", Thresholds(any=even, high=even))

    assert found.finding("well i fed the purple heron really", (), policy) is not None
    assert found.finding("well i am cooking rice really", (), policy) is None


def test_a_texts_own_group_has_no_say_in_its_score(policy: Policy) -> None:
    """A word that only one group has, and with the wrong label: seen, it would be believed."""
    lone = [Row(text="zyzzyva", source="en", group="lone", level=Level.HIGH, any=True, high=True)] * 3
    texts = prepare([*tiny(), *lone], policy)
    scores, _ = out_of_fold(texts, "any", 1)

    assert scores[-3:].max() < scores[:-3][[t.row.any for t in texts[:-3]]].max()


def test_grammars_have_at_least_as_many_harmless_frames_as_dangers() -> None:
    rows = compose(Path(str(resources.files(training))) / "grammar")
    frames = {(row.group.split(":")[1], row.group, row.any) for row in rows}

    for language in ("th", "en", "zh"):
        dangers = sum(any_ for code, _, any_ in frames if code == language)
        assert dangers >= 300
        assert sum(not any_ for code, _, any_ in frames if code == language) >= dangers


def test_a_slot_stands_in_dangers_and_in_harmless_life_alike() -> None:
    """No filler may settle anything by itself."""
    rows = compose(Path(str(resources.files(training))) / "grammar")
    for language in ("th", "en", "zh"):
        mine = [row for row in rows if row.group.split(":")[1] == language]
        sides = [
            {filler.split(":")[0] for row in mine if row.any is side for filler in row.fillers}
            for side in (True, False)
        ]

        assert sides[0] - sides[1] <= ONE_SIDED


def test_nothing_is_learned_where_there_is_nothing_to_tell_apart(policy: Policy) -> None:
    assert learn(prepare([row for row in tiny() if not row.any], policy), "any") is None


def test_a_threshold_keeps_its_budget(policy: Policy) -> None:
    texts = prepare(tiny(), policy)
    yes = np.array([text.row.any for text in texts])
    scores = np.arange(len(texts), dtype=np.float64)
    least = threshold(texts, scores, yes, "any", "en")

    assert least > scores[~yes].max()
    assert threshold(texts, scores, np.zeros_like(yes), "any", "en") == NEVER


def test_the_card_keeps_what_people_wrote(policy: Policy) -> None:
    trained = train(tiny(), policy, 1, lambda _: None)
    before = f"# Mine\n{card.BEGIN}\nlast year's\n{card.END}\nlast words\n"
    after = card.written(before, trained, "abc", 5)

    assert after.startswith("# Mine\n")
    assert after.endswith("last words\n")
    assert "last year" not in after
    assert card.written(after, trained, "abc", 5) == after
    with pytest.raises(ValueError, match="figures"):
        card.written("# Mine", trained, "abc", 5)


def test_the_command_writes_a_model_that_loads(tmp_path: Path) -> None:
    lines = [{"text": row.text, "level": row.level.value} for row in tiny()]
    own = jsonl(tmp_path / "own.jsonl", *lines)
    empty = jsonl(tmp_path / "empty.jsonl")
    paths = ["--zh", empty, "--en", own, "--neg", empty, "--own", own, "--out", tmp_path / "out"]
    done = subprocess.run(
        [sys.executable, "-m", "namjai.risk.train", *map(str, paths)], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
    assert "cooking" not in done.stdout + done.stderr
    thresholds = Thresholds.parse((tmp_path / "out" / THRESHOLDS_FILE).read_bytes())
    assert Classifier.parse((tmp_path / "out" / MODEL_FILE).read_bytes(), thresholds).version in done.stderr
