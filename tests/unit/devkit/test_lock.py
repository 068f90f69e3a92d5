"""Pins are written into the root pyproject and nothing else in it changes."""

import tomllib

import pytest

from namjai.devkit.lock import LockFailed, parse_export, with_pins, without_pins

PYPROJECT = """\
# A comment somebody wrote.
[project]
name = "workspace"

[tool.uv]
package = false

[tool.uv.workspace]
members = ["libs/*"]
"""


def test_pins_go_into_the_uv_table_and_the_rest_stays_as_it_is() -> None:
    pinned = with_pins(PYPROJECT, ["aiohttp==3.14.5", "uvloop==0.23.0 ; sys_platform != 'win32'"])
    assert tomllib.loads(pinned)["tool"]["uv"]["constraint-dependencies"] == [
        "aiohttp==3.14.5",
        "uvloop==0.23.0 ; sys_platform != 'win32'",
    ]
    assert without_pins(pinned) == PYPROJECT


def test_new_pins_replace_the_old_ones() -> None:
    once = with_pins(PYPROJECT, ["aiohttp==3.14.5"])
    assert with_pins(once, ["aiohttp==4.0"]) == with_pins(PYPROJECT, ["aiohttp==4.0"])


def test_a_file_without_a_uv_table_is_refused() -> None:
    with pytest.raises(LockFailed):
        with_pins("[project]\n", [])


def test_only_pins_are_taken_from_what_uv_exports() -> None:
    exported = '# by uv\n-e ./libs/events\naiohttp==3.14.5\ncolorama==0.4.6 ; sys_platform == "win32"\n'
    assert parse_export(exported) == ["aiohttp==3.14.5", "colorama==0.4.6 ; sys_platform == 'win32'"]
