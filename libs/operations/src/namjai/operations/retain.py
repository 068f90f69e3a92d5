"""Lets go of what the clinic keeps no longer, kind by kind, and prints a table of it.

Nothing clinical goes by itself: people are forgotten only when NAMJAI_RETAIN_SILENT_PEOPLE_DAYS says after how long,
and then by the same event as when they ask for it themselves, so that each erasure ends with a receipt. The log of
events and the audit are never cut. It may be repeated at any time. docs/operations/retention.md has all kinds.

Exit code 0: done. 2: a kind could not be looked after; the others were, and the next run tries again.
"""

from __future__ import annotations

import argparse
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import asyncpg
import nats.errors
from nats.aio.client import Client

from namjai.operations.adapters.aged import Aged
from namjai.operations.adapters.rows import rows_of
from namjai.operations.command import nats_of
from namjai.operations.outcome import note
from namjai.operations.settings import OperationsSettings
from namjai.operations.silent import forget_silent
from namjai.runtime.bus import Requests
from namjai.runtime.dead import DEAD_STREAM
from namjai.runtime.errors import KeysUnavailable, LogUnavailable
from namjai.runtime.journal import Journal
from namjai.runtime.keyring import BUCKET, BadMasterKey, Keyring, MasterKeys, NatsKeyStore
from namjai.runtime.log import NatsLog
from namjai.runtime.objects import STREAM as MEDIA_STREAM
from namjai.runtime.provision import SERVICES
from namjai.runtime.timers import TIMER_STREAM

JOB: Final = "retain"
AWAY: Final = (
    LogUnavailable,
    KeysUnavailable,
    BadMasterKey,
    nats.errors.Error,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    OSError,
    TimeoutError,
)


@dataclass(frozen=True)
class Row:
    """One kind in the table."""

    kind: str
    kept: str
    count: int = 0
    words: str = ""
    failed: bool = False


@dataclass(frozen=True)
class Run:
    """What each kind needs to know."""

    settings: OperationsSettings
    nc: Client
    requests: Requests
    now: datetime
    dry_run: bool

    def before(self, days: int) -> datetime:
        return self.now - timedelta(days=days)


def arguments(parser: argparse.ArgumentParser) -> None:
    """What it takes."""
    parser.add_argument("--dry-run", action="store_true", help="Say what would go, and change nothing.")


async def command(settings: OperationsSettings, chosen: argparse.Namespace) -> int:
    """Look after every kind, and say what was found."""
    async with nats_of(settings) as nc:
        run = Run(settings, nc, await Requests.open(nc), datetime.now(UTC), chosen.dry_run)
        rows = await retain(run)
        print("\n".join(table(rows, dry_run=run.dry_run)))
        if any(row.failed for row in rows):
            return 2
        if not run.dry_run:
            await note(nc, JOB, **{row.kind: row.count for row in rows})
    return 0


async def retain(run: Run) -> list[Row]:
    """Every kind after the other; one that cannot be looked after now does not stop the next."""
    rows = []
    for kind, (kept, look_after) in kinds(run.settings).items():
        try:
            rows.append(await look_after(run, kind, kept))
        except AWAY as away:
            rows.append(Row(kind, kept, words=f"not now: {type(away).__name__}", failed=True))
    return rows


LookAfter = Callable[[Run, str, str], Awaitable[Row]]


def kinds(settings: OperationsSettings) -> dict[str, tuple[str, LookAfter]]:
    """All there is, with how long it is kept, in the order in which it is looked after."""
    return {
        "media": (_days(settings.retain_media_days), _by_age(settings.retain_media_days, (MEDIA_STREAM, "$O.media.>"))),
        "dead_letters": (
            _days(settings.retain_dead_letter_days),
            _by_age(settings.retain_dead_letter_days, (DEAD_STREAM, ">")),
        ),
        "snapshots": (
            _days(settings.retain_snapshot_days),
            _by_age(settings.retain_snapshot_days, ("KV_snapshots", "$KV.snapshots.>")),
        ),
        "timers": (
            _days(settings.retain_timer_days),
            _by_age(
                settings.retain_timer_days,
                *((TIMER_STREAM, f"timer.{service}.>", f"{service}-timers") for service in SERVICES),
            ),
        ),
        "erased_rows": (_days(settings.retain_erased_row_days), _erased_rows),
        "silent_people": (_days(settings.retain_silent_people_days), _silent_people),
        "audit": (_days(None), _kept),
        "events": (_days(None), _kept),
    }


def _days(days: int | None) -> str:
    return "for ever" if days is None else f"{days} days"


def _by_age(days: int, *places: tuple[str, ...]) -> LookAfter:
    """Whatever lies in these streams, on these subjects, for longer."""

    async def look_after(run: Run, kind: str, kept: str) -> Row:
        count, oldest = 0, None
        for place in places:
            aged = Aged(run.requests, *place)
            old = await aged.older_than(run.before(days))
            count += old.count if run.dry_run else await aged.purge(old)
            oldest = min(filter(None, (oldest, old.oldest)), default=None)
        return Row(kind, kept, count, f"the oldest from {oldest:%Y-%m-%d}" if oldest else "")

    return look_after


async def _kept(_: Run, kind: str, kept: str) -> Row:
    return Row(kind, kept)


async def _erased_rows(run: Run, kind: str, kept: str) -> Row:
    if (days := run.settings.retain_erased_row_days) is None:
        return Row(kind, kept)
    if (dsn := run.settings.postgres_dsn) is None:
        return Row(kind, kept, words="needs NAMJAI_POSTGRES_DSN", failed=True)
    async with rows_of(
        dsn.get_secret_value(), connect_deadline_s=run.settings.postgres_connect_deadline_s
    ) as read_models:
        before = run.before(days)
        gone = await (read_models.of_erased(before) if run.dry_run else read_models.delete_of_erased(before))
        return Row(kind, kept, gone)


async def _silent_people(run: Run, kind: str, kept: str) -> Row:
    settings = run.settings
    if (days := settings.retain_silent_people_days) is None:
        return Row(kind, kept)
    if settings.postgres_dsn is None or settings.master_keys is None:
        return Row(kind, kept, words="needs NAMJAI_POSTGRES_DSN and NAMJAI_MASTER_KEYS", failed=True)
    js = run.nc.jetstream()
    keyring = Keyring(NatsKeyStore(js, await js.key_value(BUCKET)), MasterKeys(settings.master_key_ring()))
    journal = Journal(NatsLog(run.requests), keyring)
    dsn, deadline_s = settings.postgres_dsn.get_secret_value(), settings.postgres_connect_deadline_s
    async with rows_of(dsn, connect_deadline_s=deadline_s) as read_models:
        cutoff, at_most = run.before(days), settings.retain_people_per_run_max
        found = await forget_silent(journal, read_models, cutoff, run.now, at_most=at_most, dry_run=run.dry_run)
    return Row(kind, kept, found.forgotten, found.words())


def table(rows: Sequence[Row], *, dry_run: bool) -> list[str]:
    """For people."""
    head = f"{'kind':<14} {'kept':<12} {'would go' if dry_run else 'gone':>10}"
    return [head, *(f"{row.kind:<14} {row.kept:<12} {row.count:>10,}  {row.words}".rstrip() for row in rows)]
