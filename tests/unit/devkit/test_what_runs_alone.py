"""What must run alone is run: `make test` looks for it in these folders only."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_whatever_runs_alone_is_where_the_makefile_looks_for_it() -> None:
    looked_at = re.search(r"^ALONE := (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert looked_at is not None
    folders = [ROOT / folder for folder in looked_at[1].split()]
    marked = [file for file in (ROOT / "tests").rglob("test_*.py") if "pytest.mark." + "alone" in file.read_text()]
    assert len(marked) >= 6
    assert [file for file in marked if not any(file.is_relative_to(folder) for folder in folders)] == []
