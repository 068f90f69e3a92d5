"""Takes unsent messages out of the read models, so that these are as if the messages had never been in the log."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Final

import asyncpg
import msgspec

from namjai.analytics.domain.project import ACTIVE, measures
from namjai.events.message import MessageReceived, PostbackReceived

_TAKE_OUT: Final = "DELETE FROM timeline WHERE sequence = ANY($1::bigint[]) RETURNING member, day, type, summary"
_COUNT_DOWN: Final = """
    UPDATE members SET messages = messages - gone.count
    FROM unnest($1::text[], $2::bigint[]) AS gone (member, count)
    WHERE members.member = gone.member
"""
_SEE_AGAIN: Final = """
    UPDATE members SET (first_seen, last_seen) = (
        SELECT min(time), max(time) FROM timeline WHERE timeline.member = members.member AND by_person)
    WHERE member = ANY($1::text[])
"""
_NO_LONGER_ACTIVE: Final = """
    DELETE FROM activity USING unnest($1::date[], $2::text[]) AS gone (day, member)
    WHERE activity.day = gone.day AND activity.member = gone.member AND NOT EXISTS (
        SELECT FROM timeline WHERE timeline.member = gone.member AND timeline.day = gone.day AND by_person)
    RETURNING activity.day
"""


class _Clear(msgspec.Struct, frozen=True):
    """What a message's summary says that was counted."""

    kind: str = "postback"
    throttled: bool = False


_CLEAR: Final = msgspec.json.Decoder(_Clear)


async def retract(pg: asyncpg.Connection, sequences: Sequence[int]) -> Counter[tuple[date, str]]:
    """Take them out; returns by how much the days' counters change. What is not there any more changes nothing."""
    gone = await pg.fetch(_TAKE_OUT, sequences)
    days: Counter[tuple[date, str]] = Counter()
    messages: Counter[str] = Counter()
    for row in gone:
        if row["type"] in (MessageReceived.TYPE, PostbackReceived.TYPE):
            clear = _CLEAR.decode(row["summary"])
            days.subtract((row["day"], measure) for measure in measures(clear.kind, clear.throttled))
        messages[row["member"]] += row["type"] == MessageReceived.TYPE
    if gone:
        await pg.execute(_COUNT_DOWN, list(messages), list(messages.values()))
        await pg.execute(_SEE_AGAIN, list(messages))
        idle = await pg.fetch(_NO_LONGER_ACTIVE, *map(list, zip(*{(r["day"], r["member"]) for r in gone}, strict=True)))
        days.subtract((row["day"], ACTIVE) for row in idle)
    return days
