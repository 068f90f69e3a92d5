"""How `namjai alerts` shows its answers: the inbox as a table, one alert as a page."""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, Final, Literal

import msgspec
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from namjai.events.risk import Level
from namjai.notify.api import ListAnswer, SlaAnswer
from namjai.notify.domain.inbox import LEVELS
from namjai.notify.domain.sla import PROMISED
from namjai.notify.domain.view import AlertView, Next
from namjai.notify.dossier import Contact, Dossier, Evidence, Line, Step, Verdict

How = Literal["telephone", "in_person", "line", "other"]
COLOURS: Final = {"crisis": "bold white on red", "high": "bold red", "medium": "yellow", "low": "cyan", "none": "dim"}
BARS: Final[dict[str, str]] = dict(zip(LEVELS, "▁▂▄▆█", strict=True))
BIDI: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
CHANGES_MAX: Final = 5
UNREADABLE: Final = "(cannot be read any more)"
NEXT: Final = {
    "begin": "its chain begins",
    "step": "step {} tells its people",
    "exhaust": "the chain ends, the last people are told",
    "again": "the chain begins again",
    "unacknowledge": "without a human word it goes back to everybody",
    "follow_up": "caring contact {}",
    "end_follow_up": "no answer to caring contact {}: a task for a human",
}


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was different, and the verdict then."""

    kind: str
    what: str
    level: int
    differs: bool


class Opinion(msgspec.Struct, frozen=True, kw_only=True):
    """What the learned model makes of the words."""

    version: str
    any: float
    high: float


class Past(msgspec.Struct, frozen=True, kw_only=True):
    """What went before."""

    raised_by: tuple[str, ...] = ()


class Explained(msgspec.Struct, frozen=True, kw_only=True):
    """What risk says of its verdict, as far as it is shown here; what it says beyond that is not read."""

    policy: str
    same_policy: bool
    history: Past
    model: Opinion | None
    would_change: tuple[Change, ...]
    notes: tuple[str, ...]


def age(seconds: float) -> str:
    """As people say it: 40 s, 3 min, 2 h 5 min, 4 d."""
    whole = max(0, int(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3_600:
        return f"{whole // 60} min"
    if whole < 86_400:
        return f"{whole // 3_600} h {whole % 3_600 // 60} min".removesuffix(" 0 min")
    return f"{whole // 86_400} d {whole % 86_400 // 3_600} h".removesuffix(" 0 h")


def plain(text: str) -> str:
    """Somebody else's words on our terminal: no control characters, no turned direction; every place stays its own."""
    return "".join("�" if (unicodedata.category(c) == "Cc" and c != "\n") or c in BIDI else c for c in text)


def inbox(found: ListAnswer, now: datetime) -> RenderableType:
    """The list, most urgent first, as it came."""
    if not found.alerts:
        return Text("✓ No alert is waiting for anybody.", style="green")
    table = Table("alert", "level", "status", "age", "human word", "owner", "what is next", "about", "member")
    for alert in found.alerts:
        table.add_row(
            Text(alert.reference, style="bold"),
            _level(alert.level),
            _status(alert),
            age((now - alert.raised_at).total_seconds()),
            _clock(alert),
            plain(alert.owner) if alert.owner else Text("nobody", style="bold" if alert.waiting else "dim"),
            _next(alert.next, now),
            _about(alert),
            Text(alert.member[:12], style="dim"),
        )
    rest = found.total - len(found.alerts)
    title = f"{found.total} alert{'s' if found.total != 1 else ''}" + (f", {rest} more not shown" if rest else "")
    table.title, table.title_justify = f"{title} · {now.astimezone():%H:%M:%S}", "left"
    return table


def stale(found: ListAnswer, now: datetime) -> RenderableType:
    """The last list we had, said to be old."""
    return Group(Text("The notify service does not answer; this may be old.", style="bold red"), inbox(found, now))


def done(alert: AlertView, what: str, now: datetime) -> RenderableType:
    """One line after a command: what is so now, and what is next."""
    line = Text.assemble(("✓ ", "green"), (alert.reference, "bold"), f" {plain(what)} · ", _level(alert.level), " · ")
    line.append_text(_status(alert))
    if alert.next is not None:
        line.append(" · next: ").append_text(_next(alert.next, now))
    return line


