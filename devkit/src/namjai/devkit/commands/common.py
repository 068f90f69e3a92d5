"""What every command shares: the `--home` option, the consoles, and errors a person can read."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from namjai.devkit.child import ChildFailed
from namjai.devkit.home import AlreadyRunning, Home, NotRunning

HomeOption = Annotated[
    Path, typer.Option("--home", envvar="NAMJAI_HOME", help="Folder of the run: data, secrets, logs, run.json.")
]
DEFAULT_HOME = Path(".namjai")

out = Console()
err = Console(stderr=True)


def fail(message: str) -> typer.Exit:
    """Say what is wrong, in one line; the caller raises what this returns."""
    err.print(f"[red]✗[/] {message}", highlight=False)
    return typer.Exit(1)


@contextmanager
def readable_errors() -> Iterator[None]:
    """Turn what a person can do something about into a line and exit code 1. Anything else stays a loud traceback."""
    try:
        yield
    except (AlreadyRunning, ChildFailed, NotRunning) as error:
        raise fail(str(error)) from None


def home_of(path: Path) -> Home:
    """The home, wherever the command was called from."""
    return Home(path.absolute())
