"""How `namjai oncall` shows its answers: tables for people, every time with its zone."""

from collections.abc import Iterable, Mapping
from zoneinfo import ZoneInfo

from rich.markup import escape
from rich.table import Table

from namjai.devkit.commands.common import err, out
from namjai.devkit.commands.times import readable
from namjai.notify import oncall_words as words

ID_CHARS = 8
NOBODY = "[red]nobody[/]"


def print_shown(shown: words.Shown) -> None:
    zones = {each.schedule: ZoneInfo(each.timezone) for each in shown.schedules}
    here = next(iter(zones.values()), ZoneInfo("UTC"))
    until = f" until {readable(shown.until, here)}" if shown.until else ""
    watched = "[green]somebody[/]" if shown.watched else NOBODY
    out.print(f"For a crisis, {watched} is on call{until}.", highlight=False)
    if shown.schedules:
        table = Table("schedule", "on call", "until", "then", title="schedules", title_justify="left")
        for each in shown.schedules:
            change = readable(each.until, zones[each.schedule]) if each.until else "no change in three months"
            table.add_row(escape(each.schedule), _people(each.people), change, _people(each.then) if each.until else "")
        out.print(table)
    table = Table("policy", "level", "after", "targets", "now", title="whom an alert reaches", title_justify="left")
    for told in shown.levels:
        after = f"{told.after_s / 60:g} min"
        table.add_row(
            escape(told.policy), str(told.level), after, escape(", ".join(told.targets)), _people(told.people)
        )
    out.print(table)
    out.print(" · ".join(f"{level} → {escape(policy)}" for level, policy in shown.route.items()), highlight=False)
    if shown.overrides:
        out.print(_by_hand(shown, zones))


def _by_hand(shown: words.Shown, zones: Mapping[str, ZoneInfo]) -> Table:
    table = Table("id", "schedule", "staff", "from", "to", "instead of", "by", title="overrides", title_justify="left")
    for each in shown.overrides:
        zone = zones[each.schedule]
        table.add_row(
            each.id[:ID_CHARS],
            escape(each.schedule),
            escape(each.staff),
            readable(each.start, zone),
            readable(each.end, zone),
            escape(each.instead_of or "everybody"),
            escape(each.by),
        )
    return table


def print_gaps(found: words.GapsFound, days: int) -> None:
    if not found.gaps:
        out.print(f"[green]✓[/] somebody is on call all the time in the next {days} days")
        return
    table = Table("where", "from", "to", "hours")
    for gap in found.gaps:
        zone = ZoneInfo(gap.timezone or "UTC")
        where = "[red]crisis: nobody at all[/]" if gap.level is None else f"crisis, level {gap.level}"
        where = f"schedule {escape(gap.schedule)}" if gap.schedule else where
        hours = f"{(gap.end - gap.start).total_seconds() / 3600:.1f}"
        table.add_row(where, readable(gap.start, zone), readable(gap.end, zone), hours)
    out.print(table)


def print_checked(checked: words.Checked) -> None:
    for problem in checked.problems:
        err.print(f"[red]✗[/] {escape(problem)}", highlight=False, soft_wrap=True)
    for warning in checked.warnings:
        err.print(f"[yellow]![/] {escape(warning)}", highlight=False, soft_wrap=True)
    if not checked.problems:
        out.print("[green]✓[/] the roster holds together")


def _people(names: Iterable[str]) -> str:
    return escape(", ".join(names)) or NOBODY
