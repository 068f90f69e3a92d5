"""The command: read, judge, count, print."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import msgspec

from namjai.risk.domain.document import SHIPPED
from namjai.risk.evaluate import document, show
from namjai.risk.evaluate.data import BadData, DataSet, read
from namjai.risk.evaluate.judge import judge_all
from namjai.risk.evaluate.policies import NoSuchPolicy, load_classifier, load_policy
from namjai.risk.evaluate.report import Report, measure

DOCUMENT: Final = Path("docs/screener.md")
RESAMPLES: Final = 1_000
RESAMPLES_MAX: Final = 100_000
PROGRESS_EVERY_S: Final = 1.0
OK, AIM_MISSED, CANNOT = 0, 1, 2

EXAMPLES = """\
examples:
  python -m namjai.risk.evaluate data/dev_zh.jsonl data/dev_en.jsonl data/neg_th.jsonl
  python -m namjai.risk.evaluate mine.jsonl --json > report.json
  python -m namjai.risk.evaluate mine.jsonl --policy next.yaml        how another policy would do
  python -m namjai.risk.evaluate mine.jsonl --no-model                what the rules do alone
  python -m namjai.risk.evaluate suite.yaml --aims                    exit with 1 when an aim is missed
  python -m namjai.risk.evaluate data/*.jsonl suite.yaml --markdown   write the figures into docs/screener.md

files:
  .jsonl  one object a line: {"text": "…", "level": "none"}, level one of none, low, medium, high, crisis;
          "language" is optional. PsyGUARD and LLM-CSSRS rows are known by their "labels".
          A file called neg….jsonl holds harmless texts and needs no levels.
  .yaml   a hand-made suite: languages, in each levels, in each a list of texts.

exit codes: 0 measured, 1 an aim was missed (only with --aims), 2 the data or the policy could not be read
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    chosen = _parser().parse_args(arguments)
    try:
        sets = read(chosen.data, field=chosen.field)
        report = _report(sets, chosen)
        if chosen.markdown:
            document.write(chosen.markdown, report)
    except (BadData, NoSuchPolicy, document.NoMarkers, OSError) as wrong:
        sys.stderr.write(f"evaluate: {wrong}\n")
        return CANNOT
    if chosen.json:
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(report), indent=2).decode() + "\n")
    elif not chosen.markdown:
        sys.stdout.write("\n".join(show.lines(report, sets if chosen.show else None)) + "\n")
    missed = any(outcome.met is False for each in report.sets for outcome in each.aims)
    return AIM_MISSED if chosen.aims and missed else OK


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m namjai.risk.evaluate",
        description="Measure the screener against labelled texts. Prints figures and rule ids, never a text.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("data", nargs="+", type=Path, metavar="DATA", help="files of labelled texts (below)")
    parser.add_argument("--policy", default=SHIPPED, help="a policy document, or a folder of rule files")
    parser.add_argument("--no-model", dest="model", action="store_false", help="the rules alone, without learned model")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of tables")
    parser.add_argument(
        *("--markdown",), nargs="?", const=DOCUMENT, type=Path, metavar="FILE", help=f"write into FILE ({DOCUMENT})"
    )
    parser.add_argument("--show", action="store_true", help="print the texts that were judged wrongly: for your eyes")
    parser.add_argument("--aims", action="store_true", help="exit with 1 when an aim is missed")
    parser.add_argument("--field", default="text", help="the field of a line that holds the text (text)")
    parser.add_argument("--seed", type=int, default=1, help="seed of the resampling (1)")
    parser.add_argument("--resamples", type=_count, default=RESAMPLES, help=f"how often to resample ({RESAMPLES:,})")
    parser.add_argument("--processes", type=_count, default=os.cpu_count() or 1, help="processes to judge with")
    return parser


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= RESAMPLES_MAX:
        raise argparse.ArgumentTypeError(f"must be a number from 1 to {RESAMPLES_MAX:,}")
    return int(text)


def _report(sets: Sequence[DataSet], chosen: argparse.Namespace) -> Report:
    policy = load_policy(chosen.policy)
    found = load_classifier() if chosen.model else None
    measured = []
    for data in sets:
        started = time.perf_counter()
        verdicts = judge_all(
            [example.text for example in data.examples],
            chosen.policy,
            model=chosen.model,
            processes=chosen.processes,
            progress=_progress(data, started),
        )
        measured.append(measure(data, verdicts, resamples=chosen.resamples, seed=chosen.seed))
        took_s = time.perf_counter() - started
        sys.stderr.write(f"{data.name} ({data.language}): {len(verdicts):,} texts in {took_s:.1f} s\n")
    return Report(
        policy=policy.version,
        model=found[1] if found else None,
        resamples=chosen.resamples,
        seed=chosen.seed,
        sets=tuple(measured),
    )


def _progress(data: DataSet, started: float) -> Callable[[int], None]:
    """Says now and then how far a long set has come."""
    said_at = started

    def say(done: int) -> None:
        nonlocal said_at
        now = time.perf_counter()
        if now - said_at >= PROGRESS_EVERY_S:
            said_at = now
            sys.stderr.write(f"{data.name} ({data.language}): {done:,} of {len(data.examples):,}\n")

    return say
