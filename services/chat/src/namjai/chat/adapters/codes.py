"""Registration codes at rest: only a keyed hash of each, and what it stands for under a key made from the code."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final, Literal, NamedTuple

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from nats.errors import Error as NatsError
from nats.js.errors import Error as JetStreamError
from nats.js.errors import KeyNotFoundError, KeyWrongLastSequenceError
from nats.js.kv import KeyValue

from namjai.chat.domain.registering import ALPHABET, OTP_DIGITS
from namjai.chat.ports import Code, CodesUnavailable
from namjai.runtime.limiter import Limiter

BUCKET: Final = "codes"
NONCE_BYTES: Final = 12
HASH_CHARS: Final = 40
EVERYBODY: Final = "all"
Outcome = Literal["redeemed", "unknown", "used", "expired"]


class _Secret(msgspec.Struct, frozen=True):
    """What only somebody with the code can read."""

    patient: str = ""
    email: str = ""


class _Record(msgspec.Struct, frozen=True, kw_only=True):
    """What is stored under a code's hash."""

    id: str
    made_at: datetime
    expires_at: datetime
    box: str
    used_by: str = ""
    used_at: datetime | None = None


class _Found(NamedTuple):
    key: str
    record: _Record
    revision: int


class Codes:
    """Makes, looks up, redeems and revokes. `secrets_` are the ring of master keys: the first makes, all find."""

    def __init__(
        self,
        bucket: KeyValue,
        secrets_: Sequence[bytes],
        tries: Limiter,
        clock: Callable[[], datetime],
    ) -> None:
        self._bucket = bucket
        self._secrets = tuple(hmac.digest(secret, b"namjai registration codes", "sha256") for secret in secrets_)
        self._tries = tries
        self._clock = clock

    async def new(self, *, patient: str, email: str, chars: int, life: timedelta) -> tuple[str, str]:
        """A new code and its id. Raises `CodesUnavailable`."""
        code = "".join(secrets.choice(ALPHABET) for _ in range(chars))
        now = self._clock()
        record = _Record(
            id=secrets.token_hex(8),
            made_at=now,
            expires_at=now + life,
            box=self._box(code, _Secret(patient, email)),
        )
        try:
            await self._bucket.create(self._hash(self._secrets[0], code), msgspec.json.encode(record))
        except (TimeoutError, NatsError, JetStreamError) as down:
            raise CodesUnavailable from down
        return code, record.id

    async def revoke(self, code: str) -> bool:
        """Take a code back. False when there is none, or it was used."""
        found = await self._find(code)
        if found is None or found.record.used_by:
            return False
        ended = msgspec.structs.replace(found.record, expires_at=self._clock())
        return await self._write(found, ended)

    async def may_try(self) -> bool:
        """Whether one more try is within what all people together may do: a flood of guesses is slowed down."""
        return (await self._tries.allow(EVERYBODY)).allowed

    async def look(self, code: str, member: str) -> Code | Outcome:
        """What a code stands for, if this member may redeem it. Raises `CodesUnavailable`."""
        found = await self._find(code)
        if found is None or (secret := self._open(code, found.record.box)) is None:
            return "unknown"
        if found.record.used_by:
            return "redeemed" if found.record.used_by == member else "used"
        if found.record.expires_at <= self._clock():
            return "expired"
        return Code(found.record.id, secret.patient, secret.email)

    async def redeem(self, code: str, member: str) -> Code | Outcome:
        """Take it for this member, once; again for the same member gives the same. Raises `CodesUnavailable`."""
        found = await self._find(code)
        if found is None or (secret := self._open(code, found.record.box)) is None:
            return "unknown"
        taken = Code(found.record.id, secret.patient, secret.email)
        if found.record.used_by:  # by us, if we were stopped before we could say so
            return taken if found.record.used_by == member else "used"
        now = self._clock()
        if found.record.expires_at <= now:
            return "expired"
        mine = msgspec.structs.replace(found.record, used_by=member, used_at=now)
        return taken if await self._write(found, mine) else "used"

    def otp(self, code: str, seed: str) -> str:
        """The one-time code for one asking: the same for the same asking, and no other can be told from it."""
        return _otp(self._secrets[0], code, seed)

    def is_otp(self, said: str, code: str, seed: str) -> bool:
        """Whether this is the one-time code, also when it was made before the master key changed."""
        return any(hmac.compare_digest(said, _otp(secret, code, seed)) for secret in self._secrets)

    async def _find(self, code: str) -> _Found | None:
        for secret in self._secrets:
            key = self._hash(secret, code)
            try:
                entry = await self._bucket.get(key)
            except KeyNotFoundError:
                continue
            except (TimeoutError, NatsError, JetStreamError) as down:
                raise CodesUnavailable from down
            return _Found(key, msgspec.json.decode(entry.value or b"", type=_Record), entry.revision or 0)
        return None

    async def _write(self, found: _Found, record: _Record) -> bool:
        try:
            await self._bucket.update(found.key, msgspec.json.encode(record), last=found.revision)
        except KeyWrongLastSequenceError:
            return False
        except (TimeoutError, NatsError, JetStreamError) as down:
            raise CodesUnavailable from down
        return True

    def _hash(self, secret: bytes, code: str) -> str:
        return hmac.new(secret, code.encode(), hashlib.sha256).hexdigest()[:HASH_CHARS]

    def _box(self, code: str, secret: _Secret) -> str:
        nonce = os.urandom(NONCE_BYTES)
        sealed = nonce + self._cipher(self._secrets[0], code).encrypt(nonce, msgspec.json.encode(secret), None)
        return base64.b64encode(sealed).decode()

    def _open(self, code: str, box: str) -> _Secret | None:
        sealed = base64.b64decode(box)
        for secret in self._secrets:
            try:
                opened = self._cipher(secret, code).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], None)
            except InvalidTag:
                continue
            return msgspec.json.decode(opened, type=_Secret)
        return None

    def _cipher(self, secret: bytes, code: str) -> AESGCM:
        return AESGCM(hmac.digest(secret, f"box\0{code}".encode(), "sha256"))


def _otp(secret: bytes, code: str, seed: str) -> str:
    digest = hmac.digest(secret, f"otp\0{code}\0{seed}".encode(), "sha256")
    return str(int.from_bytes(digest[:8]) % 10**OTP_DIGITS).zfill(OTP_DIGITS)
