"""Exports clinicians' corrections as a labelled set: `python -m namjai.risk.corrections --since 90d --out FILE`.

One JSON object a line with `text` and `level`, as `python -m namjai.risk.evaluate` reads them. It holds what people
wrote to us in confidence: the file is for its owner only (mode 0600), and it is yours to guard and to delete.
"""

from __future__ import annotations

import argparse
import os
import secrets
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import msgspec

from namjai.events import subjects
from namjai.events.alert import AlertCorrected
from namjai.risk.command import Stopped, opened, run, since
from namjai.risk.domain.corrections import Row, last_words, pick, row, words_in
from namjai.risk.settings import RiskSettings
from namjai.runtime.journal import Journal


async def rows(journal: Journal, begin: datetime) -> AsyncIterator[Row | None]:
    """A row for each corrected message; None for one whose words nobody can read any more. One person at a time."""
    key = secrets.token_bytes(32)
    corrected = await journal.log.recent(subjects.every(AlertCorrected.TYPE), begin)
    for member, corrections in last_words(corrected).items():
        messages = pick(await journal.log.history(member), corrections)
        for message, correction in corrections.items():
            event = messages.get(message)
            words = words_in(await journal.open(event)) if event else None
            yield row(correction, words, key) if words else None


async def export(journal: Journal, begin: datetime, out: Path) -> tuple[int, int]:
    """Write the set. Returns how many lines there are, and how many corrections had no words left."""
    written = left_out = 0
    with os.fdopen(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600), "wb") as file:
        try:
            async for each in rows(journal, begin):
                if each is None:
                    left_out += 1
                    continue
                file.write(msgspec.json.encode(each) + b"\n")
                written += 1
        except BaseException:
            with suppress(OSError):
                os.unlink(out)  # noqa: PTH108 (nothing else is waiting any more); half a set looks like a whole one
            raise
    return written, left_out


async def command(begin: datetime, out: Path) -> int:
    """Export, and say what it is."""
    async with opened(RiskSettings()) as service:
        try:
            written, left_out = await export(service.journal, begin, out)
        except OSError as wrong:
            raise Stopped(f"{out} cannot be written: {wrong.strerror}") from wrong
    print(f"{written:,} corrected messages written to {out}; {left_out:,} left out: nobody can read them any more")
    print(
        f"WARNING: {out} holds personal data in clear text. Guard it, and delete it when you are done.", file=sys.stderr
    )
    return 0


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m namjai.risk.corrections",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--since", type=since, default="3650d", help="how far back: 90d, 12h, or a date (default: all)")
    parser.add_argument("--out", type=Path, required=True, help="the file to write; it must not be there yet")
    asked = parser.parse_args()
    sys.exit(run(command(asked.since, asked.out)))


if __name__ == "__main__":
    main()
