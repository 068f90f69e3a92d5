"""What a backup consists of. The manifest is written last: a backup without one does not exist."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any, Final, Literal

import msgspec

FORMAT: Final = 1
FILE: Final = "manifest.json"
SUFFIX: Final = ".age"
POSTGRES: Final = "postgres"
KEYS: Final = "KV_keys"
_NAME: Final = "%Y%m%dT%H%M%SZ"
_LOOKS_LIKE_ONE: Final = re.compile(r"\d{8}T\d{6}Z")

Kind = Literal["everything", "keys"]


class Unreadable(ValueError):
    """A manifest that this release cannot read."""


class StreamCopy(msgspec.Struct, frozen=True, kw_only=True):
    """One stream: counts for people, and configuration and state as the server wants them back."""

    first: int
    last: int
    messages: int
    consumers: int
    config: dict[str, Any]
    state: dict[str, Any]


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One encrypted file of a backup."""

    name: str
    bytes: int
    sha256: str
    """Of the file as it is stored, so that it can be checked by who cannot read it."""
    plain_bytes: int
    stream: StreamCopy | None = None
    rows: dict[str, int] | None = None
    """PostgreSQL's tables, `schema.table`, in the very snapshot that was dumped."""

    @property
    def file(self) -> str:
        """The file's name in its backup."""
        return self.name + SUFFIX


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """A whole backup."""

    format: int = FORMAT
    name: str
    kind: Kind
    release: str
    began_at: datetime
    ended_at: datetime
    parts: tuple[Part, ...]

    @property
    def bytes(self) -> int:
        """Of all parts, as stored."""
        return sum(part.bytes for part in self.parts)

    @property
    def streams(self) -> tuple[Part, ...]:
        """The parts that are streams, in their order."""
        return tuple(part for part in self.parts if part.stream is not None)

    @property
    def database(self) -> Part | None:
        """The part that is PostgreSQL's, if there is one."""
        return next((part for part in self.parts if part.name == POSTGRES), None)


def name_of(began_at: datetime) -> str:
    """The name of a backup that began then: names in their order are backups in their order."""
    return began_at.astimezone(UTC).strftime(_NAME)


def time_of(name: str) -> datetime:
    """When the backup of that name began. ValueError when it is no name of a backup."""
    if not _LOOKS_LIKE_ONE.fullmatch(name):
        raise ValueError(f"{name!r} is not the name of a backup, such as 20261121T021700Z")
    return datetime.strptime(name, _NAME).replace(tzinfo=UTC)


def encode(manifest: Manifest) -> bytes:
    """As it is stored: for programs, and readable by people."""
    return msgspec.json.format(msgspec.json.encode(manifest), indent=2)


def decode(data: bytes) -> Manifest:
    """Raises `Unreadable`."""
    try:
        head = msgspec.json.decode(data, type=_Head)
        if head.format != FORMAT:
            raise Unreadable(f"format {head.format}, and this release reads format {FORMAT}")
        return msgspec.json.decode(data, type=Manifest)
    except msgspec.MsgspecError as broken:
        raise Unreadable("it is no manifest") from broken


class _Head(msgspec.Struct, frozen=True):
    """What every format has."""

    format: int
