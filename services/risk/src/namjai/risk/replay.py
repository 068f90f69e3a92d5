"""Judges history again by another policy: `python -m namjai.risk.replay --policy NEW --since 30d`.

NEW and `--against` are a policy document's file, the name of a published policy (`name` or `name@hash`), or `shipped`;
`--against` is what is active unless it is said. Nothing is written to the log, and no text is printed.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from namjai.risk import rules
from namjai.risk.adapters.model import load_model
from namjai.risk.adapters.policies import PolicyLog, shipped
from namjai.risk.adapters.replay import history
from namjai.risk.command import opened, run, since
from namjai.risk.domain.document import DOCUMENT_BYTES_MAX, Refusal
from namjai.risk.domain.model import Level
from namjai.risk.domain.overlay import check
from namjai.risk.domain.policy import Policy
from namjai.risk.domain.replay import KINDS, Change, Kind, Replay, Report
from namjai.risk.domain.world import Load, World
from namjai.risk.settings import RiskSettings
from namjai.runtime.progress import Progress

SHIFT_HOURS: Final = 8
LIMIT: Final = 100
WORDS: Final[dict[Kind, str]] = {
    "newly": "would newly alert",
    "no_longer": "would no longer alert",
    "higher": "would alert at a higher level",
    "lower": "would alert at a lower level",
}


async def policy_called(name: str | None, policies: PolicyLog) -> Policy:
    """The policy of a file or a name; what is active for None. Raises `Refusal` or `NoSuchPolicy`."""
    if name is None:
        document = active if (active := await policies.active()) is None else await policies.document_of(active)
        return rules.load() if document is None else await asyncio.to_thread(check, policies.release, document)
    if (document := await asyncio.to_thread(_file, name)) is not None:
        return await asyncio.to_thread(check, policies.release, document)
    return await policies.policy(name)


def _file(name: str) -> str | None:
    path = Path(name)
    if not path.is_file():
        return None
    if path.stat().st_size > DOCUMENT_BYTES_MAX:
        raise Refusal(f"{path} is longer than {DOCUMENT_BYTES_MAX // 1024} KB")
    return path.read_text(encoding="utf-8")


async def command(asked: argparse.Namespace) -> int:
    """Replay, and say what came of it."""
    settings, now = RiskSettings(), datetime.now(UTC)
    progress = Progress("replay")
    async with opened(settings) as service:
        policies = PolicyLog(service.journal.log, await asyncio.to_thread(shipped))
        model, watch = load_model(), settings.watch()
        new, old = await policy_called(asked.policy, policies), await policy_called(asked.against, policies)
        replay = Replay(
            World(new, model, watch),
            World(old, model, watch),
            since=asked.since,
            zone=asked.zone,
            shift_hours=asked.shift_hours,
            changes_max=asked.limit,
        )
        await history(service.journal, replay, since=asked.since, reach=watch.reach, step=progress.step)
    progress.done()
    report = replay.report(now)
    print(msgspec.json.encode(report).decode() if asked.json else "\n".join(readable(report)))
    return 0


def readable(report: Report) -> list[str]:
    """The report for people."""
    lines = [
        f"{report.since:%Y-%m-%d %H:%M} to {report.until:%Y-%m-%d %H:%M}: {report.messages:,} messages judged twice, "
        f"{report.wordless:,} without words, {report.erased:,} that nobody can read any more",
        "",
        *_cost(report),
        "",
        *(f"{getattr(report, kind):>8,} {words}" for kind, words in WORDS.items()),
    ]
    if report.days:
        lines += ["", f"{'day':<12}{'newly':<32}{'no longer':<32}{'higher':>8}{'lower':>8}"]
        lines += [
            f"{day.day!s:<12}{_levels(day.newly):<32}{_levels(day.no_longer):<32}{day.higher:>8,}{day.lower:>8,}"
            for day in report.days
        ]
    for kind in KINDS:
        lines += _listed(WORDS[kind], getattr(report, kind), [each for each in report.changes if each.kind == kind])
    if report.forgotten:
        lines += ["", f"the past of {report.forgotten:,} people did not fit into memory: history raised less for them"]
    return lines


def _cost(report: Report) -> list[str]:
    title = f"per shift of {report.shift_hours} h"
    lines = [f"{'':<10}{'alerts':>8}{'again':>8}{'repeats':>9}{'mean':>9}{'worst':>8}  {title}"]
    for name, load in (("now", report.against), ("then", report.policy)):
        lines.append(
            f"{name:<10}{load.alerts:>8,}{load.again:>8,}{load.merged:>9,}{load.per_shift_mean:>9.2f}"
            f"{load.per_shift_max:>8,}  {_worst(load)}{load.policy} ({_levels(load.levels) or 'no alert'})"
        )
    return lines


def _worst(load: Load) -> str:
    return f"{load.busiest_shift:%m-%d %H:%M}  " if load.busiest_shift else ""


def _levels(levels: Mapping[Level, int]) -> str:
    return ", ".join(f"{count:,} {level}" for level, count in levels.items())


def _listed(words: str, count: int, changes: list[Change]) -> list[str]:
    if not changes:
        return []
    lines = ["", f"{words}:"]
    lines += [f"  {each.message}  {each.member}  {each.was} -> {each.level}  {each.category}" for each in changes]
    return [*lines, *([f"  … and {count - len(changes):,} more (--limit)"] if count > len(changes) else [])]


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise argparse.ArgumentTypeError(f"unknown time zone {name!r}") from None


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m namjai.risk.replay",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--policy", required=True, metavar="NEW", help="file, name, name@hash, or shipped")
    parser.add_argument("--against", help="the same; what is active unless it is said")
    parser.add_argument("--since", type=since, default="30d", help="30d, 12h, or a date (default: 30d)")
    parser.add_argument("--shift-hours", type=int, default=SHIFT_HOURS, choices=(4, 6, 8, 12, 24))
    parser.add_argument("--zone", type=_zone, default="Asia/Bangkok", help="time zone of days and shifts")
    parser.add_argument("--limit", type=int, default=LIMIT, help="messages listed of each kind (default: 100)")
    parser.add_argument("--json", action="store_true", help="the whole report as JSON")
    sys.exit(run(command(parser.parse_args())))


if __name__ == "__main__":
    main()
