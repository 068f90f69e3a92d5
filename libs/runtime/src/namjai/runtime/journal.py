"""The log as services see it: personal fields are opened on the way in and sealed on the way out."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from namjai.events import Envelope, Fact, Stored, codec
from namjai.runtime.errors import Conflict, Duplicate, Reject
from namjai.runtime.keyring import Keyring
from namjai.runtime.log import Expect, Log
from namjai.runtime.outside import UNCOUNTED, Outside
from namjai.runtime.tracing import traceparent


class Journal:
    """The log and the keyring together. Errors are those of both."""

    def __init__(self, log: Log, keyring: Keyring, outside: Outside = UNCOUNTED) -> None:
        self.log = log
        self.keyring = keyring
        self._outside = outside

    async def append(self, events: Sequence[Envelope[Fact]], *, expect: Expect | None = None) -> int:
        """Seal and append, all or none. An event carries the trace in which it is appended."""
        sealed = [await self.seal(_traced(event)) for event in events]
        with self._outside.call("log", fine=(Conflict, Duplicate)):
            return await self.log.append(sealed, expect=expect)

    async def history(self, member: str, *, after: int = 0, at_least: int = 0) -> list[Stored[Fact]]:
        """A member's events after a sequence, opened."""
        sealed = await self.log.history(member, after=after, at_least=at_least)
        if not sealed:
            return []
        cipher = await self.keyring.cipher(member)
        return [Stored(stored.sequence, codec.unseal(stored.event, cipher)) for stored in sealed]

    async def open(self, event: Envelope[Fact]) -> Envelope[Fact]:
        """Open one event; once its member is erased, its personal fields say so."""
        if not codec.has_personal(type(event.data)):
            return event
        return codec.unseal(event, await self.keyring.cipher(event.subject))

    async def seal(self, event: Envelope[Fact]) -> Envelope[Fact]:
        """Seal one event. Raises `Reject` when its member is erased: nothing personal is written about them again."""
        if not codec.has_personal(type(event.data)):
            return event
        if (cipher := await self.keyring.cipher_or_new(event.subject)) is None:
            raise Reject("the member is erased")
        return codec.seal(event, cipher)


def _traced(event: Envelope[Fact]) -> Envelope[Fact]:
    here = traceparent()
    return event if here is None else msgspec.structs.replace(event, traceparent=here)
