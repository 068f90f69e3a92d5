"""What this process remembers of the replies it handles: their tries, and which are finished, for a while."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Final

from namjai.events import Fact
from namjai.notify.domain.deliver import Try

ENTRIES_MAX: Final = 20_000
LOOK_EVERY_S: Final = 0.1
STILL_AT_IT_S: Final = 120.0


@dataclass
class Work:
    """One reply as this process knows it. `facts` is what came of it, once it is finished."""

    attempt: int = 0
    former: bool = False
    """Some attempt was not ours, so we do not know what it sent."""
    tries: dict[int, list[Try]] = field(default_factory=dict)
    """Tries by part: a turn of more than five messages has several."""
    facts: Sequence[Fact] | None = None
    touched: float = 0.0
    busy: asyncio.Lock = field(default_factory=asyncio.Lock)
    finished: asyncio.Event = field(default_factory=asyncio.Event)


class Desk:
    """Bounded: the replies that were not touched for longest are forgotten first, finished or not.

    Forgetting is safe: a reply that comes again after that counts as tried by somebody else.
    """

    def __init__(self, *, order_wait_s: float = 10.0, entries_max: int = ENTRIES_MAX) -> None:
        self._works: OrderedDict[str, Work] = OrderedDict()
        self._order_wait_s = order_wait_s
        self._entries_max = entries_max

    def take(self, reply: str, attempt: int, *, resent: bool = False) -> Work:
        """The memory of a reply that is handed to us for the `attempt`-th time."""
        work = self._works.setdefault(reply, Work())
        work.former = work.former or resent or attempt > work.attempt + 1
        work.attempt = max(work.attempt, attempt)
        self._touch(reply, work)
        while len(self._works) > self._entries_max:
            self._works.popitem(last=False)
        return work

    def finish(self, reply: str, work: Work, facts: Sequence[Fact]) -> Sequence[Fact]:
        """It is done: those who wait for it may go on, and a second delivery of it gets the same facts."""
        work.facts = facts
        work.tries.clear()
        work.finished.set()
        self._touch(reply, work)
        return facts

    async def after(self, previous: str | None, settled: Callable[[], Awaitable[bool]]) -> bool:
        """Wait until the turn before is finished, here or on record. False when that takes too long: then late beats
        never, except while this very process is still at work on it."""
        if previous is None:
            return True
        until = monotonic() + self._order_wait_s
        while not self._is_finished(previous) and not await settled():
            if monotonic() >= until:
                return not self._is_at_work(previous)
            await self._a_moment(previous)
        return True

    def _is_finished(self, reply: str) -> bool:
        work = self._works.get(reply)
        return work is not None and work.facts is not None

    def _is_at_work(self, reply: str) -> bool:
        work = self._works.get(reply)
        return work is not None and monotonic() - work.touched < STILL_AT_IT_S

    async def _a_moment(self, reply: str) -> None:
        """Until it is finished here, or until it is time to look at the log again."""
        work = self._works.get(reply)
        if work is None:
            await asyncio.sleep(LOOK_EVERY_S)
            return
        try:
            async with asyncio.timeout(LOOK_EVERY_S):
                await work.finished.wait()
        except TimeoutError:
            return

    def _touch(self, reply: str, work: Work) -> None:
        work.touched = monotonic()
        self._works[reply] = work
        self._works.move_to_end(reply)
