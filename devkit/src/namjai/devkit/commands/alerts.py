"""`namjai alerts …`: the inbox on a terminal, until the console exists: look, take it on, speak, end it."""

import asyncio
import sys
import uuid
from contextlib import suppress
from datetime import UTC, datetime
from typing import Annotated, Literal

import msgspec
import typer
from rich.live import Live

from namjai.devkit.commands import alert_page as page
from namjai.devkit.commands import alert_tables as tables
from namjai.devkit.commands.common import DEFAULT_HOME, HomeOption, fail, out
from namjai.devkit.commands.desk import By, Desk, as_json, at_desk
from namjai.devkit.commands.times import moment
from namjai.events.alert import Disposition
from namjai.events.risk import Category, Level
from namjai.notify.domain import command as staff
from namjai.notify.domain.view import AlertView
from namjai.notify.inbox_words import Dossier, ListAnswer, ListRequest, SlaAnswer, SlaRequest
from namjai.runtime.bus import Requests
from namjai.runtime.micro import Refused, Unavailable

SERVICE = "notify"
How = Literal["telephone", "in_person", "line", "other"]
REFRESH_S = 1.0
TEXT_CHARS_MAX = 5_000

alerts = typer.Typer(
    no_args_is_help=True,
    help="The alert inbox: who is in danger, who looks after it, what was done. Every look at words and every command "
    "is on record under your name (--by, or NAMJAI_STAFF_NAME). For a NATS elsewhere set NAMJAI_NATS_URL, "
    "NAMJAI_NATS_USER and NAMJAI_NATS_PASSWORD.",
)
JsonOption = Annotated[bool, typer.Option("--json", help="For programs.")]
Name = Annotated[str, typer.Argument(metavar="ALERT", help="Its reference (8 characters), or its id.")]
NoteOption = Annotated[str | None, typer.Option("--note", help="For the others; - reads it from standard input.")]


