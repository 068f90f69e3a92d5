"""Brings the database's schema up to date: `python -m namjai.analytics.migrate`, and the provisioning job."""

import sys

from namjai.analytics.adapters.migrations import ensure_database, migrate, migrations
from namjai.analytics.adapters.postgres import connection, translated
from namjai.analytics.command import parse, run
from namjai.analytics.settings import AnalyticsSettings


async def provision() -> None:
    """Apply what is missing, to the database of the settings. Safe to repeat, and to do twice at the same time."""
    settings = AnalyticsSettings()
    with translated():
        if await ensure_database(settings):
            print("created the database", file=sys.stderr)
    async with connection(settings, "migrate") as pg:
        for name in await migrate(pg, migrations()):
            print(f"applied {name}", file=sys.stderr)


async def command() -> int:
    """Migrate."""
    await provision()
    return 0


def main() -> None:
    """The command line."""
    parse("migrate", __doc__)
    sys.exit(run(command()))


if __name__ == "__main__":
    main()
