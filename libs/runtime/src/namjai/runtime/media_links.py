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
_ABOUT: Final = b"namjai media link v1\0"
"""Keeps the secret's signatures for this purpose from ever serving another."""
_BODY: Final = struct.Struct(f">{ID_BYTES}sQ")
_MAC_BYTES: Final = hashlib.sha256().digest_size
TOKEN_CHARACTERS: Final = (_BODY.size + _MAC_BYTES) * 4 // 3 + 1


def _long_enough(secret: SecretStr) -> SecretStr:
    if len(secret.get_secret_value().encode()) < SECRET_BYTES_MIN:
        raise ValueError(f"the media secret must be at least {SECRET_BYTES_MIN} bytes")
    return secret


MediaSecret = Annotated[SecretStr, AfterValidator(_long_enough)]
"""A settings field: who knows it can make links."""


def token(secret: SecretStr, object_id: str, until: datetime) -> str:
    """One link's last part: an object, the second it ends, and the signature over both."""
    body = _BODY.pack(bytes.fromhex(object_id), int(until.timestamp()))
    return base64.urlsafe_b64encode(body + _mac(secret, body)).decode().rstrip("=")


def object_of(secret: SecretStr, given: str, now: datetime) -> str | None:
    """The object a token is for; None when it is forged, damaged or over."""
    if len(given) != TOKEN_CHARACTERS or not given.isascii():
        return None
    try:
        raw = base64.b64decode(given + "=" * (-len(given) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    body, mac = raw[: _BODY.size], raw[_BODY.size :]
    if not hmac.compare_digest(mac, _mac(secret, body)):
        return None
    object_id, until = _BODY.unpack(body)
    return object_id.hex() if now < datetime.fromtimestamp(until, UTC) else None


def _mac(secret: SecretStr, body: bytes) -> bytes:
    return hmac.digest(secret.get_secret_value().encode(), _ABOUT + body, hashlib.sha256)
