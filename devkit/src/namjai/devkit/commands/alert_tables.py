"""How `namjai alerts` shows its answers: the inbox as a table, one alert as a line."""

import unicodedata
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from namjai.events.risk import Level
from namjai.notify.domain.sla import PROMISED
from namjai.notify.domain.view import AlertView, Next
from namjai.notify.inbox_words import ListAnswer, SlaAnswer

COLOURS: Final = {"crisis": "bold white on red", "high": "bold red", "medium": "yellow", "low": "cyan", "none": "dim"}
BIDI: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
NEXT: Final = {
    "begin": "its chain begins",
    "step": "step {} tells its people",
    "exhaust": "the chain ends, the last people are told",
    "again": "the chain begins again",
    "unacknowledge": "without a human word it goes back to everybody",
    "follow_up": "caring contact {}",
    "end_follow_up": "no answer to caring contact {}: a task for a human",
}
SHORT: Final = {
    "begin": "chain",
    "step": "step {}",
    "exhaust": "end",
    "again": "again",
    "unacknowledge": "back to all",
    "follow_up": "contact {}",
    "end_follow_up": "task",
}
"""The same for a table."""


def age(seconds: float) -> str:
    """As people say it: 40 s, 3 min, 2 h 5 min, 23 h, 4 d."""
    whole = max(0, int(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3_600:
        return f"{whole // 60} min"
    if whole < 36_000:
        return f"{whole // 3_600} h {whole % 3_600 // 60} min".removesuffix(" 0 min")
    if whole < 86_400:
        return f"{whole // 3_600} h"
    return f"{whole // 86_400} d {whole % 86_400 // 3_600} h".removesuffix(" 0 h")


def plain(text: str) -> str:
    """Somebody else's words on our terminal: no control characters, no turned direction; every place stays its own."""
    return "".join("�" if (unicodedata.category(c) == "Cc" and c != "\n") or c in BIDI else c for c in text)


def inbox(found: ListAnswer, now: datetime) -> RenderableType:
    """The list, most urgent first, as it came."""
    if not found.alerts:
        return Text("✓ No alert is waiting for anybody.", style="green")
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), title_justify="left")
    for name in ("alert", "level", "status", "age", "human word", "owner"):
        table.add_column(name, no_wrap=True)
    for name in ("next", "about"):
        table.add_column(name)
    for alert in found.alerts:
        table.add_row(
            Text(alert.reference, style="bold"),
            level_text(alert.level),
            status_text(alert),
            age((now - alert.raised_at).total_seconds()),
            clock_text(alert),
            plain(alert.owner) if alert.owner else Text("nobody", style="bold" if alert.waiting else "dim"),
            next_text(alert.next, now, SHORT),
            _about(alert),
        )
    rest = found.total - len(found.alerts)
    title = f"{found.total} alert{'s' if found.total != 1 else ''}" + (f", {rest} more not shown" if rest else "")
    table.title = f"{title} · {now.astimezone():%H:%M:%S}"
    return table


def stale(found: ListAnswer, now: datetime) -> RenderableType:
    """The last list we had, said to be old."""
    return Group(Text("The notify service does not answer; this may be old.", style="bold red"), inbox(found, now))


def done(alert: AlertView, what: str, now: datetime) -> RenderableType:
    """One line after a command: what is so now, and what is next."""
    line = Text.assemble(
        ("✓ ", "green"), (alert.reference, "bold"), f" {plain(what)} · ", level_text(alert.level), " · "
    )
    line.append_text(status_text(alert))
    if alert.next is not None:
        line.append(" · next: ").append_text(next_text(alert.next, now))
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
        table.add_row(level_text(each.level), str(each.alerts), str(each.waiting), *waits, share)
    return table


def level_text(level: Level | str) -> Text:
    return Text(level, style=COLOURS.get(level, ""))


def status_text(alert: AlertView) -> Text:
    loud = alert.status in ("raised", "exhausted") and alert.waiting
    text = Text(alert.status.replace("_", " "), style="bold red" if loud else "")
    return text.append(f": {alert.disposition}") if alert.disposition else text


def clock_text(alert: AlertView) -> Text:
    """The clock of the person who waits."""
    if not alert.waiting:
        return Text(f"after {age(alert.wait_s)}", style="green" if alert.wait_s <= PROMISED.total_seconds() else "dim")
    late = alert.wait_s > PROMISED.total_seconds()
    return Text(f"waits {age(alert.wait_s)}", style="bold red" if late else "yellow")


def next_text(coming: Next | None, now: datetime, words: Mapping[str, str] = NEXT) -> Text:
    """What happens by itself if nobody does anything, and when."""
    if coming is None:
        return Text("–" if words is SHORT else "nothing by itself", style="dim")
    left = coming.at - now
    when = f"in {age(left.total_seconds())}" if left > timedelta(0) else "now"
    return Text(f"{words.get(coming.what, coming.what).format(coming.step)} {when}")


def _about(alert: AlertView) -> Text:
    text = Text(alert.category)
    if alert.repeats:
        text.append(f" ×{alert.repeats + 1}", style="bold")
    return text.append(f" ({alert.reason})", style="dim") if alert.reason != "finding" else text


def _wait(seconds: float | None) -> str:
    return "–" if seconds is None else age(seconds)
