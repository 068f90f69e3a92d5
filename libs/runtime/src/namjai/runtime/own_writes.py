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
    """The last events this process appended, by subject; what is old enough to be everywhere is let go.

    Every read of the log asks here first, and nearly always about one member, who is a subject's last token: only what
    was written about them is looked through.
    """

    def __init__(self) -> None:
        self._written: deque[Written] = deque()
        self._about: dict[str, deque[Written]] = {}

    def note(self, subject: str, sequence: int) -> None:
        """Remember that an event was acknowledged at this place."""
        written = Written(monotonic(), tuple(subject.split(".")), sequence)
        self._written.append(written)
        self._about.setdefault(written.subject[-1], deque()).append(written)
        if len(self._written) > ENTRIES_MAX:
            self._let_go(self._written[0])

    def forget(self, sequence: int) -> None:
        """It was taken out of the log, so nobody may wait for it."""
        for written in [each for each in self._written if each.sequence == sequence]:
            self._let_go(written)

    def newest(self, *filters: str) -> int:
        """The place of the newest one on any of these subjects (wildcards allowed); 0 when there is none."""
        too_old = monotonic() - KEPT_S
        while self._written and self._written[0].at_s < too_old:
            self._let_go(self._written[0])
        return max((self._newest(each.split(".")) for each in filters), default=0)

    def _newest(self, wanted: list[str]) -> int:
        about = self._written if wanted[-1] in ("*", ">") else self._about.get(wanted[-1], ())
        return next((each.sequence for each in reversed(about) if matches(wanted, each.subject)), 0)

    def _let_go(self, written: Written) -> None:
        about = self._about[written.subject[-1]]
        for kept in (self._written, about):
            kept.remove(written)  # at once where it is the oldest, as it nearly always is
        if not about:
            del self._about[written.subject[-1]]


def matches(wanted: list[str], subject: tuple[str, ...]) -> bool:
    """NATS's own rule: `*` stands for one token, `>` at the end for one or more."""
    if wanted[-1] == ">":
        wanted, subject = wanted[:-1], subject[: len(wanted) - 1] if len(subject) >= len(wanted) else ()
    return len(wanted) == len(subject) and all(w in ("*", token) for w, token in zip(wanted, subject, strict=True))
