"""Links to stored media: which object and until when, under a signature. Chat makes them, gateway reads them."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import struct
from datetime import UTC, datetime
from typing import Annotated, Final

from pydantic import AfterValidator, SecretStr

from namjai.runtime.objects import ID_BYTES

PATH: Final = "/media/"
SECRET_BYTES_MIN: Final = 32
SECRETS_MAX: Final = 2
_ABOUT: Final = b"namjai media link v1\0"
"""Keeps the secret's signatures for this purpose from ever serving another."""
_BODY: Final = struct.Struct(f">{ID_BYTES}sQ")
_MAC_BYTES: Final = hashlib.sha256().digest_size
TOKEN_CHARACTERS: Final = (_BODY.size + _MAC_BYTES) * 4 // 3 + 1


def _secrets(secret: SecretStr) -> list[bytes]:
    """`new,old` → both: links of the one before are good as long as they last."""
    return [part.strip().encode() for part in secret.get_secret_value().split(",")]


def _long_enough(secret: SecretStr) -> SecretStr:
    secrets = _secrets(secret)
    if len(secrets) > SECRETS_MAX:
        raise ValueError(f"there may be {SECRETS_MAX} media secrets: the new one, and the one that it replaces")
    if any(len(each) < SECRET_BYTES_MIN for each in secrets):
        raise ValueError(f"a media secret must be at least {SECRET_BYTES_MIN} bytes")
    return secret


MediaSecret = Annotated[SecretStr, AfterValidator(_long_enough)]
"""A settings field: who knows it can make links. With two, the first makes links and both open them."""


def token(secret: SecretStr, object_id: str, until: datetime) -> str:
    """One link's last part: an object, the second it ends, and the signature over both."""
    body = _BODY.pack(bytes.fromhex(object_id), int(until.timestamp()))
    return base64.urlsafe_b64encode(body + _mac(_secrets(secret)[0], body)).decode().rstrip("=")


def object_of(secret: SecretStr, given: str, now: datetime) -> str | None:
    """The object a token is for; None when it is forged, damaged or over."""
    if len(given) != TOKEN_CHARACTERS or not given.isascii():
        return None
    try:
        raw = base64.b64decode(given + "=" * (-len(given) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    body, mac = raw[: _BODY.size], raw[_BODY.size :]
    # All of them, always: how long it takes says nothing about which one it was.
    matches = [hmac.compare_digest(mac, _mac(each, body)) for each in _secrets(secret)]
    if True not in matches:
        return None
    object_id, until = _BODY.unpack(body)
    return object_id.hex() if now < datetime.fromtimestamp(until, UTC) else None


def _mac(secret: bytes, body: bytes) -> bytes:
    return hmac.digest(secret, _ABOUT + body, hashlib.sha256)
