"""`namjai oncall …`: who is on call, standing in for somebody, swaps, gaps, calendars, and the roster itself."""

import json
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
import yaml
from rich.markup import escape

from namjai.devkit.commands.common import DEFAULT_HOME, HomeOption, err, fail, out
from namjai.devkit.commands.desk import By, Desk, as_json, at_desk
from namjai.devkit.commands.oncall_tables import ID_CHARS, print_checked, print_gaps, print_shown
from namjai.devkit.commands.times import moment, readable
from namjai.notify import oncall_words as words
from namjai.notify.domain.roster import problems
from namjai.runtime.config import ConfigUnavailable, NatsConfigStore
from namjai.runtime.errors import Conflict
from namjai.runtime.micro import Unavailable

SERVICE = "notify"
SECTION = "alerts"
BUCKET = "config"
FILE_BYTES_MAX = 512 * 1024

oncall = typer.Typer(
    no_args_is_help=True,
    help="Who is on call: look, stand in, swap, find the gaps. For a NATS elsewhere set NAMJAI_NATS_URL, "
    "NAMJAI_NATS_USER and NAMJAI_NATS_PASSWORD.",
)
JsonOption = Annotated[bool, typer.Option("--json", help="For programs.")]
Schedule = Annotated[str, typer.Argument(help="A schedule by its name.")]
Person = Annotated[str, typer.Argument(help="A member of staff by name.")]
Start = Annotated[str, typer.Argument(help="now, 20:00, 2026-05-01T20:00 (in the schedule's zone), or with an offset.")]
End = Annotated[str, typer.Argument(help="A time, or how long: 30m, 8h, 1d12h.")]
Document = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The section `alerts` as YAML or JSON.")]


@oncall.command()
def show(
    schedule: Annotated[str | None, typer.Argument(help="Only this schedule.")] = None,
    at: Annotated[str | None, typer.Option(help="Another time than now, in UTC or with an offset.")] = None,
    home: HomeOption = DEFAULT_HOME,
    json_: JsonOption = False,
) -> None:
    """Who is on call, who is next, and whom an alert would reach."""
    when = moment(at, UTC, datetime.now(UTC)) if at else None

    async def work(desk: Desk) -> None:
        shown = await desk.ask("oncall.show", words.Show(at=when, schedule=schedule), words.Shown)
        if json_:
            as_json(shown)
        else:
            print_shown(shown)

    at_desk(home, SERVICE, work)


@oncall.command()
def override(
    schedule: Schedule,
    staff: Person,
    start: Start,
    end: End,
    by: By,
    instead_of: Annotated[str | None, typer.Option(help="Only for this one, where several are on call.")] = None,
    home: HomeOption = DEFAULT_HOME,
    json_: JsonOption = False,
) -> None:
    """Have somebody else on call for a while."""

    async def work(desk: Desk) -> None:
        zone = await _zone(desk, schedule)
        half = _half(staff, start, end, zone)
        wish = words.Override(
            schedule=schedule,
            staff=staff,
            start=half.start,
            end=half.end,
            by=by,
            instead_of=instead_of,
            key=str(uuid.uuid4()),
        )
        done = await desk.ask("oncall.override", wish, words.Done)
        _print_done(done, json_, f"{staff} is on call in {schedule} {_span(half, zone)}")

    at_desk(home, SERVICE, work)


@oncall.command()
def swap(
    schedule: Schedule,
    first: Person,
    first_start: Start,
    first_end: End,
    second: Person,
    second_start: Start,
    second_end: End,
    by: By,
    home: HomeOption = DEFAULT_HOME,
    json_: JsonOption = False,
) -> None:
    """Have two people take over each other's time; the times are those that each of them gives away."""

    async def work(desk: Desk) -> None:
        zone = await _zone(desk, schedule)
        one, other = _half(first, first_start, first_end, zone), _half(second, second_start, second_end, zone)
        wish = words.Swap(schedule=schedule, first=one, second=other, by=by, key=str(uuid.uuid4()))
        done = await desk.ask("oncall.swap", wish, words.Done)
        taken = f"{second} is on call {_span(one, zone)}, and {first} {_span(other, zone)}"
        _print_done(done, json_, taken)

    at_desk(home, SERVICE, work)


@oncall.command()
def cancel(
    override: Annotated[str, typer.Argument(help="Its id from `show`; the beginning is enough.")],
    by: By,
    home: HomeOption = DEFAULT_HOME,
    json_: JsonOption = False,
) -> None:
    """Take an override back."""

    async def work(desk: Desk) -> None:
        shown = await desk.ask("oncall.show", words.Show(), words.Shown)
        found = [each for each in shown.overrides if each.id.startswith(override)]
        if len(found) != 1:
            raise fail(f"{len(found) or 'no'} overrides begin with {override}; see `namjai oncall show`")
        done = await desk.ask("oncall.cancel", words.Cancel(override=found[0].id, by=by), words.Done)
        _print_done(done, json_, f"{found[0].staff} does not stand in in {found[0].schedule} any more")

    at_desk(home, SERVICE, work)


