"""Asks for the erasure of people who have been silent for years, as they would themselves, a bounded number at a time.

PostgreSQL only proposes: what the log says decides. The request is the event that a person's own confirmation makes, so
the gateway forgets the identity, destroys the key and gives a receipt, and all who listen for that hear it as always.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from namjai.events import Sealed, begin, subjects
from namjai.events.member import ErasureRequested
from namjai.operations.domain.silence import Verdict, judge, sender
from namjai.runtime.errors import Conflict, Reject
from namjai.runtime.journal import Journal
from namjai.runtime.log import Expect

SOURCE: Final = "retention"
PAGE_PEOPLE: Final = 100
LOOKED_AT_MAX: Final = 20_000


class ReadModels(Protocol):
    """Who might be meant."""

    async def silent(self, since: datetime, at_most: int, skip: int) -> list[str]:
        """A page of the silent, the longest silent first."""
        ...

    async def count_silent(self, since: datetime) -> int:
        """How many there are in all."""
        ...


@dataclass(frozen=True)
class Silent:
    """What became of those who were looked at."""

    forgotten: int
    waiting: int
    others: Counter[Verdict]

    def words(self) -> str:
        """For the table."""
        told: dict[Verdict, str] = {
            "alert": "held back by an open alert",
            "asked": "whose erasure is under way",
            "heard": "of whom something was heard after all",
            "erased": "erased already",
        }
        said = [f"{self.others[verdict]:,} {words}" for verdict, words in told.items() if self.others[verdict]]
        if self.waiting:
            said.append(f"{self.waiting:,} wait for the next run")
        return ", ".join(said)


async def forget_silent(
    journal: Journal, read_models: ReadModels, cutoff: datetime, now: datetime, *, at_most: int, dry_run: bool
) -> Silent:
    """Judge the longest silent, and ask for the erasure of at most so many of them."""
    total, looked, forgotten, others = await read_models.count_silent(cutoff), 0, 0, Counter[Verdict]()
    # Those who are held back stay at the head of the list for ever, so it is read on behind them; not without an end.
    while looked < LOOKED_AT_MAX and (page := await read_models.silent(cutoff, PAGE_PEOPLE, looked)):
        for member in page:
            if forgotten == at_most:
                return Silent(forgotten, total - looked, others)
            looked += 1
            verdict = await _forget(journal, member, cutoff, now, dry_run=dry_run)
            if verdict == "forget":
                forgotten += 1
            else:
                others[verdict] += 1
    return Silent(forgotten, max(0, total - looked), others)


async def _forget(journal: Journal, member: str, cutoff: datetime, now: datetime, *, dry_run: bool) -> Verdict:
    history = await journal.history(member)
    verdict = judge(history, cutoff) if history else "erased"
    if verdict != "forget" or dry_run:
        return verdict
    to, last = sender(history), history[-1].sequence
    fact = ErasureRequested(sender=Sealed(to) if to else None)
    asked = begin(fact, source=SOURCE, cause=f"{member}|{last}", member=member, time=now)
    try:
        await journal.append([asked], expect=Expect(subjects.history(member), last))
    except Conflict:
        return "heard"  # at this very moment
    except Reject:
        return "erased"  # their key is destroyed
    return "forget"
