"""Wraps every data key anew under the current master key, while services make and destroy keys (G7)."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic
from typing import Final

import msgspec

from namjai.runtime.errors import KeysUnavailable
from namjai.runtime.keyring import BadMasterKey, KeyStore, MasterKeys, StoredKey, UnknownMasterKey, WrappedKey
from namjai.runtime.retry import RetryPolicy

WINDOW_KEYS: Final = 32
"""Written at the same time, and held in memory."""
KEYS_PER_S: Final = 500.0
"""Each is one fsynced append to the log's own servers: a rotation leaves most of them to messages."""
EXAMPLES_MAX: Final = 5
PATIENCE: Final = RetryPolicy(attempts=6, first_wait_ms=200.0, wait_ms_max=5_000.0)


@dataclass
class Found:
    """What a rotation met and did. Member ids are random; a few stand for all that could not be opened."""

    current: int = 0
    """Keys under the current master key; those that were just wrapped anew are among them."""
    rewrapped: int = 0
    waiting: int = 0
    """Keys that open with an older master key; only a dry run leaves any."""
    destroyed: int = 0
    overtaken: int = 0
    """Writes that somebody else's came before; such a key is met again, and counted as what it is then."""
    unknown: Counter[str] = field(default_factory=Counter)
    """Keys by the name of their master key, which is not configured here."""
    damaged: int = 0
    """Keys that do not open with the master key they name, or are no keys at all."""
    examples: list[str] = field(default_factory=list)

    @property
    def left(self) -> int:
        """Keys that nothing could be done for."""
        return self.unknown.total() + self.damaged


class Rotation:
    """One pass over the key store. It may be stopped anywhere and begun again: each key is replaced in one step,
    only if nobody changed it since it was read, and only after the new wrapping was opened once.

    A key that cannot be opened is left as it is and counted, and the others go on.
    """

    def __init__(
        self,
        store: KeyStore,
        master: MasterKeys,
        *,
        dry_run: bool = False,
        keys_per_s: float = KEYS_PER_S,
        patience: RetryPolicy = PATIENCE,
        on_step: Callable[[int, int], None] = lambda _count, _revision: None,
    ) -> None:
        """`on_step` hears how many more keys were looked at, and the revision of the last one."""
        self.found = Found()
        self._store = store
        self._master = master
        self._dry_run = dry_run
        self._patience = patience
        self._window_s = WINDOW_KEYS / keys_per_s
        self._on_step = on_step
        self._after = 0
        self._window: list[tuple[StoredKey, WrappedKey]] = []

    async def run(self) -> Found:
        """Rotate until nothing is left to do; a store that is away for a moment is waited for, from where we were.

        Raises `KeysUnavailable` when it stays away; what was found so far is in `found`.
        """
        failures = 0
        while True:
            before = self._after
            try:
                if not await self._pass():
                    return self.found
            except KeysUnavailable:
                failures = failures + 1 if self._after == before else 1
                if failures == self._patience.attempts:
                    raise
                await asyncio.sleep(self._patience.wait_s(failures))

    async def _pass(self) -> bool:
        """Everything behind the place we know. Returns whether something was written.

        What was written stands behind the end now, and so does what a service changed: the next pass meets it.
        """
        wrote = await self._write()
        async for stored in self._store.each(self._after):
            self._after = stored.revision
            if (fresh := self._look(stored)) is not None and not self._dry_run:
                self._window.append((stored, fresh))
            if len(self._window) >= WINDOW_KEYS:
                wrote = await self._write()
            self._on_step(1, stored.revision)
        return await self._write() or wrote

    def _look(self, stored: StoredKey) -> WrappedKey | None:
        """The key under the current master key, if it is not so yet."""
        try:
            wrapped = msgspec.json.decode(stored.value, type=WrappedKey)
            if wrapped.destroyed_at:
                self.found.destroyed += 1
                return None
            key = self._master.unwrap(stored.member, wrapped)
        except UnknownMasterKey:
            self.found.unknown[wrapped.master] += 1
            self._example(stored)
            return None
        except (BadMasterKey, msgspec.DecodeError):
            self.found.damaged += 1
            self._example(stored)
            return None
        if wrapped.master == self._master.current:
            self.found.current += 1
            return None
        self.found.waiting += self._dry_run
        fresh = self._master.wrap(stored.member, key)
        if self._master.unwrap(stored.member, fresh) != key:
            raise BadMasterKey("a key wrapped just now does not open: nothing was written")
        return fresh

    def _example(self, stored: StoredKey) -> None:
        if len(self.found.examples) < EXAMPLES_MAX:
            self.found.examples.append(stored.member)

    async def _write(self) -> bool:
        """All of a window at once. Returns whether there was anything.

        Every write has ended when the first failure is raised, and what failed stays in the window. If only the answer
        was lost, the second try is refused, and the key is met again as what it has become.
        """
        window, began = self._window, monotonic()
        outcomes = await asyncio.gather(*(self._replace(*each) for each in window), return_exceptions=True)
        failures = [each if isinstance(each, BaseException) else None for each in outcomes]
        self._window = [each for each, failure in zip(window, failures, strict=True) if failure is not None]
        for failure in filter(None, failures):
            raise failure
        await asyncio.sleep(max(0.0, self._window_s * len(window) / WINDOW_KEYS - (monotonic() - began)))
        return bool(window)

    async def _replace(self, stored: StoredKey, fresh: WrappedKey) -> None:
        if await self._store.replace(stored.member, msgspec.json.encode(fresh), stored.revision):
            self.found.rewrapped += 1
        else:
            self.found.overtaken += 1
