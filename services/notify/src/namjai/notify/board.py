"""All alerts as the log tells them, held in memory: read once at start, then only what is new."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from namjai.events import subjects
from namjai.notify.domain.fold import fold
from namjai.notify.domain.inbox import Alert, Inbox
from namjai.runtime.log import Log

REACH: Final = timedelta(days=400)
"""How far back alerts are read at start."""
CLOSED_KEPT: Final = timedelta(days=45)
"""Longer than the last follow-up; after that a closed alert is only in the log."""
SUBJECT: Final = subjects.area("alert")


class Board:
    """A projection of `evt.alert.>`. Every replica has its own; none of them decides anything without the log.

    Memory is bounded by what is open and by what was closed in the last weeks.
    """

    def __init__(self, log: Log) -> None:
        self._log = log
        self._inboxes: dict[str, Inbox] = {}
        self._members: dict[str, str] = {}
        self._through = 0
        self._loaded = False
        self._reading = asyncio.Lock()

    async def refresh(self, now: datetime) -> None:
        """Read what is new. Raises `LogUnavailable`."""
        async with self._reading:
            if self._loaded:
                found = await self._log.since(SUBJECT, self._through)
            else:
                found = await self._log.recent(SUBJECT, now - REACH)
            for stored in found:
                member = stored.event.subject
                inbox = fold(self._inboxes.get(member, Inbox(member=member)), stored)
                self._inboxes[member] = inbox
                self._through = max(self._through, stored.sequence)
            self._loaded = True
            for member in {stored.event.subject for stored in found}:
                self._members.update(dict.fromkeys(self._inboxes[member].alerts, member))

    def inbox(self, member: str) -> Inbox:
        """A person's alerts as of the last refresh."""
        return self._inboxes.get(member, Inbox(member=member))

    def alerts(self) -> Iterator[Alert]:
        """Everybody's, in no order."""
        for inbox in self._inboxes.values():
            yield from inbox.alerts.values()

    def members(self) -> list[str]:
        """Everybody who has an alert that is kept."""
        return list(self._inboxes)

    def find(self, name: str) -> list[Alert]:
        """The alerts whose id begins so; one is what staff hopes for."""
        wanted = name.lower()
        if (member := self._members.get(wanted)) is not None:
            return [self._inboxes[member].alerts[wanted]]
        plain = wanted.replace("-", "")
        return [
            self._inboxes[member].alerts[each]
            for each, member in self._members.items()
            if each.replace("-", "").startswith(plain)
        ]

    def forget(self, now: datetime) -> int:
        """Let go of people whose alerts were all closed long ago. Returns how many."""
        old = [
            member
            for member, inbox in self._inboxes.items()
            if all(_is_over(alert, now) for alert in inbox.alerts.values())
            and all(silence.until < now for silence in inbox.silences.values())
        ]
        for member in old:
            for alert in self._inboxes.pop(member).alerts:
                self._members.pop(alert, None)
        return len(old)


def _is_over(alert: Alert, now: datetime) -> bool:
    closed = alert.resolved_at or (alert.raised_at if not alert.is_open else None)
    return closed is not None and now - closed > CLOSED_KEPT
