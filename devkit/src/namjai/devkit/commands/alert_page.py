"""One alert on one page: where it stands, the words, why we spoke, whom to call, and what was done."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any, Final

import msgspec
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from namjai.devkit.commands.alert_tables import COLOURS, age, clock_text, level_text, next_text, plain, status_text
from namjai.notify.domain.inbox import LEVELS, rank
from namjai.notify.domain.view import AlertView
from namjai.notify.inbox_words import Contact, Dossier, Line, Step, Verdict

BARS: Final[dict[str, str]] = dict(zip(LEVELS, "▁▂▄▆█", strict=True))
CHANGES_MAX: Final = 5
UNREADABLE: Final = "(cannot be read any more)"


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was different, and the verdict then."""

    kind: str
    what: str
    level: str
    differs: bool


class Opinion(msgspec.Struct, frozen=True, kw_only=True):
    """What the learned model makes of the words."""

    version: str
    any: float
    high: float


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """A place in the message, in code points."""

    start: int
    end: int


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    """One finding with all its places; the log keeps only the first of them."""

    level: str
    spans: tuple[Span, ...]


class Past(msgspec.Struct, frozen=True, kw_only=True):
    """What went before."""

    raised_by: tuple[str, ...] = ()


class Explained(msgspec.Struct, frozen=True, kw_only=True):
    """What risk says of its verdict, as far as it is shown here; what it says beyond that is not read."""

    policy: str
    same_policy: bool
    reasons: tuple[Reason, ...]
    history: Past
    model: Opinion | None
    would_change: tuple[Change, ...]
    notes: tuple[str, ...]


def dossier(shown: Dossier, explained: Explained | None, now: datetime) -> RenderableType:
    """One alert on one page."""
    parts: list[tuple[str, RenderableType | None]] = [
        ("why", _why(shown, explained)),
        ("last messages", _conversation(shown.conversation)),
        ("risk of the last days", _trend(shown.trend)),
        ("questionnaires and check-ins", _answers(shown)),
        ("whom they trust", _contact(shown.contact)),
        ("what happened", _history(shown.history)),
    ]
    panels = [Panel(part, title=title, title_align="left", border_style="dim") for title, part in parts if part]
    return Group(_header(shown.alert, now), *panels)


def _header(alert: AlertView, now: datetime) -> RenderableType:
    grid = Table.grid(padding=(0, 2))
    status = status_text(alert)
    if alert.taken_over_by:
        status.append(f", {plain(alert.taken_over_by)} is talking to them")
    if alert.silenced_until:
        status.append(f", silenced until {alert.silenced_until.astimezone():%a %d %b %H:%M}")
    told = f"{', '.join(map(plain, alert.told)) or 'nobody yet'}"
    raised = f"{age((now - alert.raised_at).total_seconds())} ago, {alert.raised_at.astimezone():%a %d %b %H:%M:%S}"
    rows: list[tuple[str, RenderableType]] = [
        ("status", status),
        ("raised", f"{raised} ({alert.reason})"),
        ("human word", clock_text(alert)),
        ("owner", plain(alert.owner or "nobody")),
        ("told", f"{told} (round {alert.run}, step {alert.step} of {alert.steps})"),
        ("next", next_text(alert.next, now)),
        ("member", Text(alert.member, style="dim")),
        ("id", Text(alert.id, style="dim")),
    ]
    for name, value in rows:
        grid.add_row(Text(name, style="dim"), value)
    title = Text.assemble((f" {alert.reference} ", "bold"), level_text(alert.level), f" {alert.category} ")
    return Panel(grid, title=title, title_align="left", border_style="red" if alert.waiting else "green")


def _why(shown: Dossier, explained: Explained | None) -> RenderableType:
    table = Table("level", "about", "words", "rule", "how it was read", box=None, pad_edge=False)
    for each in shown.evidence:
        words = plain(each.words) if each.words is not None else UNREADABLE
        table.add_row(
            level_text(each.level), each.category, words, Text(each.rule, style="dim"), ", ".join(each.readings)
        )
    places = [(each.level, Span(start=each.start, end=each.end)) for each in shown.evidence]
    if explained is not None:
        places += [(each.level, span) for each in explained.reasons for span in each.spans]
    parts: list[RenderableType] = [_highlighted(shown.message, places)]
    if shown.evidence:
        parts.append(table)
    return Group(*parts, *_explanation(explained))


