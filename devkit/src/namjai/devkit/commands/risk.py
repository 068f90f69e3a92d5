"""`namjai risk …`: screening policies, what another one would have done, why a verdict is what it is, corrections.

What reads people's words is the risk service's own work; here it is only called with the addresses and keys of the run.
"""

import asyncio
import os
import sys
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.markup import escape
from rich.table import Table

from namjai.devkit.commands.common import DEFAULT_HOME, HomeOption, fail, home_of, out, readable_errors
from namjai.devkit.commands.desk import By, Desk, as_json, at_desk
from namjai.devkit.commands.risk_tables import print_explanation
from namjai.devkit.home import Home
from namjai.events import subjects
from namjai.events.risk import RiskAssessed
from namjai.risk import api_words as words
from namjai.runtime.bus import Requests
from namjai.runtime.log import NatsLog

SERVICE = "risk"

risk = typer.Typer(
    no_args_is_help=True,
    help="Screening policies: publish, replay over history, activate; explain a verdict; export corrections.",
)
JsonOption = Annotated[bool, typer.Option("--json", help="For programs.")]
Since = Annotated[str, typer.Option(help="How far back: 30d, 12h, or a date.")]
Policy = Annotated[str, typer.Argument(help="A published policy: its name, name@hash, or shipped.")]
Document = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The policy as YAML.")]


class ShiftHours(StrEnum):
    """How long a shift may be: a day is a whole number of them."""

    FOUR, SIX, EIGHT, TWELVE, DAY = "4", "6", "8", "12", "24"


@risk.command()
def replay(
    policy: Annotated[str, typer.Option(help="A policy document's file, a published policy's name, or shipped.")],
    against: Annotated[str | None, typer.Option(help="The same; what is active unless it is said.")] = None,
    since: Since = "30d",
    shift_hours: Annotated[ShiftHours, typer.Option(help="Hours of a shift.")] = ShiftHours.EIGHT,
    zone: Annotated[str, typer.Option(help="Time zone of days and shifts.")] = "Asia/Bangkok",
    limit: Annotated[int, typer.Option(min=0, help="Messages listed of each kind.")] = 100,
    home: HomeOption = DEFAULT_HOME,
    json_: JsonOption = False,
) -> None:
    """Judge history again by another policy: who would newly alert, who no longer, and what it costs a shift."""
    arguments = ["--policy", policy, "--since", since, "--shift-hours", shift_hours.value]
    arguments += ["--zone", zone, "--limit", str(limit)]
    arguments += ["--against", against] if against else []
    _exit_with(home, "namjai.risk.replay", *arguments, *(["--json"] if json_ else []))


@risk.command()
def publish(document: Document, by: By, home: HomeOption = DEFAULT_HOME, json_: JsonOption = False) -> None:
    """Put a policy on record; its rules' examples must hold. It judges nobody before it is activated."""
    wish = words.Publish(document=document.read_text(encoding="utf-8"), by=by)

    async def work(desk: Desk) -> None:
        done = await desk.ask("policy.publish", wish, words.Published)
        if json_:
            as_json(done)
        else:
            out.print(f"[green]✓[/] {escape(done.reference)} is published; see what it would do, then activate it")

    at_desk(home, SERVICE, work)


@risk.command()
def activate(policy: Policy, by: By, home: HomeOption = DEFAULT_HOME, json_: JsonOption = False) -> None:
    """Judge by this policy from now on; every replica follows within seconds."""

    async def work(desk: Desk) -> None:
        done = await desk.ask("policy.activate", words.Activate(name=policy, by=by), words.Active)
        if json_:
            as_json(done)
        else:
            out.print(f"[green]✓[/] {escape(done.name)} is active (said by {escape(done.by)})")

    at_desk(home, SERVICE, work)


@risk.command()
def policies(home: HomeOption = DEFAULT_HOME, json_: JsonOption = False) -> None:
    """List what was published, the newest first, and say what judges now."""

    async def work(desk: Desk) -> None:
        found = await desk.ask("policy.list", words.Everything(), words.Policies)
        if json_:
            as_json(found)
            return
        table = Table("", "policy", "by", "published", "note")
        for each in found.policies:
            mark = "[green]●[/]" if each.active else ""
            table.add_row(mark, escape(each.reference), escape(each.by), f"{each.at:%Y-%m-%d %H:%M}", escape(each.note))
        out.print(table if table.row_count else "No policy was published.")
        out.print(f"in force: {escape(found.in_force)}", highlight=False)

    at_desk(home, SERVICE, work)


@risk.command()
def show(policy: Policy, home: HomeOption = DEFAULT_HOME) -> None:
    """Print a published policy's document."""

    async def work(desk: Desk) -> None:
        found = await desk.ask("policy.show", words.Show(name=policy), words.Published)
        typer.echo(found.document)

    at_desk(home, SERVICE, work)


@risk.command()
def explain(
    id_: Annotated[str, typer.Argument(metavar="ID", help="Of the verdict, or of the message that was judged.")],
    member: Annotated[
        str | None, typer.Option(help="Whose it is; without it the verdicts of all are looked through.")
    ] = None,
    home: HomeOption = DEFAULT_HOME,
    json_: JsonOption = False,
) -> None:
    """Say what a verdict rests on and what would have changed it, without a word of the person."""
    from namjai.risk.domain.explain import Explanation  # brings the whole screener along, half a second

    async def work(desk: Desk) -> None:
        whose = member or await _whose(desk, id_)
        found = await desk.ask("explain", words.Explain(member=whose, id=id_), Explanation)
        if json_:
            as_json(found)
        else:
            print_explanation(found)

    at_desk(home, SERVICE, work)


@risk.command()
def corrections(
    file: Annotated[Path, typer.Option("--out", help="The file to write; it must not be there yet.")],
    since: Since = "3650d",
    home: HomeOption = DEFAULT_HOME,
) -> None:
    """Export what clinicians corrected as a labelled set. The file holds what people wrote: guard it."""
    _exit_with(home, "namjai.risk.corrections", "--since", since, "--out", str(file))


async def _whose(desk: Desk, id_: str) -> str:
    """The person whose verdict or message has this id."""
    log = NatsLog(await Requests.open(desk.client))
    prefix = subjects.every(RiskAssessed.TYPE).removesuffix("*")
    wanted = msgspec.json.encode(id_)
    async for raw in log.read():
        if raw.subject.startswith(prefix) and wanted in raw.data:
            return subjects.member_of(raw.subject)
    raise fail(f"no verdict in the log speaks of {id_}")


def _exit_with(home: Path, module: str, *arguments: str) -> None:
    with readable_errors():
        raise typer.Exit(asyncio.run(_module(home_of(home), module, *arguments)))


async def _module(home: Home, module: str, *arguments: str) -> int:
    """Run a module of the service as the administrator of this run; it talks to the terminal itself."""
    process = await asyncio.create_subprocess_exec(*(sys.executable, "-m", module, *arguments), env=_settings(home))
    return await process.wait()


def _settings(home: Home) -> Mapping[str, str]:
    """The run's address and keys; for a NATS elsewhere, those that are set already."""
    if "NAMJAI_NATS_URL" in os.environ:
        return os.environ
    ours = {"NAMJAI_NATS_URL": home.run().nats_url, "NAMJAI_MASTER_KEYS": home.secrets(()).master_keys}
    return {**os.environ, **ours}
