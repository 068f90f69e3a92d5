"""The command: exit codes, JSON that keeps its shape, a document it writes into, and texts that stay where they are."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from namjai.risk import rules
from namjai.risk.evaluate.cli import AIM_MISSED, CANNOT, DOCUMENT, OK, main
from namjai.risk.evaluate.document import BEGIN, END
from namjai.risk.evaluate.judge import PARALLEL_TEXTS_MIN, judge_all
from namjai.risk.evaluate.policies import NoSuchPolicy, load_policy

ROWS = [
    ("i want to kill myself tonight, goodbye", "crisis"),
    ("i am out of milk, alas", "crisis"),  # labelled wrongly, so that there is an error to show
    ("the weather is fine", "none"),
]
RULES = Path(rules.__file__).parent


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    path = tmp_path / "mine.jsonl"
    path.write_text("".join(json.dumps({"text": text, "level": level}) + "\n" for text, level in ROWS))
    return path


def run_json(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    assert main([*arguments, "--json", "--resamples", "20"]) == OK
    return dict(json.loads(capsys.readouterr().out))


def test_tables_name_rules_and_lines_and_never_a_text(mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(mine), "--resamples", "20"]) == OK

    said = capsys.readouterr()
    assert "crisis recall                0.500" in said.out
    assert "nothing found  [line 2]" in said.out
    assert not any(text in said.out + said.err for text, _ in ROWS)


def test_show_prints_what_was_judged_wrongly_and_only_that(mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(mine), "--show", "--resamples", "20"]) == OK

    said = capsys.readouterr().out
    assert "2: i am out of milk, alas" in said
    assert ROWS[2][0] not in said


def test_json_keeps_its_shape(mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = run_json(capsys, str(mine))

    assert report["schema"] == "namjai.risk.evaluate/1"
    assert report["policy"] == rules.load().version
    assert set(report) == {"schema", "policy", "model", "resamples", "seed", "confidence", "sets"}
    [found] = report["sets"]
    assert set(found) == {
        *("name", "language", "format", "texts", "levels", "figures", "questions", "aims", "errors"),
    }
    assert set(found["figures"]["crisis_recall"]) == {"value", "low", "high", "of"}
    assert set(found["questions"][0]) == {"question", "what", "tp", "fp", "fn", "tn"}
    assert set(found["aims"][0]) == {"figure", "bound", "target", "value", "met"}
    assert set(found["errors"][0]) == {"question", "kind", "rule", "changes", "count", "lines"}
    assert not any(text in json.dumps(report) for text, _ in ROWS)


def test_the_same_seed_gives_the_same_bytes(mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    once, again = (run_json(capsys, str(mine), "--seed", "3") for _ in range(2))

    assert once == again


def test_a_missed_aim_is_an_exit_code_only_when_asked(mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(mine), "--resamples", "20"]) == OK
    assert main([str(mine), "--resamples", "20", "--aims"]) == AIM_MISSED
    assert "crisis_recall ≥ 0.95: 0.500, MISSED" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["missing.jsonl"], "missing.jsonl: cannot be read"),
        (["{mine}", "--policy", "rules-0"], "there is no policy 'rules-0': the shipped one is rules-"),
        (["{mine}", "--policy", "{mine}"], "is no policy: "),
        (["{mine}", "--markdown", "{mine}"], "has no place for the figures"),
        (["{mine}", "--field", "words"], 'line 1: needs a field "words"'),
    ],
)
def test_what_cannot_be_done_is_said_on_stderr(
    arguments: list[str], says: str, mine: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main([argument.replace("{mine}", str(mine)) for argument in arguments] + ["--resamples", "2"])

    said = capsys.readouterr()
    assert (code, said.out) == (CANNOT, "")
    assert says in said.err


@pytest.mark.parametrize("number", ["0", "-1", "many", "1000000"])
def test_a_number_out_of_range_is_refused(number: str, mine: Path) -> None:
    with pytest.raises(SystemExit) as left:
        main([str(mine), "--resamples", number])
    assert left.value.code == CANNOT


def test_figures_are_written_between_the_markers_and_nothing_else_changes(mine: Path, tmp_path: Path) -> None:
    document = tmp_path / "screener.md"
    document.write_text(f"# Before\n\n{BEGIN}\nold\n{END}\n\nAfter.\n", encoding="utf-8")
    for _ in range(2):
        assert main([str(mine), "--markdown", str(document), "--resamples", "20"]) == OK

    text = document.read_text(encoding="utf-8")
    assert text.startswith(f"# Before\n\n{BEGIN}\n\nPolicy `rules-")
    assert text.endswith(f"\n\n{END}\n\nAfter.\n")
    assert text.count("| mine (en) | 3 | 0.500 [") == 1
    assert "old" not in text


def test_the_screeners_document_has_a_place_for_its_figures() -> None:
    text = (Path(__file__).parents[3] / DOCUMENT).read_text(encoding="utf-8")

    assert (text.count(BEGIN), text.count(END)) == (1, 1)
    assert text.index(BEGIN) < text.index(END)


def test_a_policy_is_known_by_its_version_or_by_a_folder_of_rules() -> None:
    shipped = rules.load()

    assert load_policy("shipped") is load_policy(shipped.version) is shipped
    assert load_policy(str(RULES)).version == shipped.version


def test_a_policy_document_judges_otherwise(mine: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A clinic that lets a rule go sees what it costs before anybody else does."""
    silenced = [c.rule.id for c in rules.load().rules if c.rule.language == "en" and c.rule.category == "suicide"]
    document = {
        "name": "deaf",
        "note": "for a test",
        "model": False,
        "rules": {"disable": silenced},
        "accept_risk": "for a test",
    }
    path = tmp_path / "deaf.yaml"
    path.write_text(json.dumps(document))
    report = run_json(capsys, str(mine), "--policy", str(path))

    assert report["policy"].startswith("deaf@")
    assert report["sets"][0]["figures"]["crisis_recall"]["value"] == 0


def test_a_folder_without_rules_is_no_policy(tmp_path: Path) -> None:
    with pytest.raises(NoSuchPolicy, match="holds no rules"):
        load_policy(str(tmp_path))


def test_several_processes_give_the_verdicts_of_one() -> None:
    texts = [f"{text} {n}" for n in range(PARALLEL_TEXTS_MIN // 3 + 1) for text, _ in ROWS]
    heard: list[int] = []
    several = judge_all(texts, "shipped", model=True, processes=2, progress=heard.append)

    assert heard[-1] == len(texts)
    assert several == judge_all(texts, "shipped", model=True, processes=1, progress=heard.append)