def _highlighted(message: Line | None, places: Iterable[tuple[str, Span]]) -> Text:
    """The message, with the words that made us speak; the gravest colour lies on top."""
    if message is None or message.text is None:
        return Text(UNREADABLE, style="dim italic")
    text = Text(plain(message.text))
    for level, span in sorted(places, key=lambda place: rank(place[0])):  # type: ignore[arg-type]  # ours, from the log
        text.stylize(f"{COLOURS.get(level, '')} underline", span.start, span.end)
    return text


def _explanation(explained: Explained | None) -> Iterator[Text]:
    if explained is None:
        return
    yield Text(f"judged by policy {plain(explained.policy)}", style="dim")
    if explained.history.raised_by:
        yield Text(f"raised by what went before: {', '.join(explained.history.raised_by)}")
    if (model := explained.model) is not None:
        yield Text(f"model {model.version}: any danger {model.any:.0%}, high danger {model.high:.0%}")
    for change in [each for each in explained.would_change if each.differs][:CHANGES_MAX]:
        line = Text(f"without {change.kind} {plain(change.what)} it would have been ", style="dim")
        yield line.append_text(level_text(change.level))
    for note in explained.notes:
        yield Text(plain(note), style="yellow")


def _conversation(lines: Sequence[Line]) -> RenderableType | None:
    if not lines:
        return None
    grid = Table.grid(padding=(0, 1))
    for line in lines:
        who = Text("person", style="bold") if line.from_person else Text("Namjai", style="dim")
        text = Text(plain(line.text)) if line.text is not None else Text(UNREADABLE, style="dim italic")
        grid.add_row(_time(line.at), who, text)
    return grid


def _trend(verdicts: Sequence[Verdict]) -> RenderableType | None:
    if not verdicts:
        return None
    line = Text()
    for each in verdicts:
        line.append(BARS.get(each.level, "?"), style=COLOURS.get(each.level, "magenta").removesuffix(" on red"))
    first, last = verdicts[0].at.astimezone(), verdicts[-1].at.astimezone()
    return line.append(f"  {len(verdicts)} messages, {first:%d %b %H:%M} to {last:%d %b %H:%M}", style="dim")


def _answers(shown: Dossier) -> RenderableType | None:
    lines = [_instrument(name, list(items)) for name, items in groupby(shown.instruments, lambda i: i["instrument"])]
    for each in shown.checkins:
        said = (f"{name} {each[name]}" for name in ("craving", "mood", "used") if each.get(name) is not None)
        lines.append(Text(f"check-in {_when(each)}: {', '.join(said)}"))
    return Group(*lines) if lines else None


def _instrument(name: str, items: Sequence[Any]) -> Text:
    line = Text(f"{name} {_when(items[-1])}:")
    for item in items:
        about = item.get("about_death") and item["value"]
        line.append(f" {item['item']}={item['value']}", style="bold red" if about else "")
    return line


def _contact(contact: Contact | None) -> RenderableType:
    if contact is None:
        return Text("nobody named", style="dim")
    ways = [plain(way) for way in (contact.telephone, contact.email) if way]
    line = Text(f"{plain(contact.name or UNREADABLE)} · {' · '.join(ways) or 'no address'} · ")
    allowed = ("may be told (consent)", "green") if contact.consent else ("no consent to tell them", "red")
    return line.append(*allowed)


def _history(steps: Iterable[Step]) -> RenderableType:
    grid = Table.grid(padding=(0, 1))
    for step in steps:
        who = f"{step.who} ({step.via})" if step.who and step.via else step.who or ""
        grid.add_row(_time(step.at), Text(step.what, style="bold"), plain(who), Text(plain(step.detail)))
    return grid


def _time(at: datetime) -> Text:
    return Text(f"{at.astimezone():%d %b %H:%M:%S}", style="dim")


def _when(answer: Any) -> str:
    return f"{datetime.fromisoformat(answer['at']).astimezone():%d %b %H:%M}"
