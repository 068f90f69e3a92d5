"""Pins every dependency in the root pyproject: `python -m namjai.devkit.lock`. A lock file would name hosts.

The images get the same versions by hash: one list each, in `deploy/docker/requirements/`. With `--images` the pins
stay as they are, and only these lists are written.
"""

import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from namjai.runtime.provision import SERVICES

KEY = "constraint-dependencies"
EXPORT = (
    *("export", "--quiet", "--no-hashes", "--no-header", "--no-annotate", "--no-emit-workspace", "--no-emit-project"),
    *("--all-packages", "--all-groups", "--frozen"),
)
EXPORT_FOR_IMAGE = ("export", "--quiet", "--no-header", "--no-annotate", "--no-emit-workspace", "--frozen")
COMPILE = ("pip", "compile", "--quiet", "--generate-hashes", "--no-header", "--no-annotate", "--universal")
REQUIREMENTS = Path("deploy/docker/requirements")
IMAGES = (*SERVICES, "operations")
HEADER = "# Written by `make lock`.\n"
_TABLE = re.compile(r"^\[tool\.uv\]\n", re.MULTILINE)
_PINS = re.compile(rf"^# Written by `make lock`.*\n{KEY} = \[\n(?:    .*\n)*\]\n", re.MULTILINE)


class LockFailed(Exception):
    """uv could not resolve the workspace, or pyproject.toml is not shaped as expected."""


def without_pins(pyproject: str) -> str:
    """The file as people wrote it."""
    return _PINS.sub("", pyproject)


def with_pins(pyproject: str, pins: Sequence[str]) -> str:
    """The file with these pins at the beginning of `[tool.uv]`, and nothing else changed."""
    bare = without_pins(pyproject)
    lines = "".join(f'    "{pin}",\n' for pin in pins)
    block = f"[tool.uv]\n# Written by `make lock`; change the ranges in the members, not this.\n{KEY} = [\n{lines}]\n"
    if len(_TABLE.findall(bare)) != 1:
        raise LockFailed("pyproject.toml should have one [tool.uv] table")
    return _TABLE.sub(lambda _: block, bare)


def parse_export(exported: str) -> list[str]:
    """The pins of `uv export`: `name==version`, with a marker where uv gave one, in uv's (alphabetical) order."""
    return [line.strip().replace('"', "'") for line in exported.splitlines() if re.match(r"[A-Za-z0-9]\S*==", line)]


def lock(root: Path) -> int:
    """Resolve to the newest versions that fit, and write them down. Returns how many. Raises LockFailed."""
    file = root / "pyproject.toml"
    before = file.read_text(encoding="utf-8")
    try:
        file.write_text(without_pins(before), encoding="utf-8")  # old pins would hold everything where it is
        _uv(root, "lock", "--upgrade", "--quiet")
        pins = parse_export(_uv(root, *EXPORT))
        after = with_pins(before, pins)
    except BaseException:
        file.write_text(before, encoding="utf-8")
        raise
    file.write_text(after, encoding="utf-8")
    return len(pins)


def requirements(root: Path) -> list[Path]:
    """Write what each image is made of, with hashes, and what builds it. Raises LockFailed."""
    _uv(root, "lock", "--quiet")
    texts = {
        image: _uv(root, *EXPORT_FOR_IMAGE, "--no-default-groups", "--all-extras", "--package", f"namjai-{image}")
        for image in IMAGES
    }
    texts["build"] = _uv(root, *COMPILE, "--upgrade", str(REQUIREMENTS / "build.in"))
    for name, text in texts.items():
        (root / REQUIREMENTS / f"{name}.txt").write_text(HEADER + text, encoding="utf-8")
    return [root / REQUIREMENTS / f"{name}.txt" for name in texts]


def _uv(root: Path, *arguments: str) -> str:
    uv = Path(sys.executable).parent / "uv"
    done = subprocess.run([uv, *arguments], cwd=root, capture_output=True, text=True, check=False)
    if done.returncode:
        raise LockFailed(f"uv {arguments[0]} failed:\n{done.stderr}")
    return done.stdout


def main() -> None:
    """Pin the workspace we are called in."""
    try:
        if "--images" not in sys.argv[1:]:
            print(f"{lock(Path.cwd())} packages pinned in pyproject.toml")
        written = requirements(Path.cwd())
    except LockFailed as error:
        sys.exit(str(error))
    print(f"{len(written)} lists of hashes written to {REQUIREMENTS}")


if __name__ == "__main__":
    main()
