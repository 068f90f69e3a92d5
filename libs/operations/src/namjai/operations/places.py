"""The places of backups as the settings name them, and what is in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from namjai.operations.adapters.store import ObjectStore
from namjai.operations.domain import manifest
from namjai.operations.domain.manifest import Kind, Manifest
from namjai.operations.ports import Damaged, Refused, Store
from namjai.operations.settings import OperationsSettings

LATEST: Final = "latest"
MANIFEST_BYTES_MAX: Final = 16 * 1024**2


@dataclass(frozen=True)
class Places:
    """The store of everything but the keys, and the one of the keys."""

    everything: Store
    keys: Store

    @classmethod
    def of(cls, settings: OperationsSettings) -> Places:
        """Raises `Refused` when they are not named, or are the same."""
        if settings.backup_place is None or settings.backup_keys_place is None:
            raise Refused("say where backups are: NAMJAI_BACKUP_PLACE and NAMJAI_BACKUP_KEYS_PLACE")
        if settings.backup_place == settings.backup_keys_place:
            raise Refused("keys are kept apart from what they open: give NAMJAI_BACKUP_KEYS_PLACE a place of its own")
        return cls(
            ObjectStore(settings.backup_place, settings), ObjectStore(settings.backup_keys_place, settings, keys=True)
        )

    def of_kind(self, kind: Kind) -> Store:
        """Where backups of this kind are."""
        return self.keys if kind == "keys" else self.everything


async def found(store: Store) -> list[Manifest]:
    """All complete backups in a place, the oldest first."""
    complete = []
    for folder in await folders(store):
        try:
            complete.append(await load(store, folder))
        except FileNotFoundError:
            continue  # one that was broken off, or is being written
    return complete


async def folders(store: Store) -> list[str]:
    """Every folder that a backup has made, complete or not, the oldest first."""
    named = []
    for folder in await store.folders():
        try:
            manifest.time_of(folder)
        except ValueError:
            continue  # somebody else's
        named.append(folder)
    return named


async def load(store: Store, name: str) -> Manifest:
    """The manifest of one backup. FileNotFoundError when it has none; `Damaged` when it cannot be read."""
    data = bytearray()
    async for piece in store.get(f"{name}/{manifest.FILE}"):
        data += piece
        if len(data) > MANIFEST_BYTES_MAX:
            raise Damaged(f"the manifest of {name} is too large to be one")
    try:
        return manifest.decode(bytes(data))
    except manifest.Unreadable as unreadable:
        raise Damaged(f"the manifest of {name} cannot be read: {unreadable}") from None


async def choose(store: Store, wanted: str) -> Manifest:
    """The backup of that name, or the newest. Raises `Refused` when there is none."""
    if wanted != LATEST:
        try:
            manifest.time_of(wanted)
            return await load(store, wanted)
        except (ValueError, FileNotFoundError):
            raise Refused(f"{store.address} has no complete backup {wanted!r}; `backups` lists what there is") from None
    for name in reversed(await folders(store)):
        try:
            return await load(store, name)
        except FileNotFoundError:
            continue
    raise Refused(f"{store.address} has no complete backup")
