"""Envelope to bytes and back; sealing and opening of personal fields."""

from __future__ import annotations

import functools
import types
import typing
from typing import Any, Final, TypeVar

import msgspec

from namjai.events.catalogue import CATALOGUE, Catalogue
from namjai.events.envelope import Envelope, Fact
from namjai.events.sealed import Cipher, Sealed, aad, lock, memory_hook, unlock, wire_hook

P = TypeVar("P", bound=Fact)


class Malformed(Exception):
    """The bytes are not an envelope of the type they claim to be."""


_ENCODER: Final = msgspec.json.Encoder(enc_hook=wire_hook)
_PLAIN: Final = msgspec.json.Encoder()


class _Header(msgspec.Struct, frozen=True, kw_only=True):
    """The envelope with its data untouched: the type must be known before the data can be read."""

    id: str
    source: str
    type: str
    subject: str
    time: Any
    correlationid: str
    data: msgspec.Raw


_HEADER: Final = msgspec.json.Decoder(_Header)


@functools.cache
def _decoder(fact: type[Fact]) -> msgspec.json.Decoder[Envelope[Fact]]:
    return msgspec.json.Decoder(Envelope[fact], dec_hook=memory_hook)  # type: ignore[valid-type]


@functools.cache
def sealed_fields(fact: type[Fact]) -> dict[str, msgspec.json.Decoder[Any]]:
    """The personal fields of a fact and what reads each once it is unlocked."""
    found: dict[str, msgspec.json.Decoder[Any]] = {}
    for name, hint in typing.get_type_hints(fact).items():
        options = typing.get_args(hint) if typing.get_origin(hint) in (typing.Union, types.UnionType) else (hint,)
        for option in options:
            if typing.get_origin(option) is Sealed:
                found[name] = msgspec.json.Decoder(typing.get_args(option)[0])
    return found


def encode(envelope: Envelope[Fact]) -> bytes:
    """Structured CloudEvents JSON. Raises `ClearText` when a personal field was not sealed."""
    return _ENCODER.encode(envelope)


def decode(data: bytes, catalogue: Catalogue = CATALOGUE) -> Envelope[Fact]:
    """Read an envelope; its personal fields stay boxed. Raises `Malformed` or `UnknownType`."""
    try:
        header = _HEADER.decode(data)
        reader = catalogue.reader(header.type)
        envelope = _decoder(reader).decode(data)
    except msgspec.MsgspecError as error:
        raise Malformed from error
    if header.type in catalogue.upcasts:
        envelope = _replace(envelope, catalogue.modernise(envelope.data))
    return envelope


def peek_type(data: bytes) -> str:
    """The type of an envelope whose data may be unknown to us. Raises `Malformed`."""
    try:
        return _HEADER.decode(data).type
    except msgspec.MsgspecError as error:
        raise Malformed from error


def seal(envelope: Envelope[P], cipher: Cipher) -> Envelope[P]:
    """Lock every personal field with the member's data key."""
    fact = envelope.data
    changed: dict[str, Any] = {}
    for name in sealed_fields(type(fact)):
        field = getattr(fact, name)
        if field is not None and not field.is_boxed:
            plain = _PLAIN.encode(field.value)
            changed[name] = Sealed.boxed(lock(plain, cipher, aad(envelope.id, fact.TYPE, name)))
    return _replace(envelope, msgspec.structs.replace(fact, **changed)) if changed else envelope


def unseal(envelope: Envelope[P], cipher: Cipher | None) -> Envelope[P]:
    """Open every personal field; without a key (destroyed) each becomes erased. Raises `BadBox`."""
    fact = envelope.data
    changed: dict[str, Any] = {}
    for name, reader in sealed_fields(type(fact)).items():
        field = getattr(fact, name)
        if field is not None and field.is_boxed:
            changed[name] = (
                Sealed.erased()
                if cipher is None
                else Sealed(reader.decode(unlock(field.box, cipher, aad(envelope.id, envelope.type, name))))
            )
    return _replace(envelope, msgspec.structs.replace(fact, **changed)) if changed else envelope


def has_personal(fact: type[Fact]) -> bool:
    """Whether a fact of this type needs its member's key."""
    return bool(sealed_fields(fact))


def _replace(envelope: Envelope[Any], data: Fact) -> Envelope[Any]:
    # The type stays as written: it is part of what a box is bound to.
    return msgspec.structs.replace(envelope, data=data)
