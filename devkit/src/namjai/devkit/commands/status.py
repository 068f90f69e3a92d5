"""`namjai status`: every process of the run, whether it works, and if not, what it says is wrong."""

import asyncio
import os
from collections.abc import Mapping
from typing import Annotated, Final, Literal

import aiohttp
import msgspec
import typer
from rich.markup import escape
from rich.table import Table

from namjai.devkit.commands.common import DEFAULT_HOME, HomeOption, home_of, out, readable_errors
from namjai.devkit.home import Home, Run
from namjai.runtime.report import Report

ASK_DEADLINE_S: Final = 3.0

State = Literal["ready", "strained", "does less", "not ready", "draining", "does not answer", "runs", "gone", "on hold"]
COLOURS: Final[Mapping[State, str]] = {
    "ready": "green",
    "runs": "green",
    "strained": "yellow",
    "does less": "yellow",
    "draining": "yellow",
    "on hold": "yellow",
    "not ready": "red",
    "does not answer": "red",
    "gone": "red",
}
"""The words say it; colours only help to find them."""
GOOD: Final[frozenset[State]] = frozenset({"ready", "runs", "strained", "does less"})


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """One process; servers and the simulator have no report."""

    name: str
    state: State
    pid: int
    restarts: int
    wrong: list[str] = []
    report: Report | None = None


def status(
    home: HomeOption = DEFAULT_HOME,
    json: Annotated[bool, typer.Option("--json", help="Everything that is known, for programs.")] = False,
) -> None:
    """Say how each process is, and where to look at the run. Exits 1 when one of them does not work."""
    place = home_of(home)
    with readable_errors():
        run = place.run()
    found = asyncio.run(_look(place, run))
    if json:
        typer.echo(msgspec.json.format(msgspec.json.encode(found), indent=2))
    else:
        out.print(addresses(run), _table(found))
    if any(each.state not in GOOD for each in found):
        raise typer.Exit(1)


def addresses(run: Run) -> Table:
    """Where everything of a run is."""
    table = Table("what", "where", title="Namjai", title_justify="left")
    table.add_row("phones (chat as anybody)", f"{run.simulator_url}/_sim/")
    table.add_row("mail", f"{run.simulator_url}/_sim/mail")
    table.add_row("console", run.console_url)
    table.add_row("webhook", run.webhook_url)
    table.add_row("NATS", ", ".join(url.rpartition("@")[2] for url in run.nats_url.split(",")))
    table.add_row("PostgreSQL", run.postgres_dsn.rpartition("@")[2])
    table.add_row("Valkey", run.redis_url.rpartition("@")[2])
    return table


async def _look(home: Home, run: Run) -> list[Seen]:
    processes = home.processes()
    deadline = aiohttp.ClientTimeout(total=ASK_DEADLINE_S)
    async with aiohttp.ClientSession(headers={"Accept": "application/json"}, timeout=deadline) as http:
        urls = {name: address.health_url for name, address in run.services.items()}
        return list(
            await asyncio.gather(*(_seen(http, home, name, known, urls.get(name)) for name, known in processes.items()))
        )


async def _seen(http: aiohttp.ClientSession, home: Home, name: str, known: Mapping[str, int], url: str | None) -> Seen:
    seen = Seen(name=name, state="runs", pid=known["pid"], restarts=known["restarts"])
    if home.held(name).exists():
        return msgspec.structs.replace(seen, state="on hold", wrong=["until `namjai release`"])
    if url is None:
        return seen if _is_there(seen.pid) else msgspec.structs.replace(seen, state="gone")
    try:
        async with http.get(f"{url}?verbose") as answer:
            report = msgspec.json.decode(await answer.read(), type=Report)
    except (aiohttp.ClientError, TimeoutError, msgspec.MsgspecError) as failed:
        return msgspec.structs.replace(seen, state="does not answer", wrong=[type(failed).__name__])
    failed_checks = [f"{check.name}: {check.reason}" for check in report.checks if not check.ok]
    strains = [f"{vital.name} {vital.level}: {vital.says}" for vital in report.vitals if vital.level != "ok"]
    state: State = "does less" if failed_checks else "strained" if strains else "ready"
    if not report.ready:
        state = "draining" if report.draining else "not ready"
    return msgspec.structs.replace(seen, state=state, wrong=failed_checks + strains, report=report)


def _is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _table(found: list[Seen]) -> Table:
    table = Table("process", "state", "pid", "restarts", "up", "memory", "waiting", "what is wrong")
    for each in found:
        state = f"[{COLOURS[each.state]}]{each.state}[/]"
        up, memory, waiting = _figures(each.report) if each.report else ("", "", "")
        wrong = escape("\n".join(each.wrong))
        table.add_row(each.name, state, str(each.pid), str(each.restarts), up, memory, waiting, wrong)
    return table


def _figures(report: Report) -> tuple[str, str, str]:
    memory = next((vital.says for vital in report.vitals if vital.name == "memory"), "")
    waiting = sum(int(vital.figures.get("pending") or 0) for vital in report.vitals)
    return f"{report.uptime_s:.0f} s", memory, str(waiting)
