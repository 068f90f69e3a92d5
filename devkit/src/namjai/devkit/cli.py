"""The `namjai` command. Only the file of the command that was asked for is loaded: most of them need no server."""

import sys
from collections.abc import Iterable, Mapping
from importlib import import_module
from typing import Final

import typer

COMMANDS: Final[Mapping[str, tuple[str, ...]]] = {
    "run": ("up", "down", "hold", "release"),
    "status": ("status",),
    "scale": ("scale", "roll"),
    "talk": ("say",),
    "log": ("events", "erase"),
    "data": ("rebuild", "verify", "restore-log"),
    "backup": ("backup", "backups", "restore"),
}
"""Commands by the file in `commands/` that has them."""
GROUPS: Final[Mapping[str, str]] = {
    "dead": "log",
    "oncall": "oncall",
    "alerts": "alerts",
    "risk": "risk",
    "line": "line",
    "skills": "skills",
    "codes": "codes",
}
"""Groups of commands, and their files."""


def app(wanted: str | None = None) -> typer.Typer:
    """The command line, whole; or only with the command or group that is `wanted`, if there is one called so."""
    found = typer.Typer(
        name="namjai",
        help="Run Namjai on this machine, chat with it, look into its log, and mend it.",
        no_args_is_help=True,
        pretty_exceptions_show_locals=False,  # locals hold secrets
        add_completion=False,
    )
    known = {name: file for file, names in COMMANDS.items() for name in names}
    for name in _only(wanted, known):
        found.command(name)(getattr(_file(known[name]), name.replace("-", "_")))
    for name in _only(wanted, GROUPS):
        found.add_typer(getattr(_file(GROUPS[name]), name), name=name)
    if wanted in known:
        found.callback()(lambda: None)  # else a single command would not be named on the command line
    return found


def _only(wanted: str | None, names: Mapping[str, str]) -> Iterable[str]:
    everything = wanted not in {*GROUPS, *(name for each in COMMANDS.values() for name in each)}
    return names if everything else [name for name in names if name == wanted]


def _file(name: str) -> object:
    return import_module(f"namjai.devkit.commands.{name}")


def main() -> None:
    """Entry point of the installed command."""
    app(next(iter(sys.argv[1:]), None))()


if __name__ == "__main__":
    main()
