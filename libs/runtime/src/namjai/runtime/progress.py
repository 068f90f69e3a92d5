"""Says on standard error how far a long command is."""

from __future__ import annotations

import sys
from time import monotonic
from typing import Final

SAY_EVERY_S: Final = 1.0


class Progress:
    """A line now and then while it goes on, and one at the end."""

    def __init__(self, what: str, unit: str = "events") -> None:
        self._what = what
        self._unit = unit
        self._began = self._said = monotonic()
        self._count = 0

    def step(self, count: int, at: int, end: int) -> None:
        """`count` more are done; the last one is number `at` of `end`."""
        self._count += count
        if monotonic() - self._said >= SAY_EVERY_S:
            self._said = monotonic()
            self._say(f"{at:,} of {end:,} ({at / max(1, end):.0%}), {self._per_second:,.0f} {self._unit}/s")

    def done(self) -> None:
        """The last line."""
        took_s = monotonic() - self._began
        self._say(f"done: {self._count:,} {self._unit} in {took_s:.1f} s, {self._per_second:,.0f} {self._unit}/s")

    @property
    def _per_second(self) -> float:
        return self._count / max(1e-9, monotonic() - self._began)

    def _say(self, words: str) -> None:
        print(f"{self._what}: {words}", file=sys.stderr, flush=True)
