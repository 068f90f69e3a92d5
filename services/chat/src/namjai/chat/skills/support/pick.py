"""Chooses among equal words: always the same for the same seed, so that a turn composed again is the same."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import TypeVar

T = TypeVar("T")


def pick(options: Sequence[T], seed: str) -> T:
    """One of them. `seed` is the id of the causing event."""
    return options[int.from_bytes(sha256(seed.encode()).digest()[:8]) % len(options)]
