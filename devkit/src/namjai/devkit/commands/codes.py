"""`namjai codes`: registration codes for patients, made by staff and shown once."""

from typing import Annotated

import typer

from namjai.chat.api import MadeCode, NewCode, RevokeCode, Revoked
from namjai.chat.domain.registering import CODE_CHARS
from namjai.devkit.commands.common import DEFAULT_HOME, HomeOption, out
from namjai.devkit.commands.desk import By, Desk, as_json, at_desk

codes = typer.Typer(help="Registration codes: make one, take one back.", no_args_is_help=True)
SERVICE = "chat"


@codes.command()
def new(
    by: By,
    patient: Annotated[str, typer.Option(help="The clinic's own reference for the patient; sealed.")] = "",
    email: Annotated[str, typer.Option(help="Ask for a one-time code that is sent to this address, too.")] = "",
    chars: Annotated[int, typer.Option(min=CODE_CHARS[0], max=CODE_CHARS[1], help="Length.")] = CODE_CHARS[1],
    days: Annotated[int, typer.Option(min=1, max=90, help="Days until it expires.")] = 7,
    json_: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    home: HomeOption = DEFAULT_HOME,
) -> None:
    """Make a code. It is shown now and never again: only its hash is kept."""

    async def work(desk: Desk) -> None:
        asked = NewCode(by=by, patient=patient, email=email, chars=chars, days=days)
        made = await desk.ask("codes.new", asked, MadeCode)
        if json_:
            as_json(made)
            return
        out.print(f"[bold]{made.code}[/]  until {made.until.astimezone():%Y-%m-%d %H:%M}", highlight=False)
        out.print("[dim]The patient types it in the chat after “register”. It is not shown again.[/]")

    at_desk(home, SERVICE, work)


@codes.command()
def revoke(
    code: Annotated[str, typer.Argument(help="The code, as it was shown.")], by: By, home: HomeOption = DEFAULT_HOME
) -> None:
    """Take a code back that nobody has used."""

    async def work(desk: Desk) -> None:
        done = await desk.ask("codes.revoke", RevokeCode(by=by, code=code), Revoked)
        out.print(f"[green]✓[/] {done.code} can no longer be used", highlight=False)

    at_desk(home, SERVICE, work)
