"""`namjai line draw`: what it says where a font is missing. What it draws is tested with the menus themselves."""

from __future__ import annotations

from pathlib import Path

from typer.testing import CliRunner

from namjai.devkit.cli import app


def test_without_fonts_nothing_is_written_and_the_package_is_named(tmp_path: Path) -> None:
    into = tmp_path / "pictures"
    done = CliRunner().invoke(app("line"), ["line", "draw", "--into", str(into), "--fonts", str(tmp_path)])
    assert done.exit_code == 1
    assert "sudo apt-get install fonts-noto-core" in " ".join(done.output.split())
    assert not into.exists()
