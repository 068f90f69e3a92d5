"""One-time codes follow from the asking, and outlive a change of the master key."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from namjai.chat.adapters.codes import Codes

OLD, NEW = b"o" * 32, b"n" * 32
NOWHERE: Any = None
"""A one-time code is stored nowhere, and counted by nobody but its conversation."""


def codes(*masters: bytes) -> Codes:
    """Codes under this ring of master keys."""
    return Codes(NOWHERE, masters, NOWHERE, lambda: datetime(2026, 3, 4, tzinfo=UTC))


def test_the_same_asking_has_the_same_code_and_another_asking_another() -> None:
    ring = codes(OLD)
    assert ring.otp("ABCD2345", "seed") == ring.otp("ABCD2345", "seed")
    assert len({ring.otp("ABCD2345", f"seed {n}") for n in range(100)}) > 95


def test_a_code_that_was_mailed_before_the_master_key_changed_is_taken_after_it() -> None:
    mailed = codes(OLD).otp("ABCD2345", "seed")
    assert codes(NEW, OLD).is_otp(mailed, "ABCD2345", "seed")
    assert not codes(NEW).is_otp(mailed, "ABCD2345", "seed")
    assert not codes(NEW, OLD).is_otp(mailed, "ABCD2345", "another seed")
