"""A rotation that is stopped anywhere, with services at work beside it, loses nothing and can be begun again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from hypothesis import given, settings
from hypothesis import strategies as st

from namjai.runtime.errors import KeysUnavailable
from namjai.runtime.keyring import Keyring, MasterKeys, StoredKey
from namjai.runtime.memory import MemoryKeyStore
from namjai.runtime.retry import RetryPolicy
from namjai.runtime.rotation import Found, Rotation

OLD, NEW = {"old": b"o" * 32}, {"new": b"n" * 32}
BOTH = {**NEW, **OLD}
AT_ONCE = RetryPolicy(attempts=8, first_wait_ms=0.0)
NONCE = b"n" * 12
MEMBERS = [f"m{n}" for n in range(40)]


class Killed(Exception):
    """The process is gone."""


class Shared(MemoryKeyStore):
    """Whoever asks gives the others their turn, as a call over the network does."""

    async def get(self, member: str) -> tuple[bytes, int] | None:
        await asyncio.sleep(0)
        return await super().get(member)

    async def replace(self, member: str, value: bytes, revision: int) -> bool:
        await asyncio.sleep(0)
        return await super().replace(member, value, revision)

    async def shred(self, member: str, revision: int) -> None:
        await super().shred(member, revision)
        await asyncio.sleep(0)


class Fragile:
    """The same store as the rotation sees it: at one write the process dies, of others the answer is lost."""

    def __init__(
        self, store: Shared, dies_at: int, *, after_it_took_effect: bool, lost: frozenset[int], cut: frozenset[int]
    ) -> None:
        self._store = store
        self._read = 0
        self._cut = cut
        self._writes = 0
        self._dies_at = dies_at
        self._after = after_it_took_effect
        self._lost = lost
        self.get, self.create, self.shred = store.get, store.create, store.shred

    async def replace(self, member: str, value: bytes, revision: int) -> bool:
        self._writes += 1
        now = self._writes
        if now == self._dies_at and not self._after:
            raise Killed
        done = await self._store.replace(member, value, revision)
        if now == self._dies_at:
            raise Killed
        if now in self._lost:
            raise KeysUnavailable("the answer was lost")
        return done

    async def each(self, after: int = 0) -> AsyncIterator[StoredKey]:
        async for stored in self._store.each(after):
            await asyncio.sleep(0)
            self._read += 1
            if self._read in self._cut:
                raise KeysUnavailable("no answer in time")
            yield stored


def seal(store: MemoryKeyStore, keys: dict[str, bytes], member: str) -> bytes | None:
    async def sealed() -> bytes | None:
        cipher = await Keyring(store, MasterKeys(keys)).cipher_or_new(member)
        return cipher.encrypt(NONCE, b"word", None) if cipher else None

    return asyncio.run(sealed())


@settings(max_examples=150, deadline=None)
@given(
    dies_at=st.integers(0, 60),
    after_it_took_effect=st.booleans(),
    answers_lost=st.frozensets(st.integers(1, 40), max_size=4),
    pages_lost=st.frozensets(st.integers(1, 80), max_size=3),
    destroyed=st.lists(st.sampled_from(MEMBERS), unique=True, max_size=8),
    made=st.integers(0, 5),
    of_before=st.integers(0, 10),
)
def test_a_rotation_interrupted_anywhere_loses_nothing(
    dies_at: int,
    after_it_took_effect: bool,
    answers_lost: frozenset[int],
    pages_lost: frozenset[int],
    destroyed: list[str],
    made: int,
    of_before: int,
) -> None:
    store = Shared()
    fragile = Fragile(store, dies_at, after_it_took_effect=after_it_took_effect, lost=answers_lost, cut=pages_lost)
    boxes = {member: seal(store, OLD if n >= of_before else BOTH, member) for n, member in enumerate(MEMBERS)}
    fresh = [f"new{n}" for n in range(made)]

    async def rotate_beside_services() -> None:
        service = Keyring(store, MasterKeys(BOTH))

        async def work() -> None:
            for member in destroyed:
                assert await service.destroy(member)
            for member in fresh:
                assert await service.cipher_or_new(member) is not None

        rotation = Rotation(fragile, MasterKeys(BOTH), keys_per_s=1e9, patience=AT_ONCE).run()
        rotated, worked = await asyncio.gather(rotation, work(), return_exceptions=True)
        assert worked is None
        assert isinstance(rotated, Killed | Found), rotated

    async def check() -> None:
        ring = Keyring(store, MasterKeys(BOTH))
        for member, box in boxes.items():
            if member not in destroyed:  # at the very moment of the interruption, too
                assert box is not None
                cipher = await ring.cipher(member)
                assert cipher is not None
                assert cipher.decrypt(NONCE, box, None) == b"word"
        found = await Rotation(store, MasterKeys(BOTH), keys_per_s=1e9).run()
        assert found.left == 0
        again = await Rotation(store, MasterKeys(BOTH), dry_run=True).run()
        assert (again.waiting, again.left) == (0, 0)
        new_only = Keyring(store, MasterKeys(NEW))
        for member, box in boxes.items():
            cipher = await new_only.cipher(member)
            assert (cipher is None) == (member in destroyed)
            assert box is not None
            assert cipher is None or cipher.decrypt(NONCE, box, None) == b"word"

    asyncio.run(rotate_beside_services())
    asyncio.run(check())