@oncall.command()
def gaps(
    days: Annotated[int, typer.Option(min=1, max=words.DAYS_MAX, help="How far to look ahead.")] = 14,
    home: HomeOption = DEFAULT_HOME,
    json_: JsonOption = False,
) -> None:
    """When nobody is on call in the days to come."""

    async def work(desk: Desk) -> None:
        found = await desk.ask("oncall.gaps", words.Gaps(days=days), words.GapsFound)
        if json_:
            as_json(found)
        else:
            print_gaps(found, days)

    at_desk(home, SERVICE, work)


@oncall.command()
def ical(
    schedule: Annotated[str | None, typer.Option(help="Of this schedule.")] = None,
    staff: Annotated[str | None, typer.Option(help="Of this member of staff.")] = None,
    days: Annotated[int, typer.Option(min=1, max=words.DAYS_MAX)] = 60,
    to: Annotated[Path | None, typer.Option(help="Write it here instead of printing it.")] = None,
    home: HomeOption = DEFAULT_HOME,
) -> None:
    """Duty as a calendar (RFC 5545), for the phone of whoever has it."""

    async def work(desk: Desk) -> None:
        made = await desk.ask("oncall.ical", words.Ical(schedule=schedule, staff=staff, days=days), words.Calendar)
        if to is None:
            typer.echo(made.text, nl=False)
        else:
            to.write_bytes(made.text.encode())  # RFC 5545 lines end with CR LF on every machine

    at_desk(home, SERVICE, work)


@oncall.command()
def check(file: Document, home: HomeOption = DEFAULT_HOME, json_: JsonOption = False) -> None:
    """Whether a roster may be used, and what somebody should think about."""
    document = _read(file)

    async def work(desk: Desk) -> None:
        checked = await _checked(desk, document)
        if json_:
            as_json(checked)
        else:
            print_checked(checked)
        if checked.problems:
            raise typer.Exit(1)

    at_desk(home, SERVICE, work)


@oncall.command("set")
def set_(file: Document, home: HomeOption = DEFAULT_HOME) -> None:
    """Put a roster in force, whole, after checking it. The one before stays in the history."""
    document = _read(file)

    async def work(desk: Desk) -> None:
        checked = await _checked(desk, document)
        print_checked(checked)
        if checked.problems:
            raise typer.Exit(1)
        store = NatsConfigStore(await desk.client.jetstream().key_value(BUCKET))
        try:
            before = await store.get(SECTION)
            revision = await store.put(
                SECTION, json.dumps(document).encode(), expected=before.revision if before else 0
            )
        except Conflict:
            raise fail("somebody else has just changed the roster; look at theirs, and try again") from None
        except ConfigUnavailable:
            raise fail("the config store does not answer; nothing was changed, as far as is known") from None
        out.print(f"[green]✓[/] in force as revision {revision}")

    at_desk(home, SERVICE, work)


async def _zone(desk: Desk, schedule: str) -> ZoneInfo:
    shown = await desk.ask("oncall.show", words.Show(schedule=schedule), words.Shown)
    return ZoneInfo(shown.schedules[0].timezone)


async def _checked(desk: Desk, document: dict[str, Any]) -> words.Checked:
    """By the service that will read it; a first roster can be written before that runs."""
    try:
        return await desk.ask("oncall.check", words.Check(section=document), words.Checked)
    except Unavailable:
        err.print("[yellow]![/] the notify service does not answer, so only the form was checked")
        return words.Checked(problems=tuple(problems(document)))


def _read(file: Path) -> dict[str, Any]:
    """YAML, of which JSON is a part; what YAML takes for a date is a text again."""
    if file.stat().st_size > FILE_BYTES_MAX:
        raise fail(f"{file} is larger than {FILE_BYTES_MAX // 1024} KiB")
    try:
        document = json.loads(json.dumps(yaml.safe_load(file.read_text(encoding="utf-8")), default=str))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        raise fail(f"{file} is not YAML" + (f", line {mark.line + 1}" if mark else "")) from None
    if not isinstance(document, dict):
        raise fail(f"{file} holds no section: it begins with staff:, schedules:, policies: …")
    return document


def _half(staff: str, start: str, end: str, zone: ZoneInfo) -> words.Half:
    begin = moment(start, zone, now := datetime.now(UTC))
    return words.Half(staff=staff, start=begin, end=moment(end, zone, now, after=begin))


def _span(half: words.Half, zone: ZoneInfo) -> str:
    return f"from {readable(half.start, zone)} to {readable(half.end, zone)}"


def _print_done(done: words.Done, json_: bool, sentence: str) -> None:
    if json_:
        as_json(done)
        return
    ids = ", ".join(each[:ID_CHARS] for each in done.overrides)
    out.print(f"[green]✓[/] {escape(sentence)} [dim]({ids})[/]", highlight=False)
