"""An explanation of a verdict, as people read it on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.markup import escape
from rich.table import Table

from namjai.devkit.commands.common import out

if TYPE_CHECKING:
    from namjai.risk.domain.explain import Explanation, HistoryTerms, Reason


def print_explanation(found: Explanation) -> None:
    """What it rests on, what the past added, what would have changed it."""
    out.print(f"[bold]{found.level}[/] {found.category} ({found.subject}), {found.at:%Y-%m-%d %H:%M:%S} UTC")
    out.print(f"verdict {found.assessment} of message {found.message} of {escape(found.member)}", highlight=False)
    out.print(f"policy {escape(found.policy)}", highlight=False)
    if not found.same_policy:
        out.print(f"in force {escape(found.policy_in_force)}", highlight=False)
    for note in found.notes:
        out.print(f"[yellow]![/] {note}")
    if found.reasons:
        table = Table("level", "rule", "where", "read as", "because", "file", "author, review", title="found")
        for reason in found.reasons:
            table.add_row(*_reason(reason))
        out.print(table)
    _print_history(found.history)
    if found.model:
        state = "" if found.model.enabled else " (switched off by the policy)"
        out.print(f"model {found.model.version}: any {found.model.any}, high {found.model.high}{state}")
    if found.would_change:
        table = Table("without, or read as", "level", "category", title="what would have changed it")
        for each in found.would_change:
            level = f"[bold]{each.level}[/]" if each.differs else f"[dim]{each.level}[/]"
            what = each.what if each.kind in ("history", "model") else f"{each.kind} {each.what}"
            table.add_row(escape(what), level, each.category)
        out.print(table)


def _reason(reason: Reason) -> tuple[str, ...]:
    spans = ", ".join(f"{span.start}-{span.end}" for span in reason.spans)
    read = ", ".join((reason.polarity, reason.tense, reason.subject, reason.frame))
    review = f"{reason.author}, {reason.status}" if reason.author else ""
    return (
        f"{reason.level}",
        escape(reason.rule),
        spans,
        read,
        escape(", ".join(reason.changes)),
        escape(reason.file or ""),
        escape(review),
    )


def _print_history(history: HistoryTerms) -> None:
    terms = {
        "standing": history.standing if history.standing != "none" else "",
        "recent": history.recent if history.recent != "none" else "",
        **{f"repeats of {category}": count for category, count in history.repeats.items()},
        **{name: name for name in ("trend", "death_item", "mood_falling", "craving", "used") if getattr(history, name)},
    }
    said = ", ".join(f"{name} {value}" if name != value else name for name, value in terms.items() if value)
    raised = f"; raised by {', '.join(history.raised_by)}" if history.raised_by else "; it raised nothing"
    out.print(f"history: {said or 'nothing that bears on it'}{raised}; {len(history.verdicts)} earlier verdicts")
