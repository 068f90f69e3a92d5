"""Rotation: every key anew, none lost, and what cannot be opened is counted and left alone."""

import asyncio
import os
from collections.abc import Sequence

import msgspec
import pytest

from namjai.runtime.keyring import BadMasterKey, Keyring, KeyStore, MasterKeys, WrappedKey
from namjai.runtime.rotation import Rotation

OLD, NEW = {"2025": b"o" * 32}, {"2026": b"n" * 32}
BOTH = {**NEW, **OLD}
FAST_PER_S = 1e6


def rotation(store: KeyStore, keys: dict[str, bytes], *, dry_run: bool = False) -> Rotation:
    return Rotation(store, MasterKeys(keys), dry_run=dry_run, keys_per_s=FAST_PER_S)


async def words(store: KeyStore, keys: dict[str, bytes], members: Sequence[str]) -> dict[str, tuple[bytes, bytes]]:
    """Something sealed for each member."""
    ring, sealed = Keyring(store, MasterKeys(keys)), dict[str, tuple[bytes, bytes]]()
    for member in members:
        cipher = await ring.cipher_or_new(member)
        assert cipher is not None
        nonce = os.urandom(12)
        sealed[member] = nonce, cipher.encrypt(nonce, member.encode(), None)
    return sealed


async def readable(store: KeyStore, keys: dict[str, bytes], sealed: dict[str, tuple[bytes, bytes]]) -> None:
    ring = Keyring(store, MasterKeys(keys))
    for member, (nonce, box) in sealed.items():
        cipher = await ring.cipher(member)
        assert cipher is not None
        assert cipher.decrypt(nonce, box, None) == member.encode()


async def test_every_key_is_wrapped_anew_and_none_is_lost(key_store: KeyStore) -> None:
    members = [f"m{n}" for n in range(75)]
    sealed = await words(key_store, OLD, members)
    await Keyring(key_store, MasterKeys(OLD)).destroy("m3")
    del sealed["m3"]
    found = await rotation(key_store, BOTH).run()
    assert (found.rewrapped, found.current, found.destroyed, found.left, found.waiting) == (74, 74, 1, 0, 0)
    await readable(key_store, NEW, sealed)
    with pytest.raises(BadMasterKey):
        await Keyring(key_store, MasterKeys(OLD)).cipher("m0")
    again = await rotation(key_store, BOTH).run()
    assert (again.rewrapped, again.current, again.destroyed) == (0, 74, 1)


async def test_a_dry_run_counts_and_changes_nothing(key_store: KeyStore) -> None:
    sealed = await words(key_store, OLD, ["a", "b"]) | await words(key_store, BOTH, ["c"])
    before = [stored async for stored in key_store.each()]
    found = await rotation(key_store, BOTH, dry_run=True).run()
    assert (found.waiting, found.current, found.rewrapped) == (2, 1, 0)
    assert [stored async for stored in key_store.each()] == before
    await readable(key_store, BOTH, sealed)


async def test_keys_that_cannot_be_opened_are_counted_and_the_others_go_on(key_store: KeyStore) -> None:
    sealed = await words(key_store, OLD, ["first"])
    await words(key_store, {"lost": b"l" * 32}, ["x", "y"])
    forged = MasterKeys(OLD).wrap("somebody else", b"k" * 32)
    broken = [b"no json", msgspec.json.encode(WrappedKey(master="2025", box="%%")), msgspec.json.encode(forged)]
    for n, value in enumerate(broken):
        assert await key_store.create(f"z{n}", value)
    sealed |= await words(key_store, OLD, ["last"])
    before = {stored.member: stored.value async for stored in key_store.each()}
    found = await rotation(key_store, BOTH).run()
    assert (found.rewrapped, found.current, dict(found.unknown), found.damaged) == (2, 2, {"lost": 2}, 3)
    assert found.examples == ["x", "y", "z0", "z1", "z2"]
    after = {stored.member: stored.value async for stored in key_store.each()}
    assert all(after[left] == before[left] for left in found.examples)
    await readable(key_store, NEW, sealed)
    found = await rotation(key_store, {**BOTH, "lost": b"l" * 32}).run()
    assert (found.rewrapped, dict(found.unknown)) == (2, {})


async def test_keys_made_and_destroyed_while_it_runs_end_as_their_service_wanted(key_store: KeyStore) -> None:
    """Services that have both keys already make new ones under the new key, and destroy whom they are asked to."""
    members = [f"m{n}" for n in range(60)]
    sealed = await words(key_store, OLD, members)
    service = Keyring(key_store, MasterKeys(BOTH), cache_entries=1)

    async def destroy() -> None:
        for member in members[::3]:
            assert await service.destroy(member)

    async def make() -> None:
        for n in range(20):
            assert await service.cipher_or_new(f"new{n}") is not None

    async def read() -> None:
        for member in members[1::3] * 3:
            assert await service.cipher(member) is not None

    work = rotation(key_store, BOTH)
    await asyncio.gather(work.run(), destroy(), make(), read())
    found = await rotation(key_store, BOTH).run()
    assert (found.destroyed, found.left) == (20, 0)
    assert found.current == 60
    await readable(key_store, NEW, {member: sealed[member] for member in members if member not in members[::3]})
    for member in members[::3]:
        assert await Keyring(key_store, MasterKeys(BOTH)).cipher_or_new(member) is None
