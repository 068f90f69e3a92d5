"""docs/instruments.md is what the definitions say."""

from pathlib import Path

import pytest

from namjai.chat.skills.instruments.docs import FILE, document, main
from namjai.chat.skills.instruments.library import FORMS

DOCS = Path(__file__).parents[4] / "docs"


def test_the_document_is_up_to_date() -> None:
    assert main([str(DOCS), "--check"]) == 0, "run `make docs`"


def test_an_old_document_is_told_from_a_new_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / FILE).write_text("old")
    assert main([str(tmp_path), "--check"]) == 1
    assert "make docs" in capsys.readouterr().err
    assert main([str(tmp_path)]) == 0
    assert main([str(tmp_path), "--check"]) == 0


@pytest.mark.parametrize("name", FORMS)
def test_every_form_has_its_row_and_what_was_not_checked_says_so(name: str) -> None:
    (row,) = [line for line in document().splitlines() if f"(#{name})" in line]
    assert "unchecked" in row
    assert ("**no**" in row) == (name in {"2q", "9q", "8q", "c-ssrs"})