@alerts.command(
    "list", epilog="Examples: namjai alerts list --level high --watch · namjai alerts list --mine --by ploy"
)
def list_(
    everything: Annotated[bool, typer.Option("--all", help="Resolved, merged and silenced ones too.")] = False,
    level: Annotated[Level | None, typer.Option(help="This level and above.")] = None,
    mine: Annotated[bool, typer.Option("--mine", help="Only those that are mine.")] = False,
    by: Annotated[str | None, typer.Option("--by", envvar="NAMJAI_STAFF_NAME", help="Who I am, for --mine.")] = None,
    watch: Annotated[bool, typer.Option("--watch", "-w", help="Stay, and show what changes; Ctrl-C ends it.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=500)] = 100,
    home: HomeOption = DEFAULT_HOME,
    json_: JsonOption = False,
) -> None:
    """The open alerts, most urgent first. No name and no word of anybody in it."""
    if mine and by is None:
        raise fail("say who you are: --by NAME, or NAMJAI_STAFF_NAME")
    if watch and json_:
        raise fail("--watch is for people; a program asks again, or reads the log")
    asked = ListRequest(state="all" if everything else "open", level=level, owner=by if mine else None, limit=limit)

    async def work(desk: Desk) -> None:
        found = await desk.ask("alerts.list", asked, ListAnswer)
        if json_:
            as_json(found)
        elif watch:
            await _watch(desk, asked, found)
        else:
            out.print(tables.inbox(found, datetime.now(UTC)))

    with suppress(KeyboardInterrupt):
        at_desk(home, SERVICE, work)


@alerts.command(epilog="Example: namjai alerts show 1A2B3C4D --by ploy")
def show(alert: Name, by: By, home: HomeOption = DEFAULT_HOME, json_: JsonOption = False) -> None:
    """Everything that helps to judge it: the words, why we spoke, the days before, whom to call, what was done."""

    async def work(desk: Desk) -> None:
        look = staff.Look(alert=alert, by=by, via="cli", request=str(uuid.uuid4()))
        dossier = await desk.ask("alerts.show", look, Dossier)
        explained = await _explained(desk, dossier)
        if json_:
            as_json(_Shown(dossier=dossier, explanation=explained))
        else:
            out.print(page.dossier(dossier, explained, datetime.now(UTC)))

    at_desk(home, SERVICE, work)


@alerts.command(epilog="Example: namjai alerts claim 1A2B3C4D --by ploy")
def claim(alert: Name, by: By, home: HomeOption = DEFAULT_HOME, json_: JsonOption = False) -> None:
    """Take it on: nobody else is called. A human word must follow, or it goes back to everybody."""
    _obey("claim", staff.Claim(alert=alert, by=by), "yours", home, json_)


@alerts.command(epilog="Example: namjai alerts ack 1A2B3C4D --note 'I know her, calling now' --by ploy")
def ack(
    alert: Name, by: By, note: NoteOption = None, home: HomeOption = DEFAULT_HOME, json_: JsonOption = False
) -> None:
    """Say that you have looked at it; claims it too, if nobody has."""
    _obey("acknowledge", staff.Acknowledge(alert=alert, by=by, note=_given(note)), "acknowledged", home, json_)


@alerts.command(epilog="Examples: namjai alerts note 1A2B3C4D 'lives alone' · … note 1A2B3C4D - < note.txt")
def note(
    alert: Name,
    text: Annotated[str, typer.Argument(help="The note; - reads it from standard input.")],
    by: By,
    home: HomeOption = DEFAULT_HOME,
    json_: JsonOption = False,
) -> None:
    """Write something down for the others; sealed in the log like the person's own words."""
    _obey("note", staff.Note(alert=alert, by=by, note=_read(text)), "noted", home, json_)


@alerts.command(epilog="Example: namjai alerts handover 1A2B3C4D chen --note 'my shift ends' --by ploy")
def handover(
    alert: Name,
    to: Annotated[str, typer.Argument(help="A member of staff by name; they are told.")],
    by: By,
    note: NoteOption = None,
    home: HomeOption = DEFAULT_HOME,
    json_: JsonOption = False,
) -> None:
    """Pass it on to somebody else."""
    _obey("handover", staff.HandOver(alert=alert, by=by, to=to, note=_given(note)), f"passed on to {to}", home, json_)


@alerts.command(epilog="Example: namjai alerts takeover 1A2B3C4D --by ploy")
def takeover(alert: Name, by: By, home: HomeOption = DEFAULT_HOME, json_: JsonOption = False) -> None:
    """Talk to the person yourself: the bot falls silent, and they are told that a human is here."""
    _obey("takeover", staff.TakeOver(alert=alert, by=by), "you are talking to them; the bot is silent", home, json_)


@alerts.command(epilog="Examples: namjai alerts say 1A2B3C4D 'I am Ploy, a nurse. I am here.' · … say 1A2B3C4D -")
def say(
    alert: Name,
    text: Annotated[str, typer.Argument(help="To the person; - reads it from standard input.")],
    by: By,
    home: HomeOption = DEFAULT_HOME,
    json_: JsonOption = False,
) -> None:
    """Write to the person on LINE; takes over the conversation, if nobody has. The first word stops the clock."""
    _obey("say", staff.Say(alert=alert, by=by, text=_read(text)), "said", home, json_)


@alerts.command(epilog="Example: namjai alerts handback 1A2B3C4D --by ploy")
def handback(alert: Name, by: By, home: HomeOption = DEFAULT_HOME, json_: JsonOption = False) -> None:
    """Be done talking: the bot answers again."""
    _obey("handback", staff.HandBack(alert=alert, by=by), "the bot answers again", home, json_)


@alerts.command(epilog="Example: namjai alerts contacted 1A2B3C4D --how telephone --note 'her sister is there'")
def contacted(
    alert: Name,
    by: By,
    how: Annotated[How, typer.Option(help="The way you reached them.")] = "telephone",
    note: NoteOption = None,
    home: HomeOption = DEFAULT_HOME,
    json_: JsonOption = False,
) -> None:
    """Say that you have reached the person another way; stops the clock too."""
    _obey("contacted", staff.Contacted(alert=alert, by=by, how=how, note=_given(note)), "on record", home, json_)


@alerts.command(epilog="Example: namjai alerts resolve 1A2B3C4D referred --note 'appointment tomorrow 9:00'")
def resolve(
    alert: Name,
    disposition: Annotated[Disposition, typer.Argument(help="How it ended.")],
    by: By,
    note: NoteOption = None,
    home: HomeOption = DEFAULT_HOME,
    json_: JsonOption = False,
) -> None:
    """End it. After high or crisis we ask the person how they are in the days that follow."""
    wish = staff.Resolve(alert=alert, by=by, disposition=disposition, note=_given(note))
    _obey("resolve", wish, "resolved", home, json_)


@alerts.command(epilog="Example: namjai alerts reopen 1A2B3C4D --note 'wrote again' --by ploy")
def reopen(
    alert: Name, by: By, note: NoteOption = None, home: HomeOption = DEFAULT_HOME, json_: JsonOption = False
) -> None:
    """It was not over after all: its chain begins anew."""
    _obey("reopen", staff.Reopen(alert=alert, by=by, note=_given(note)), "open again", home, json_)


@alerts.command(epilog="Example: namjai alerts correct 1A2B3C4D medium --category relapse --note 'quotes a song'")
def correct(
    alert: Name,
    level: Annotated[Level, typer.Argument(help="What the message was, by your own judgement.")],
    by: By,
    category: Annotated[Category | None, typer.Option(help="And of what kind.")] = None,
    note: NoteOption = None,
    home: HomeOption = DEFAULT_HOME,
    json_: JsonOption = False,
) -> None:
    """Put your judgement over ours; a higher level calls everybody again, and both teach the screener."""
    wish = staff.Correct(alert=alert, by=by, level=level, category=category, note=_given(note))
    _obey("correct", wish, f"now {level}", home, json_)


@alerts.command(epilog="Example: namjai alerts silence 1A2B3C4D 8h --reason 'in our ward until the morning' --by ploy")
def silence(
    alert: Name,
    until: Annotated[str, typer.Argument(help="A time, or how long: 30m, 8h, 1d12h; seven days at most.")],
    reason: Annotated[str, typer.Option(help="Why this may be; - reads it from standard input.")],
    by: By,
    home: HomeOption = DEFAULT_HOME,
    json_: JsonOption = False,
) -> None:
    """Keep this kind of alert about this person quiet for a while; never those of level crisis."""
    end = moment(until, datetime.now().astimezone().tzinfo or UTC, now := datetime.now(UTC), after=now)
    wish = staff.Silence(alert=alert, by=by, until=end, reason=_read(reason))
    _obey("silence", wish, f"quiet until {end.astimezone():%a %d %b %H:%M}", home, json_)


@alerts.command(epilog="Example: namjai alerts unsilence 1A2B3C4D --by ploy")
def unsilence(alert: Name, by: By, home: HomeOption = DEFAULT_HOME, json_: JsonOption = False) -> None:
    """Let them be heard again."""
    _obey("unsilence", staff.Unsilence(alert=alert, by=by), "heard again", home, json_)


@alerts.command(epilog="Example: namjai alerts sla --days 7")
def sla(
    days: Annotated[float, typer.Option(min=0.01, max=366, help="Of how many days.")] = 30.0,
    home: HomeOption = DEFAULT_HOME,
    json_: JsonOption = False,
) -> None:
    """How long people waited for a human word: median, 95th percentile, worst, and the share within five minutes."""

    async def work(desk: Desk) -> None:
        figures = await desk.ask("alerts.sla", SlaRequest(days=days), SlaAnswer)
        if json_:
            as_json(figures)
        else:
            out.print(tables.sla(figures))

    at_desk(home, SERVICE, work)


class _Shown(msgspec.Struct, frozen=True, kw_only=True):
    """What `show --json` prints: risk's own explanation is not there while risk does not answer."""

    dossier: Dossier
    explanation: page.Explained | None


class _Which(msgspec.Struct, frozen=True, kw_only=True):
    """The verdict that risk is to explain."""

    member: str
    id: str


def _obey(verb: str, command: staff.Command, done: str, home: HomeOption, json_: bool) -> None:
    """Have a command carried out. It has a name, so that asking twice does it once."""
    wish = msgspec.structs.replace(command, via="cli", request=str(uuid.uuid4()))

    async def work(desk: Desk) -> None:
        try:
            alert = await desk.ask(f"alerts.{verb}", wish, AlertView)
        except Unavailable:  # or slow, because somebody is just being told
            alert = await desk.ask(f"alerts.{verb}", wish, AlertView)
        if json_:
            as_json(alert)
        else:
            out.print(tables.done(alert, done, datetime.now(UTC)), soft_wrap=True)

    at_desk(home, SERVICE, work)


async def _watch(desk: Desk, asked: ListRequest, found: ListAnswer) -> None:
    with Live(tables.inbox(found, datetime.now(UTC)), console=out, auto_refresh=False, screen=out.is_terminal) as live:
        while True:
            await asyncio.sleep(REFRESH_S)
            try:
                found = await desk.ask("alerts.list", asked, ListAnswer)
            except Unavailable:
                live.update(tables.stale(found, datetime.now(UTC)), refresh=True)
            else:
                live.update(tables.inbox(found, datetime.now(UTC)), refresh=True)


async def _explained(desk: Desk, dossier: Dossier) -> page.Explained | None:
    """What risk says of its verdict; without it the findings in the log must do."""
    if dossier.assessment is None:
        return None
    risk = Desk(desk.client, await Requests.open(desk.client), "risk")
    try:
        return await risk.ask("explain", _Which(member=dossier.alert.member, id=dossier.assessment), page.Explained)
    except (Unavailable, Refused, msgspec.MsgspecError):
        return None


def _given(text: str | None) -> str | None:
    return _read(text) if text is not None else None


def _read(text: str) -> str:
    """A text, or standard input: what is typed there is in no shell's history."""
    return sys.stdin.read(TEXT_CHARS_MAX).strip() if text == "-" else text
