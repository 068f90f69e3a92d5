"""A personal field: readable in memory while its member's key lives, never readable on the wire."""

from __future__ import annotations

import base64
import binascii
import os
from typing import Any, Final, Generic, Protocol, TypeVar

T = TypeVar("T")
D = TypeVar("D")

NONCE_BYTES: Final = 12
PREFIX: Final = "s1."


class Erased(Exception):
    """The member's key is destroyed: nobody can read this field again."""


class StillSealed(Exception):
    """The field was read before its envelope was opened."""


class ClearText(Exception):
    """A personal field was about to be written unsealed."""


class BadBox(Exception):
    """The sealed field is damaged, or belongs to another event, type or field."""


class Cipher(Protocol):
    """AES-256-GCM as `cryptography` offers it: one object per data key, reusable, thread-safe."""

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None, /) -> bytes: ...

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None, /) -> bytes: ...


class Sealed(Generic[T]):
    """One personal value of a fact, in one of three states: clear, boxed (ciphertext), or erased.

    The codec refuses to write a clear value, so forgetting to seal is an error and not a leak.
    """

    __slots__ = ("_box", "_erased", "_value")
    _value: T
    _box: str | None
    _erased: bool

    def __init__(self, value: T) -> None:
        self._value, self._box, self._erased = value, None, False

    @classmethod
    def boxed(cls, box: str) -> Sealed[T]:
        """A field as it came from the wire."""
        field = cls.__new__(cls)
        field._box, field._erased = box, False
        return field

    @classmethod
    def erased(cls) -> Sealed[T]:
        """A field whose key is gone."""
        field = cls.__new__(cls)
        field._box, field._erased = None, True
        return field

    @property
    def value(self) -> T:
        """The clear value. Raises `Erased` or `StillSealed`."""
        if self._erased:
            raise Erased
        if self._box is not None:
            raise StillSealed
        return self._value

    @property
    def box(self) -> str:
        """The ciphertext. Raises `ClearText` when the field was never sealed."""
        if self._box is None:
            raise ClearText
        return self._box

    @property
    def is_boxed(self) -> bool:
        return self._box is not None

    @property
    def is_erased(self) -> bool:
        return self._erased

    def get(self, default: D) -> T | D:
        """The clear value, or `default` once the member is erased."""
        return default if self._erased else self.value

    def __repr__(self) -> str:
        return "Sealed(…)"  # never the value: facts end up in logs and tracebacks

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sealed):
            return NotImplemented
        mine = (self._erased, self._box, None if self._erased or self._box else self._value)
        theirs = (other._erased, other._box, None if other._erased or other._box else other._value)
        return mine == theirs

    def __hash__(self) -> int:
        return hash((self._erased, self._box))


def lock(plain: bytes, cipher: Cipher, aad: bytes) -> str:
    """Encrypt with a random nonce. Returns the box: a prefix and base64 of nonce, ciphertext and tag."""
    nonce = os.urandom(NONCE_BYTES)
    return PREFIX + base64.b64encode(nonce + cipher.encrypt(nonce, plain, aad)).decode("ascii")


def unlock(box: str, cipher: Cipher, aad: bytes) -> bytes:
    """Decrypt a box. Raises `BadBox` when it is damaged or was made for another place."""
    if not box.startswith(PREFIX):
        raise BadBox
    try:
        blob = base64.b64decode(box[len(PREFIX) :], validate=True)
        return cipher.decrypt(blob[:NONCE_BYTES], blob[NONCE_BYTES:], aad)
    except (binascii.Error, ValueError) as damaged:
        raise BadBox from damaged
    except (
        Exception
    ) as refused:  # cryptography's InvalidTag; named loosely so that this library needs no crypto package
        raise BadBox from refused


def aad(event_id: str, event_type: str, field: str) -> bytes:
    """What binds a box to its place: a box moved to another event, type or field does not open."""
    return f"{event_id}|{event_type}|{field}".encode()


def wire_hook(value: Any) -> str:
    """msgspec `enc_hook`: a sealed field is written as its box; NotImplementedError is msgspec's word for the rest."""
    if isinstance(value, Sealed):
        return value.box
    raise NotImplementedError(f"{type(value).__name__} is not a wire type")


def memory_hook(kind: type, value: Any) -> Any:
    """msgspec `dec_hook`: a box becomes a sealed field; NotImplementedError is msgspec's word for the rest."""
    if getattr(kind, "__origin__", kind) is Sealed and isinstance(value, str):
        return Sealed.boxed(value)
    raise NotImplementedError(f"{kind} is not a wire type")
