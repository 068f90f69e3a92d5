"""Pictures and voices at rest: sealed with their member's data key, in pieces, gone after their time (G7)."""

from __future__ import annotations

import base64
import hashlib
import os
import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple, Protocol

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from nats.aio.msg import Msg

from namjai.runtime.bus import Requests
from namjai.runtime.errors import LogUnavailable
from namjai.runtime.keyring import NONCE_BYTES, Keyring

BUCKET: Final = "media"
STREAM: Final = f"OBJ_{BUCKET}"
CHUNK_BYTES: Final = 256 * 1024
OBJECT_BYTES_MAX: Final = 32 * 1024 * 1024
CALL_DEADLINE_S: Final = 5.0
ID_BYTES: Final = 16
TTL_S_MAX: Final = 30 * 24 * 3600
"""Nothing here is a record: whatever a person sent or was sent can be made again, or had better be forgotten."""


class NoSuchObject(Exception):
    """It never was, its time is over, it was deleted, or its member is erased: nobody can tell which, or should."""


class ObjectsUnavailable(Exception):
    """The store cannot be asked now, or takes nothing more."""


class Object(NamedTuple):
    """What was put, and what it is."""

    data: bytes
    mime: str


class Objects(Protocol):
    """The store as services see it. `NatsObjects` and `MemoryObjects` pass the same suite.

    All of it raises `ObjectsUnavailable`, and `KeysUnavailable` where a key is needed.
    """

    async def put(self, member: str, data: bytes, mime: str, ttl_s: float) -> str:
        """Keep it for so long; returns its id. Raises `NoSuchObject` when the member is erased."""
        ...

    async def get(self, object_id: str) -> Object:
        """Raises `NoSuchObject`."""
        ...

    async def delete(self, object_id: str) -> None:
        """Forget it now. No error when it is gone already."""
        ...


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """What stands beside the pieces: NATS's own object description, so that its tools can list what is there.

    Nothing in it is personal: the member is a random id, and of the content only its kind and size are told.
    """

    name: str
    bucket: str
    nuid: str
    size: int
    chunks: int
    digest: str
    mtime: str
    metadata: dict[str, str]

    @property
    def member(self) -> str:
        return self.metadata["member"]

    @property
    def mime(self) -> str:
        return self.metadata["mime"]

    @property
    def expires(self) -> str:
        return self.metadata["expires"]


def new_id() -> str:
    """Nobody can guess one; all the same, an id alone opens no door."""
    return secrets.token_hex(ID_BYTES)


def seal(
    object_id: str, member: str, data: bytes, mime: str, expires: datetime, cipher: AESGCM
) -> tuple[Sheet, list[bytes]]:
    """The sheet and the sealed pieces. Each piece opens only in its place, of its object, with its type and time."""
    if len(data) > OBJECT_BYTES_MAX:
        raise ValueError(f"an object of more than {OBJECT_BYTES_MAX} bytes is a mistake")
    parts = [data[at : at + CHUNK_BYTES] for at in range(0, len(data), CHUNK_BYTES)] or [b""]
    until = expires.isoformat(timespec="seconds")
    sealed = []
    for n, part in enumerate(parts):
        nonce = os.urandom(NONCE_BYTES)
        sealed.append(nonce + cipher.encrypt(nonce, part, _place(object_id, mime, until, n, len(parts))))
    digest = hashlib.sha256(b"".join(sealed)).digest()
    sheet = Sheet(
        name=object_id,
        bucket=BUCKET,
        nuid=object_id,
        size=sum(map(len, sealed)),
        chunks=len(sealed),
        digest="SHA-256=" + base64.urlsafe_b64encode(digest).decode(),
        mtime=datetime.now(UTC).isoformat(),
        metadata={"member": member, "mime": mime, "expires": until},
    )
    return sheet, sealed


def unseal(sheet: Sheet, sealed: list[bytes], cipher: AESGCM) -> bytes:
    """Raises `NoSuchObject` when a piece is missing, damaged, or belongs elsewhere."""
    if len(sealed) != sheet.chunks:
        raise NoSuchObject
    try:
        return b"".join(
            cipher.decrypt(
                box[:NONCE_BYTES], box[NONCE_BYTES:], _place(sheet.name, sheet.mime, sheet.expires, n, sheet.chunks)
            )
            for n, box in enumerate(sealed)
        )
    except (InvalidTag, ValueError) as wrong:
        raise NoSuchObject from wrong


