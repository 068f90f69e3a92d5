"""`namjai scale` and `roll`: more, fewer or new processes of a service while everything runs."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Annotated

import typer
from rich.table import Table

from namjai.devkit.commands.common import DEFAULT_HOME, HomeOption, fail, home_of, out, readable_errors
from namjai.devkit.control import Order, ask
from namjai.devkit.home import Home
from namjai.devkit.rollout import Step
from namjai.devkit.stack import REPLICAS_MAX
from namjai.runtime.provision import SERVICES

WANTED = f"N for every service or SERVICE=N, with one of {', '.join(SERVICES)} and N from 1 to {REPLICAS_MAX}"


def scale(
    wanted: Annotated[list[str], typer.Argument(metavar="SERVICE=N…", help="How many of which; N alone is of all.")],
    home: HomeOption = DEFAULT_HOME,
) -> None:
    """Have more or fewer processes of a service: `namjai scale chat=3 notify=2`. It returns when they are ready."""
    _carry_out(home_of(home), Order(scale=dict(replicas(wanted))))


def roll(
    services: Annotated[list[str] | None, typer.Argument(metavar="[SERVICE…]", help="All when none is named.")] = None,
    home: HomeOption = DEFAULT_HOME,
) -> None:
    """Replace each process by a new one, one after the other, while messages go on: what an upgrade does."""
    if unknown := [service for service in services or [] if service not in SERVICES]:
        raise fail(f"there is no {', '.join(unknown)}; there are {', '.join(SERVICES)}")
    _carry_out(home_of(home), Order(roll=services or list(SERVICES)))


def replicas(wanted: Sequence[str]) -> Mapping[str, int]:
    """What `chat=3`, `chat=3,gateway=2` or `3` means. Exits with a word about what is wrong."""
    chosen: dict[str, int] = {}
    for pair in (pair for each in wanted for pair in each.split(",")):
        service, equals, number = pair.partition("=") if "=" in pair else ("", "", pair)
        if (equals and service not in SERVICES) or not number.isdigit() or not 1 <= int(number) <= REPLICAS_MAX:
            raise fail(f"{pair!r}: wanted is {WANTED}")
        chosen |= dict.fromkeys([service] if equals else SERVICES, int(number))
    return chosen


def _carry_out(home: Home, order: Order) -> None:
    with readable_errors():
        killed = asyncio.run(_follow(home, order))
    if killed:
        raise fail(f"did not end in time and had to be killed: {', '.join(killed)}")


async def _follow(home: Home, order: Order) -> list[str]:
    """Show each step when it is done. Returns the processes that had to be killed."""
    table, killed = Table("process", "new pid", "ready after", "old pid", "ended after"), []
    async for step in ask(home, order):
        table.add_row(*_row(step))
        out.print(f"  [green]✓[/] {step.process}", highlight=False)
        if step.killed:
            killed.append(step.process)
    out.print(table if table.row_count else "[green]✓[/] it is so already")
    return killed


def _row(step: Step) -> list[str]:
    def seconds(value: float | None) -> str:
        return "" if value is None else f"{value:.1f} s"

    return [
        step.process,
        str(step.started_pid or ""),
        seconds(step.ready_s),
        str(step.ended_pid or ""),
        seconds(step.ended_s) + (" [red]killed[/]" if step.killed else ""),
    ]
