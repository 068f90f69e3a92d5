"""The page of settings says what the settings classes say."""

from pathlib import Path

import pytest

from namjai.devkit.configuration import FILE, SECRET, SERVICES, document, main, variable

DOCS = Path(__file__).parents[3] / "docs"


def test_the_page_in_the_repository_is_up_to_date() -> None:
    assert main([str(DOCS), "--check"]) == 0, "run `make docs`"


def test_every_setting_of_every_service_is_on_the_page_and_says_what_it_does() -> None:
    page = document()
    fields = {name: info for settings in SERVICES.values() for name, info in settings.model_fields.items()}
    assert [name for name in fields if f"`{variable(name)}`" not in page] == []
    assert [name for name, info in fields.items() if not info.description] == []


@pytest.mark.parametrize(
    "row",
    [
        f"| {SECRET} `NAMJAI_MASTER_KEYS` | text |  |  |",
        f"| {SECRET} `NAMJAI_POSTGRES_DSN` | text | **required** |  |",
        "| `NAMJAI_TRACE_RATIO` | number | `0.1` | ≥ 0, ≤ 1 |",
        "| `NAMJAI_LOADING_SECONDS` | whole number | `20` | ≥ 5, ≤ 60, in steps of 5 |",
        "| `NAMJAI_READY_FILE` | path |  |  |",
    ],
)
def test_a_row_says_kind_default_and_limits(row: str) -> None:
    assert row in document()


def test_what_a_service_sees_otherwise_is_in_its_own_part() -> None:
    common, _, own = document().partition("## gateway")
    assert "| `NAMJAI_ACK_WAIT_S` | number | `30.0` |" in common
    assert "| `NAMJAI_ACK_WAIT_S` | number | `1.0` |" in own
    assert "NAMJAI_LOG_LEVEL" not in own


def test_a_page_that_is_not_up_to_date_is_noticed_and_written_anew(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path), "--check"]) == 1
    assert FILE in capsys.readouterr().err
    assert main([str(tmp_path)]) == 0
    assert main([str(tmp_path), "--check"]) == 0