def _place(object_id: str, mime: str, expires: str, n: int, of: int) -> bytes:
    return f"{BUCKET}|{object_id}|{mime}|{expires}|{n}/{of}".encode()


def _now() -> datetime:
    return datetime.now(UTC)


class NatsObjects:
    """The JetStream object store, spoken to directly.

    The client library's own class reads through a consumer each time, cannot give an object a time of its own, and
    would need more permissions than a reader should have.
    """

    def __init__(self, requests: Requests, keyring: Keyring, clock: Callable[[], datetime] = _now) -> None:
        self._requests = requests
        self._keyring = keyring
        self._clock = clock

    async def put(self, member: str, data: bytes, mime: str, ttl_s: float) -> str:
        if (cipher := await self._keyring.cipher_or_new(member)) is None:
            raise NoSuchObject
        ttl_s = min(max(ttl_s, 1.0), TTL_S_MAX)
        object_id = new_id()
        sheet, sealed = seal(object_id, member, data, mime, self._clock() + timedelta(seconds=ttl_s), cipher)
        # A crash in between leaves pieces without a sheet: nobody finds them, and they go when their time is over.
        ttl = {"Nats-TTL": str(round(ttl_s) + 1)}
        for box in sealed:
            await self._publish(_chunks(object_id), box, ttl)
        await self._publish(_sheet(object_id), msgspec.json.encode(sheet), ttl)
        return object_id

    async def get(self, object_id: str) -> Object:
        sheet = await self._find(object_id)
        if (cipher := await self._keyring.cipher(sheet.member)) is None:
            raise NoSuchObject
        return Object(unseal(sheet, await self._pieces(object_id, sheet.chunks), cipher), sheet.mime)

    async def delete(self, object_id: str) -> None:
        for subject in (_sheet(object_id), _chunks(object_id)):
            said = await self._api(f"$JS.API.STREAM.PURGE.{STREAM}", {"filter": subject})
            if not said.get("success"):
                raise ObjectsUnavailable

    async def _find(self, object_id: str) -> Sheet:
        msg = await self._ask(f"$JS.API.DIRECT.GET.{STREAM}.{_sheet(object_id)}", b"")
        if _status(msg) == "404":
            raise NoSuchObject
        if _status(msg) is not None:
            raise ObjectsUnavailable
        sheet = msgspec.json.decode(msg.data, type=Sheet)
        if datetime.fromisoformat(sheet.expires) <= self._clock():
            raise NoSuchObject
        return sheet

    async def _pieces(self, object_id: str, count: int) -> list[bytes]:
        query = {"seq": 1, "next_by_subj": _chunks(object_id), "batch": count}
        try:
            *found, end = await self._requests.many(
                f"$JS.API.DIRECT.GET.{STREAM}",
                msgspec.json.encode(query),
                last=lambda msg: _status(msg) is not None,
                deadline_s=CALL_DEADLINE_S,
            )
        except LogUnavailable as down:
            raise ObjectsUnavailable(str(down)) from down
        if _status(end) not in ("204", "404"):
            raise ObjectsUnavailable
        return [msg.data for msg in found]

    async def _publish(self, subject: str, data: bytes, headers: dict[str, str]) -> None:
        msg = await self._ask(subject, data, headers)
        if _status(msg) is not None or "error" in msgspec.json.decode(msg.data):
            raise ObjectsUnavailable("not taken")

    async def _api(self, subject: str, query: dict[str, Any]) -> dict[str, Any]:
        msg = await self._ask(subject, msgspec.json.encode(query))
        said: dict[str, Any] = {} if _status(msg) else msgspec.json.decode(msg.data)
        return said

    async def _ask(self, subject: str, data: bytes, headers: dict[str, str] | None = None) -> Msg:
        try:
            return await self._requests.one(subject, data, deadline_s=CALL_DEADLINE_S, headers=headers)
        except LogUnavailable as down:
            raise ObjectsUnavailable(str(down)) from down


def _chunks(object_id: str) -> str:
    return f"$O.{BUCKET}.C.{object_id}"


def _sheet(object_id: str) -> str:
    return f"$O.{BUCKET}.M.{base64.urlsafe_b64encode(object_id.encode()).decode()}"


def _status(msg: Msg) -> str | None:
    return msg.headers.get("Status") if msg.headers and not msg.data else None
