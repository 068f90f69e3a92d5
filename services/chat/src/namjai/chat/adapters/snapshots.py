"""Folded states in the KV bucket `snapshots`."""

from __future__ import annotations

from typing import Final

import msgspec
import nats.errors
from nats.js.errors import Error as JetStreamError
from nats.js.errors import KeyNotFoundError
from nats.js.kv import KeyValue

from namjai.chat.domain.state import State
from namjai.runtime.errors import LogUnavailable

VERSION: Final = 2
"""Raised when the fold changes its meaning: older snapshots are then left alone, and the history is read instead."""


class KvSnapshots:
    """One entry a member, under this service's name."""

    def __init__(self, kv: KeyValue) -> None:
        self._kv = kv

    async def load(self, member: str) -> State | None:
        try:
            entry = await self._kv.get(self._key(member))
        except KeyNotFoundError:
            return None
        except (nats.errors.Error, JetStreamError, TimeoutError) as down:
            raise LogUnavailable("snapshot") from down
        try:
            return msgspec.json.decode(entry.value or b"", type=State)
        except msgspec.DecodeError:
            return None

    async def save(self, member: str, state: State) -> None:
        try:
            await self._kv.put(self._key(member), msgspec.json.encode(state))
        except (nats.errors.Error, JetStreamError, TimeoutError):
            return  # the next one will do

    def _key(self, member: str) -> str:
        return f"chat.v{VERSION}.{member}"


class MemorySnapshots:
    """The same in a dict."""

    def __init__(self) -> None:
        self._states: dict[str, bytes] = {}

    async def load(self, member: str) -> State | None:
        found = self._states.get(member)
        return msgspec.json.decode(found, type=State) if found else None

    async def save(self, member: str, state: State) -> None:
        self._states[member] = msgspec.json.encode(state)