def sla(figures: SlaAnswer) -> RenderableType:
    """Waiting times by level."""
    if not figures.levels:
        return Text(f"There was no alert in the last {figures.days:g} days.")
    title = f"from the message to the first human word, {figures.days:g} days"
    table = Table("level", "alerts", "still waiting", "median", "p95", "worst", "within 5 min", title=title)
    table.title_justify = "left"
    for each in figures.levels:
        share = "–" if each.within_promise is None else f"{each.within_promise:.0%}"
        waits = (_wait(each.median_s), _wait(each.p95_s), _wait(each.worst_s))
        table.add_row(_level(each.level), str(each.alerts), str(each.waiting), *waits, share)
    return table


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
    status = _status(alert)
    if alert.taken_over_by:
        status.append(f", {plain(alert.taken_over_by)} is talking to them")
    if alert.silenced_until:
        status.append(f", silenced until {alert.silenced_until.astimezone():%a %d %b %H:%M}")
    told = f"{', '.join(map(plain, alert.told)) or 'nobody yet'}"
    raised = f"{age((now - alert.raised_at).total_seconds())} ago, {alert.raised_at.astimezone():%a %d %b %H:%M:%S}"
    rows: list[tuple[str, RenderableType]] = [
        ("status", status),
        ("raised", f"{raised} ({alert.reason})"),
        ("human word", _clock(alert)),
        ("owner", plain(alert.owner or "nobody")),
        ("told", f"{told} (round {alert.run}, step {alert.step} of {alert.steps})"),
        ("next", _next(alert.next, now)),
        ("member", Text(alert.member, style="dim")),
        ("id", Text(alert.id, style="dim")),
    ]
    for name, value in rows:
        grid.add_row(Text(name, style="dim"), value)
    title = Text.assemble((f" {alert.reference} ", "bold"), _level(alert.level), f" {alert.category} ")
    return Panel(grid, title=title, title_align="left", border_style="red" if alert.waiting else "green")


def _why(shown: Dossier, explained: Explained | None) -> RenderableType:
    table = Table("level", "about", "words", "rule", "how it was read", box=None, pad_edge=False)
    for each in shown.evidence:
        words = plain(each.words) if each.words is not None else UNREADABLE
        table.add_row(_level(each.level), each.category, words, Text(each.rule, style="dim"), ", ".join(each.readings))
    parts: list[RenderableType] = [_highlighted(shown.message, shown.evidence)]
    if shown.evidence:
        parts.append(table)
    return Group(*parts, *_explanation(explained))


def _highlighted(message: Line | None, evidence: Sequence[Evidence]) -> Text:
    """The message, with the words that made us speak."""
    if message is None or message.text is None:
        return Text(UNREADABLE, style="dim italic")
    text = Text(plain(message.text))
    for each in sorted(evidence, key=lambda each: LEVELS.index(each.level)):
        text.stylize(f"{COLOURS.get(each.level, '')} underline", each.start, each.end)
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
        yield line.append_text(_level(LEVELS[change.level]))
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


def _level(level: Level | str) -> Text:
    return Text(level, style=COLOURS.get(level, ""))


def _status(alert: AlertView) -> Text:
    loud = alert.status in ("raised", "exhausted") and alert.waiting
    text = Text(alert.status.replace("_", " "), style="bold red" if loud else "")
    return text.append(f": {alert.disposition}") if alert.disposition else text


def _clock(alert: AlertView) -> Text:
    """The clock of the person who waits."""
    if not alert.waiting:
        return Text(f"after {age(alert.wait_s)}", style="green" if alert.wait_s <= PROMISED.total_seconds() else "dim")
    late = alert.wait_s > PROMISED.total_seconds()
    return Text(f"waiting {age(alert.wait_s)}", style="bold red" if late else "yellow")


def _next(coming: Next | None, now: datetime) -> Text:
    if coming is None:
        return Text("nothing by itself", style="dim")
    left = coming.at - now
    when = f"in {age(left.total_seconds())}" if left > timedelta(0) else "now"
    return Text(f"{NEXT.get(coming.what, coming.what).format(coming.step)} {when}")


def _about(alert: AlertView) -> Text:
    text = Text(alert.category)
    if alert.repeats:
        text.append(f" ×{alert.repeats + 1}", style="bold")
    return text.append(f" ({alert.reason})", style="dim") if alert.reason != "finding" else text


def _wait(seconds: float | None) -> str:
    return "–" if seconds is None else age(seconds)


def _time(at: datetime) -> Text:
    return Text(f"{at.astimezone():%d %b %H:%M:%S}", style="dim")


def _when(answer: Any) -> str:
    return f"{datetime.fromisoformat(answer['at']).astimezone():%d %b %H:%M}"
