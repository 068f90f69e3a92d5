"""Reads history for a replay: where in the log a time is, and every event since then that bears on a verdict."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from datetime import datetime, timedelta
from typing import Final, cast

from namjai.events import Envelope, Fact, Stored, subjects
from namjai.events.alert import AlertRaised
from namjai.events.risk import RiskAssessed
from namjai.risk.domain.answers import CHECKIN_POLICY, INSTRUMENT_POLICY
from namjai.risk.domain.context import BEARING
from namjai.risk.domain.corrections import words_in
from namjai.risk.domain.model import Level
from namjai.risk.domain.replay import Replay
from namjai.risk.domain.words import WORDED
from namjai.risk.domain.world import OPEN_ALERT_S, Message
from namjai.runtime.journal import Journal
from namjai.runtime.log import Log, Raw, known

_READ: Final = frozenset(subjects.every(fact.TYPE).removesuffix("*") for fact in (*WORDED, *BEARING))
_WITHOUT_POLICY: Final = (INSTRUMENT_POLICY, CHECKIN_POLICY)

Step = Callable[[int, int, int], None]
"""Hears how many more events were read, the last one's sequence, and where the end is."""


async def history(
    journal: Journal, replay: Replay, *, since: datetime, reach: timedelta, step: Step | None = None
) -> None:
    """Feed a replay everything since a time, and before that the past that still mattered then.

    Raises `LogUnavailable` or `KeysUnavailable`.
    """
    end = await journal.log.last_sequence()
    begin = await sequence_before(journal.log, since - reach, end)
    async with aclosing(_read(journal.log, begin, end)) as raws:
        async for raw in raws:
            if step is not None:
                step(1, raw.sequence - begin, end - begin)
            if raw.subject.rpartition(".")[0] + "." not in _READ:
                continue
            for stored in known([raw]):
                if stored.event.time < since:
                    _before(stored, replay, since)
                else:
                    await _since(stored, replay, journal)


async def sequence_before(log: Log, at: datetime, end: int) -> int:
    """The sequence of the last event that was stored before a time; 0 when there is none. A look a halving."""
    low, high = 0, end
    while low < high:
        middle = (low + high) // 2
        async with aclosing(_read(log, middle, end)) as raws:
            first = await anext(raws, None)
        if first is None or first.stored_at >= at:
            high = middle
        else:
            low = first.sequence
    return low


def _before(stored: Stored[Fact], replay: Replay, since: datetime) -> None:
    """What was said before then stands for both policies."""
    fact = stored.event.data
    if isinstance(fact, AlertRaised) and (since - stored.event.time).total_seconds() <= OPEN_ALERT_S:
        replay.already_open(fact.merge_key, Level(fact.level), stored.event.time)
    if isinstance(fact, BEARING):
        replay.remember(stored)


async def _since(stored: Stored[Fact], replay: Replay, journal: Journal) -> None:
    fact = stored.event.data
    if isinstance(fact, WORDED):
        event: Envelope[Fact] = await journal.open(stored.event)
        words = words_in(event)
        if words is None:
            replay.erased()
        else:
            message = Message(id=event.id, member=event.subject, sequence=stored.sequence, at=event.time, words=words)
            replay.message(message)
    elif not isinstance(fact, RiskAssessed) or fact.policy in _WITHOUT_POLICY:
        replay.remember(stored)  # verdicts on words are made anew


def _read(log: Log, after: int, through: int) -> AsyncGenerator[Raw, None]:
    """Both logs read with a generator, which is to be closed where it is not read to its end."""
    raws: AsyncIterator[Raw] = log.read(after=after, through=through)
    return cast(AsyncGenerator[Raw, None], raws)
