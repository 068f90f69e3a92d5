"""The work that nobody waits for and everybody relies on: `python -m namjai.operations COMMAND`."""

import argparse
import sys
from collections.abc import Mapping
from importlib import import_module
from typing import Final

COMMANDS: Final[Mapping[str, tuple[str, str]]] = {
    "backup": ("namjai.operations.backup", "Copy streams, keys and PostgreSQL to a store, encrypted."),
    "backups": ("namjai.operations.backups", "List the backups that there are."),
    "restore": ("namjai.operations.restore", "Put a backup into empty servers."),
    "rehearse": ("namjai.operations.rehearse", "Restore the newest backup into throw-away servers, and compare."),
    "erase-again": ("namjai.operations.erase_again", "Destroy the keys of everybody whom the log calls erased."),
    "rotate-keys": ("namjai.operations.rotate", "Wrap every member's data key anew under the first master key."),
    "retain": ("namjai.operations.retain", "Let go of what the clinic keeps no longer; --dry-run only says what."),
}
"""Commands by name: the module, and what it does in a line.

A module has `arguments(parser)`, which adds what it takes, and `command(settings, chosen)`, which does it and gives the
exit code. Only the module that was asked for is loaded.
"""


def main(arguments: list[str] | None = None) -> int:
    """Read the command line and do it."""
    parser = argparse.ArgumentParser(prog="python -m namjai.operations", description=__doc__)
    commands = parser.add_subparsers(title="commands", dest="command", required=True, metavar="COMMAND")
    words = sys.argv[1:] if arguments is None else arguments
    for name, (module, explained) in COMMANDS.items():
        command = commands.add_parser(
            name, help=explained, formatter_class=argparse.RawDescriptionHelpFormatter, description=explained
        )
        if name in words[:1]:
            loaded = import_module(module)
            command.description = loaded.__doc__
            loaded.arguments(command)
            command.set_defaults(work=loaded.command)
    chosen = parser.parse_args(words)

    from namjai.operations.command import run

    return run(chosen)


if __name__ == "__main__":
    sys.exit(main())
