"""`namjai line …`: the rich menus on LINE, and drawing their pictures anew.

What talks to LINE is the notify service's own work; here it is only called with the addresses and the token of the run.
"""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from namjai.devkit.commands.common import DEFAULT_HOME, HomeOption, fail, home_of, out, readable_errors
from namjai.devkit.home import Home

MODULE = "namjai.notify.menus"
TOKENS = ("NAMJAI_LINE_CHANNEL_ACCESS_TOKEN", "NAMJAI_LINE_CHANNEL_ACCESS_TOKEN_FILE", "NAMJAI_LINE_CHANNEL_SECRET")

line = typer.Typer(
    no_args_is_help=True,
    help="Rich menus: put them on LINE, see how they stand, take them away, draw them. With a channel access token in "
    "the environment it is the real LINE, else the simulator of the run.",
)
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")]


@line.command()
def setup(home: HomeOption = DEFAULT_HOME, dry_run: DryRunOption = False) -> None:
    """Put the menus on LINE. What is there already stays; what changed is replaced while everybody keeps a menu."""
    _exit_with(home, "setup", *(["--dry-run"] if dry_run else []))


@line.command()
def status(home: HomeOption = DEFAULT_HOME) -> None:
    """Say which menus are in place. Exits 1 when they are not as they should be."""
    _exit_with(home, "status")


@line.command()
def remove(home: HomeOption = DEFAULT_HOME, dry_run: DryRunOption = False) -> None:
    """Take our menus from LINE; what somebody else made there stays."""
    _exit_with(home, "remove", *(["--dry-run"] if dry_run else []))


@line.command()
def draw(
    into: Annotated[
        Path | None, typer.Option(help="Another folder for the pictures than the one they are committed in.")
    ] = None,
    fonts: Annotated[Path | None, typer.Option(help="Where the fonts are, if not where the system keeps them.")] = None,
) -> None:
    """Draw the menus' pictures anew from their definitions. Needs fonts with Thai and Chinese letters."""
    from importlib.resources import files

    from namjai.devkit.menus import FontMissing, Lettering, SystemFonts, picture_of
    from namjai.notify.menus.book import every_menu

    folder = into or Path(str(files("namjai.notify.menus").joinpath("pictures")))
    letters = Lettering(SystemFonts([fonts]) if fonts else SystemFonts())
    try:
        pictures = {menu.picture: picture_of(menu, letters) for menu in every_menu()}
    except (FontMissing, ValueError) as wrong:
        raise fail(str(wrong)) from None
    folder.mkdir(parents=True, exist_ok=True)
    for name, image in pictures.items():
        (folder / name).write_bytes(image)
        out.print(f"[green]✓[/] {name} [dim]{len(image) // 1024} KB[/]")
    out.print(f"in {folder}")


def _exit_with(home: Path, *arguments: str) -> None:
    with readable_errors():
        done = subprocess.run([sys.executable, "-m", MODULE, *arguments], env=_settings(home_of(home)), check=False)
    raise typer.Exit(done.returncode)


def _settings(home: Home) -> Mapping[str, str]:
    if any(name in os.environ for name in TOKENS):
        return os.environ
    run = home.run()
    ours = {
        "NAMJAI_LINE_API_URL": run.simulator_url,
        "NAMJAI_LINE_DATA_URL": run.simulator_url,
        "NAMJAI_LINE_CHANNEL_ACCESS_TOKEN": run.channel_access_token,
    }
    return {**os.environ, **ours}
