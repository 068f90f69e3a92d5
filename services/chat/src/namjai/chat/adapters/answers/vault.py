"""Names, seals and opens what the response cache keeps: who has the store alone learns neither questions nor answers.

A topic is what somebody typed. It is no personal datum as such, and still nobody's business but the clinic's.
"""

from __future__ import annotations

import hmac
from hashlib import sha256, sha512
from typing import Final

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from namjai.chat.ports import Common

_NAME: Final = b"namjai common answer: name\0"
_KEY: Final = b"namjai common answer: key\0"
_ASKED: Final = b"asked"


class Kept(msgspec.Struct, frozen=True):
    """An answer, when it was written (seconds since 1970) and by which model."""

    at: float
    model: str
    body: bytes


class Vault:
    """The clinic's own key makes the names and the seal; AES-SIV gives the same question the same sealed form, so that
    it can be counted without being readable."""

    def __init__(self, pepper: bytes, *, models: str) -> None:
        self._pepper = pepper
        self._models = models
        self._cipher = AESSIV(hmac.digest(pepper, _KEY, sha512))

    def name(self, asked: Common) -> str:
        """The key in the cache: of the question, the version of what it is written with, and the models."""
        whole = msgspec.json.encode([asked, self._models])
        return hmac.digest(self._pepper, _NAME + whole, sha256).hex()

    def seal(self, name: str, kept: Kept) -> bytes:
        """For the cache."""
        return self._cipher.encrypt(msgspec.msgpack.encode(kept), [name.encode()])

    def open(self, name: str, box: bytes) -> Kept | None:
        """None for what is damaged, of another release, or was put there by somebody else."""
        try:
            return msgspec.msgpack.decode(self._cipher.decrypt(box, [name.encode()]), type=Kept)
        except (InvalidTag, ValueError, msgspec.MsgspecError):
            return None

    def cover(self, asked: Common) -> bytes:
        """A question as it is counted: without the version, which may be another when it is asked again."""
        bare = msgspec.structs.replace(asked, version="")
        return self._cipher.encrypt(msgspec.msgpack.encode(bare), [_ASKED])

    def uncover(self, box: bytes) -> Common | None:
        """The question again."""
        try:
            return msgspec.msgpack.decode(self._cipher.decrypt(box, [_ASKED]), type=Common)
        except (InvalidTag, ValueError, msgspec.MsgspecError):
            return None
