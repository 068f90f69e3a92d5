"""The table of help lines: number, names, hours, topics and whether anybody has checked it with the publisher."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from functools import lru_cache
from typing import Final, Literal

import msgspec

from namjai.chat.content.load import Language, load

Topic = Literal["suicide", "distress", "drugs", "alcohol", "medical", "violence", "abuse", "health"]
ANYWHERE: Final = "ZZ"
"""The country of a person whose country has no line in the table."""


class Window(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A stretch of opening time on some weekdays (0 = Monday), as local `HH:MM`."""

    days: tuple[int, ...]
    opens: str
    closes: str


class Hours(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Round the clock, or windows of local time, or neither: then the hours are not known to us."""

    always: bool = False
    utc_offset_minutes: int = 0
    windows: tuple[Window, ...] = ()

    @property
    def known(self) -> bool:
        return self.always or bool(self.windows)

    def open_until(self, now: datetime) -> str | None:
        """The local closing time of the window that is open at `now`, or None."""
        local = now.astimezone(timezone(timedelta(minutes=self.utc_offset_minutes)))
        clock = local.strftime("%H:%M")
        for window in self.windows:
            if local.weekday() in window.days and window.opens <= clock < window.closes:
                return window.closes
        return None


class Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One number a person can call. `verified` is true only with the date on which somebody checked it."""

    id: str
    country: str
    number: str
    topics: tuple[Topic, ...]
    names: dict[Language, str]
    hours: Hours
    verified: bool
    verified_on: date | None = None


@lru_cache(maxsize=1)
def lines() -> tuple[Line, ...]:
    """Every line of the table, in the order in which lines with the same topic are shown."""
    return load("namjai.chat.content", "lines.yaml", tuple[Line, ...])
