"""Times as people type them on a command line, and as they like to read them."""

import re
from datetime import UTC, datetime, timedelta, tzinfo

import typer

_DURATION = re.compile(r"(?=\d)(?:(?P<days>\d{1,3})d)?(?:(?P<hours>\d{1,4})h)?(?:(?P<minutes>\d{1,5})m)?")
_CLOCK = re.compile(r"\d{1,2}:\d{2}")


def moment(text: str, zone: tzinfo, now: datetime, *, after: datetime | None = None) -> datetime:
    """`now`, `20:00` (the next one after `after`, or today's), `2026-05-01T20:00` in the zone or with its own offset,
    and after a start also how long: `8h`, `1d12h`, `30m`. Raises BadParameter."""
    if text == "now":
        return now
    if after is not None and (length := duration(text)) is not None:
        return after + length
    try:
        if _CLOCK.fullmatch(text):
            return _clock(text, zone, now, after)
        given = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(
            f"{text} is no time; write now, 20:00, 2026-05-01T20:00, or a length like 8h"
        ) from None
    return (given if given.tzinfo else given.replace(tzinfo=zone)).astimezone(UTC)


def duration(text: str) -> timedelta | None:
    """`30m`, `8h`, `1d12h`; None for anything else."""
    found = _DURATION.fullmatch(text)
    return timedelta(**{unit: int(n) for unit, n in found.groupdict().items() if n}) if found else None


def readable(at: datetime, zone: tzinfo) -> str:
    """With weekday and zone, so that nobody has to guess."""
    return f"{at.astimezone(zone):%a %d %b %Y %H:%M %Z}"


def _clock(text: str, zone: tzinfo, now: datetime, after: datetime | None) -> datetime:
    hours, minutes = map(int, text.split(":"))
    local = (after or now).astimezone(zone).replace(hour=hours, minute=minutes, second=0, microsecond=0, fold=0)
    if after is not None and local.astimezone(UTC) <= after:
        local += timedelta(days=1)  # a day on the wall, whatever the clocks do in the night
    return local.astimezone(UTC)
