"""Data keys: made once, wrapped, rotated, destroyed for ever."""

import os

import pytest

from namjai.runtime.errors import KeysUnavailable
from namjai.runtime.keyring import BadMasterKey, Keyring, KeyStore, MasterKeys, WrappedKey

OLD = {"2025": b"o" * 32}


async def test_two_rings_agree_on_a_members_key(key_store: KeyStore, member: str) -> None:
    one, other = Keyring(key_store, MasterKeys(OLD)), Keyring(key_store, MasterKeys(OLD))
    first, second = await one.cipher_or_new(member), await other.cipher_or_new(member)
    assert first is not None
    assert second is not None
    nonce = os.urandom(12)
    assert second.decrypt(nonce, first.encrypt(nonce, b"word", b"place"), b"place") == b"word"


async def test_nobody_has_a_key_before_one_is_made(key_store: KeyStore, member: str) -> None:
    assert await Keyring(key_store, MasterKeys(OLD)).cipher(member) is None


async def test_a_destroyed_key_never_comes_back(key_store: KeyStore, member: str) -> None:
    ring = Keyring(key_store, MasterKeys(OLD))
    await ring.cipher_or_new(member)
    stored = await key_store.get(member)
    assert await ring.destroy(member)
    assert not await ring.destroy(member)
    assert await ring.cipher(member) is None
    assert await ring.cipher_or_new(member) is None
    assert stored is not None
    assert stored[0] not in (await key_store.get(member) or (b"",))[0]


def test_a_data_key_opens_only_for_its_member() -> None:
    keys = MasterKeys(OLD)
    wrapped = keys.wrap("mine", b"k" * 32)
    assert keys.unwrap("mine", wrapped) == b"k" * 32
    with pytest.raises(BadMasterKey):
        keys.unwrap("yours", wrapped)
    with pytest.raises(BadMasterKey):
        keys.unwrap("mine", WrappedKey(master="lost", box=wrapped.box))


async def test_a_key_of_an_unknown_master_key_is_waited_for(key_store: KeyStore, member: str) -> None:
    """In the middle of a rotation done wrong: a message waits for a restart, and is not set aside at once."""
    await Keyring(key_store, MasterKeys({"2026": b"n" * 32})).cipher_or_new(member)
    with pytest.raises(KeysUnavailable, match="'2026' is not configured"):
        await Keyring(key_store, MasterKeys(OLD)).cipher_or_new(member)


async def test_each_look_into_the_cache_is_told(key_store: KeyStore, member: str) -> None:
    known = list[bool]()
    ring = Keyring(key_store, MasterKeys(OLD), looked_up=known.append)
    await ring.cipher(member)
    await ring.cipher_or_new(member)
    known.clear()
    await ring.cipher(member)
    assert known == [True]


async def test_a_pruned_ring_still_opens_what_it_sealed_and_nothing_that_was_destroyed(
    key_store: KeyStore, member: str
) -> None:
    ring, gone = Keyring(key_store, MasterKeys(OLD)), f"{member}gone"
    cipher = await ring.cipher_or_new(member)
    assert cipher is not None
    nonce = os.urandom(12)
    box = cipher.encrypt(nonce, b"word", b"place")
    await ring.cipher_or_new(gone)
    await ring.destroy(gone)
    await ring.cipher(gone)
    assert ring.prune(0) == 2
    again = await ring.cipher(member)
    assert again is not None
    assert again.decrypt(nonce, box, b"place") == b"word"
    assert await ring.cipher_or_new(gone) is None
