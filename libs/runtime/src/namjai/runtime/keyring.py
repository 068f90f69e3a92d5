"""One data key per member, wrapped by a master key. Destroying it is what makes erasure true (G7)."""

from __future__ import annotations

import base64
import os
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import UTC, datetime
from typing import Final, NamedTuple, Protocol

import msgspec
from cachetools import TTLCache
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from nats.js.errors import APIError, KeyNotFoundError, KeyWrongLastSequenceError, NotFoundError
from nats.js.kv import KeyValue

from namjai.runtime.bus import Requests
from namjai.runtime.errors import KeysUnavailable, LogUnavailable
from namjai.runtime.logs import get_logger
from namjai.runtime.pressure import prune_cache

BUCKET: Final = "keys"
DATA_KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
CACHE_ENTRIES_MAX: Final = 10_000
CACHE_TTL_S: Final = 300
DESTROYED_ENTRIES_MAX: Final = 10_000
DESTROYED_TTL_S: Final = 60
PAGE_KEYS: Final = 500
PAGE_DEADLINE_S: Final = 10.0

_log = get_logger(__name__)


class BadMasterKey(ValueError):
    """A master key has the wrong size, or a data key needs one that is not configured."""


class UnknownMasterKey(BadMasterKey, KeysUnavailable):
    """A data key is wrapped by a master key that is not configured here: another process can open it, and this one
    after a restart, so whoever needs it tries again later."""


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
            raise UnknownMasterKey(f"master key {wrapped.master!r} is not configured")
        try:
            blob = base64.b64decode(wrapped.box)
            return cipher.decrypt(blob[:NONCE_BYTES], blob[NONCE_BYTES:], member.encode())
        except (InvalidTag, ValueError) as bad:
            raise BadMasterKey(f"a data key does not open with master key {wrapped.master!r}") from bad


class StoredKey(NamedTuple):
    """One entry of the key store."""

    member: str
    value: bytes
    revision: int


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

    def each(self, after: int = 0) -> AsyncIterator[StoredKey]:
        """Everybody who has, or had, a key, by the revision above `after`, a page in memory at a time.

        What changes meanwhile goes to the end, and is met (again) there: nothing that was there at the call is missed.
        """
        ...


class NatsKeyStore:
    """The KV bucket `keys`."""

    def __init__(self, js: JetStreamContext, kv: KeyValue, bucket: str = BUCKET) -> None:
        self._js = js
        self._kv = kv
        self._bucket = bucket

    async def get(self, member: str) -> tuple[bytes, int] | None:
        try:
            entry = await self._kv.get(member)
        except KeyNotFoundError:
            return await self._ask_leader(member)
        except Exception as down:
            raise KeysUnavailable(type(down).__name__) from down
        return (entry.value or b"", entry.revision or 0)

    async def _ask_leader(self, member: str) -> tuple[bytes, int] | None:
        """A replica that lags does not know a new key yet, and without their key a person would pass for erased."""
        try:
            found = await self._js._jsm.get_last_msg(f"KV_{self._bucket}", f"$KV.{self._bucket}.{member}")
        except NotFoundError:
            return None
        except Exception as down:
            raise KeysUnavailable(type(down).__name__) from down
        return (found.data, found.seq or 0) if found.data else None

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
            await self._js._jsm.delete_msg(f"KV_{self._bucket}", revision)
        except APIError as refused:
            # Somebody replaced it first. The bucket keeps one revision, so this one is gone from the index already;
            # its bytes go with compaction. The server's code is the same as for a delete that is not permitted.
            found = await self.get(member)
            if found is not None and found[1] == revision:
                raise KeysUnavailable("shred") from refused
        except Exception as down:
            raise KeysUnavailable(type(down).__name__) from down

    async def each(self, after: int = 0) -> AsyncIterator[StoredKey]:
        requests = await Requests.open(self._js._nc)
        more = True
        while more:
            query = {"seq": after + 1, "next_by_subj": f"$KV.{self._bucket}.>", "batch": PAGE_KEYS}
            try:
                *page, end = await requests.many(
                    f"$JS.API.DIRECT.GET.KV_{self._bucket}",
                    msgspec.json.encode(query),
                    last=lambda msg: _status(msg) is not None,
                    deadline_s=PAGE_DEADLINE_S,
                )
            except LogUnavailable as down:
                raise KeysUnavailable(str(down)) from down
            if (said := _status(end)) not in ("204", "404"):
                raise KeysUnavailable(f"direct get answered {said}")
            for msg in page:
                headers = msg.headers or {}
                after = int(headers["Nats-Sequence"])
                if msg.data:
                    yield StoredKey(headers["Nats-Subject"].rsplit(".", 1)[-1], msg.data, after)
            more = said == "204" and bool(page)


def _status(msg: Msg) -> str | None:
    return msg.headers.get("Status") if msg.headers and not msg.data else None


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
        # Those of whose end we heard: a replica of the store that lags would give their key back for a moment.
        self._destroyed: TTLCache[str, bool] = TTLCache(DESTROYED_ENTRIES_MAX, DESTROYED_TTL_S)
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
        is_gone = wrapped.destroyed_at or member in self._destroyed
        try:
            cipher = None if is_gone else AESGCM(self._master.unwrap(member, wrapped))
        except UnknownMasterKey:
            _log.error("master_key_unknown", master=wrapped.master)
            raise
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

    def forget(self, member: str) -> None:
        """Drop a member's cipher from the cache."""
        self._cache.pop(member, None)

    def prune(self, keep: float) -> int:
        """Forget keys that were not needed for longest; they are read and unwrapped again when they are."""
        return prune_cache(self._cache, keep)

    async def follow_destruction(self, nc: Client) -> None:
        """Hear of keys destroyed elsewhere, so that no cache outlives them by more than a moment."""

        async def on_change(msg: Msg) -> None:
            if b"destroyed_at" in msg.data or not msg.data:
                member = msg.subject.rsplit(".", 1)[-1]
                self._destroyed[member] = True
                self.forget(member)

        await nc.subscribe(f"$KV.{BUCKET}.*", cb=on_change)
        self._heard, self._connection = nc, nc.stats["reconnects"]

    def _doubt_after_a_gap(self) -> None:
        """While the connection was away a key may have been destroyed unheard: forget what is remembered."""
        if self._heard is not None and self._heard.stats["reconnects"] != self._connection:
            self._connection = self._heard.stats["reconnects"]
            self._cache.clear()
