"""What the log knows already: deliveries on record, and whether a person has answered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from namjai.events import Fact, Stored, subjects
from namjai.events.delivery import DeliveryFailed, DeliverySent
from namjai.events.member import MemberErased, MemberFollowed, MemberPaused, MemberResumed, MemberUnfollowed
from namjai.events.message import MessageReceived, PostbackReceived
from namjai.runtime.log import Log


class LogStory:
    """Reads and folds; the log is the only place where any of this is kept."""

    def __init__(self, log: Log) -> None:
        self._log = log

    async def is_settled(self, member: str, reply: str, since: datetime) -> bool:
        """Whether a delivery of this reply is on record."""
        stored = await self._log.recent(subjects.area("delivery", member), since)
        return reply in _replies(stored)

    async def last_settled(self, member: str) -> frozenset[str]:
        """The replies that the member's newest delivery facts are about."""
        kinds = (DeliverySent.TYPE, DeliveryFailed.TYPE)
        return _replies(await self._log.last([subjects.event(kind, member) for kind in kinds]))


class LogAnswered:
    """What a person did last, by the newest fact of each kind."""

    def __init__(self, log: Log) -> None:
        self._log = log

    async def since(self, member: str, at: datetime) -> bool:
        """Whether they have written, or pressed a button, since a time."""
        kinds = (MessageReceived.TYPE, PostbackReceived.TYPE)
        newest = await self._log.last([subjects.event(kind, member) for kind in kinds])
        return any(stored.event.time > at for stored in newest)

    async def wants_silence(self, member: str) -> bool:
        """Whether they paused us, blocked us, or were erased: of two opposite facts the later one holds."""
        kinds = (MemberPaused, MemberResumed, MemberUnfollowed, MemberFollowed, MemberErased)
        newest = await self._log.last([subjects.event(kind.TYPE, member) for kind in kinds])
        at = {type(stored.event.data): stored.sequence for stored in newest}
        paused = at.get(MemberPaused, 0) > at.get(MemberResumed, 0)
        blocked = at.get(MemberUnfollowed, 0) > at.get(MemberFollowed, 0)
        return paused or blocked or MemberErased in at


def _replies(stored: Sequence[Stored[Fact]]) -> frozenset[str]:
    return frozenset(
        each.event.data.reply for each in stored if isinstance(each.event.data, DeliverySent | DeliveryFailed)
    )
