"""One data key per member, wrapped by a master key. Destroying it is what makes erasure true (G7)."""

from __future__ import annotations

import base64
import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Final, Protocol

import msgspec
from cachetools import TTLCache
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from nats.js.errors import APIError, KeyNotFoundError, KeyWrongLastSequenceError
from nats.js.kv import KeyValue

from namjai.runtime.errors import KeysUnavailable

BUCKET: Final = "keys"
DATA_KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
CACHE_ENTRIES_MAX: Final = 10_000
CACHE_TTL_S: Final = 300


class BadMasterKey(ValueError):
    """A master key has the wrong size, or a data key needs one that is not configured."""


class WrappedKey(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the key store holds for a member: a wrapped key, or the time at which it was destroyed."""

    master: str = ""
    box: str = ""
    destroyed_at: str = ""


class MasterKeys:
    """Wraps data keys. The first key wraps, all of them unwrap: that is how rotation works without a stop."""

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        if not keys or any(len(key) != DATA_KEY_BYTES for key in keys.values()):
            raise BadMasterKey("need at least one master key of 32 bytes")
        self._ciphers = {name: AESGCM(key) for name, key in keys.items()}
        self.current = next(iter(keys))

    def wrap(self, member: str, key: bytes) -> WrappedKey:
        nonce = os.urandom(NONCE_BYTES)
        blob = nonce + self._ciphers[self.current].encrypt(nonce, key, member.encode())
        return WrappedKey(master=self.current, box=base64.b64encode(blob).decode())

    def unwrap(self, member: str, wrapped: WrappedKey) -> bytes:
        if (cipher := self._ciphers.get(wrapped.master)) is None:
            raise BadMasterKey(f"master key {wrapped.master!r} is not configured")
        blob = base64.b64decode(wrapped.box)
        try:
            return cipher.decrypt(blob[:NONCE_BYTES], blob[NONCE_BYTES:], member.encode())
        except InvalidTag as bad:
            raise BadMasterKey(f"a data key does not open with master key {wrapped.master!r}") from bad


class KeyStore(Protocol):
    """Where wrapped keys live. Each method raises `KeysUnavailable` when the store cannot be asked."""

    async def get(self, member: str) -> tuple[bytes, int] | None:
        """The stored value and its revision."""
        ...

    async def create(self, member: str, value: bytes) -> bool:
        """False when there is one already."""
        ...

    async def replace(self, member: str, value: bytes, revision: int) -> bool:
        """False when somebody replaced it first."""
        ...

    async def shred(self, member: str, revision: int) -> None:
        """Overwrite the bytes of one revision."""
        ...

    async def members(self) -> list[str]:
        """Everybody who has, or had, a key."""
        ...


class NatsKeyStore:
    """The KV bucket `keys`."""

    def __init__(self, js: JetStreamContext, kv: KeyValue) -> None:
        self._js = js
        self._kv = kv

    async def get(self, member: str) -> tuple[bytes, int] | None:
        try:
            entry = await self._kv.get(member)
        except KeyNotFoundError:
            return None
        except Exception as down:
            raise KeysUnavailable(type(down).__name__) from down
        return (entry.value or b"", entry.revision or 0)

    async def create(self, member: str, value: bytes) -> bool:
        try:
            await self._kv.create(member, value)
        except KeyWrongLastSequenceError:
            return False
        except Exception as down:
            raise KeysUnavailable(type(down).__name__) from down
        return True

    async def replace(self, member: str, value: bytes, revision: int) -> bool:
        try:
            await self._kv.update(member, value, last=revision)
        except KeyWrongLastSequenceError:
            return False
        except Exception as down:
            raise KeysUnavailable(type(down).__name__) from down
        return True

    async def shred(self, member: str, revision: int) -> None:
        try:
            await self._js._jsm.delete_msg(f"KV_{BUCKET}", revision)
        except APIError as gone:
            # The bucket keeps one revision, so it is gone from the index already; its bytes go with compaction.
            if gone.code not in (400, 404):
                raise KeysUnavailable("shred") from gone
        except Exception as down:
            raise KeysUnavailable(type(down).__name__) from down

    async def members(self) -> list[str]:
        try:
            return list(await self._kv.keys())
        except Exception as down:
            if type(down).__name__ == "NoKeysError":
                return []
            raise KeysUnavailable(type(down).__name__) from down


class Keyring:
    """Ciphers by member, from a bounded cache; a destroyed key leaves every cache at once."""

    def __init__(
        self,
        store: KeyStore,
        master: MasterKeys,
        *,
        cache_entries: int = CACHE_ENTRIES_MAX,
        cache_ttl_s: float = CACHE_TTL_S,
        looked_up: Callable[[bool], None] | None = None,
    ) -> None:
        """`looked_up` hears of each look into the cache, and whether it found something."""
        self._looked_up = looked_up
        self._store = store
        self._master = master
        self._cache: TTLCache[str, AESGCM | None] = TTLCache(cache_entries, cache_ttl_s)
        self._heard: Client | None = None
        self._connection = 0

    async def cipher(self, member: str) -> AESGCM | None:
        """The member's cipher; None once it is destroyed, or if there never was one. Raises `KeysUnavailable`."""
        self._doubt_after_a_gap()
        known = member in self._cache
        if self._looked_up is not None:
            self._looked_up(known)
        if known:
            return self._cache[member]
        found = await self._store.get(member)
        if found is None:
            return None
        wrapped = msgspec.json.decode(found[0], type=WrappedKey)
        cipher = None if wrapped.destroyed_at else AESGCM(self._master.unwrap(member, wrapped))
        self._cache[member] = cipher
        return cipher

    async def cipher_or_new(self, member: str) -> AESGCM | None:
        """Like `cipher`, but a member without a key gets one. None only when it was destroyed."""
        if (cipher := await self.cipher(member)) is not None or member in self._cache:
            return cipher
        key = AESGCM.generate_key(DATA_KEY_BYTES * 8)
        if await self._store.create(member, msgspec.json.encode(self._master.wrap(member, key))):
            self._cache[member] = AESGCM(key)
        return await self.cipher(member)

    async def destroy(self, member: str) -> bool:
        """Destroy the data key for ever. False when it is destroyed already, or never was."""
        while (found := await self._store.get(member)) is not None:
            value, revision = found
            if msgspec.json.decode(value, type=WrappedKey).destroyed_at:
                break
            marker = WrappedKey(destroyed_at=datetime.now(UTC).isoformat(timespec="seconds"))
            await self._store.shred(member, revision)
            if await self._store.replace(member, msgspec.json.encode(marker), revision) or (
                await self._store.create(member, msgspec.json.encode(marker))
            ):
                self.forget(member)
                return True
        self.forget(member)
        return False

    async def rotate(self) -> int:
        """Wrap every data key with the current master key. Returns how many changed; may be run again after a crash."""
        changed = 0
        for member in await self._store.members():
            found = await self._store.get(member)
            if found is None:
                continue
            wrapped = msgspec.json.decode(found[0], type=WrappedKey)
            if wrapped.destroyed_at or wrapped.master == self._master.current:
                continue
            fresh = self._master.wrap(member, self._master.unwrap(member, wrapped))
            changed += await self._store.replace(member, msgspec.json.encode(fresh), found[1])
        return changed

    def forget(self, member: str) -> None:
        """Drop a member's cipher from the cache."""
        self._cache.pop(member, None)

    async def follow_destruction(self, nc: Client) -> None:
        """Hear of keys destroyed elsewhere, so that no cache outlives them by more than a moment."""

        async def on_change(msg: Msg) -> None:
            if b"destroyed_at" in msg.data or not msg.data:
                self.forget(msg.subject.rsplit(".", 1)[-1])

        await nc.subscribe(f"$KV.{BUCKET}.*", cb=on_change)
        self._heard, self._connection = nc, nc.stats["reconnects"]

    def _doubt_after_a_gap(self) -> None:
        """While the connection was away a key may have been destroyed unheard: forget what is remembered."""
        if self._heard is not None and self._heard.stats["reconnects"] != self._connection:
            self._connection = self._heard.stats["reconnects"]
            self._cache.clear()
