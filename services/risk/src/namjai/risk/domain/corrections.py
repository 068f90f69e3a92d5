"""Clinicians' corrections as a labelled set: what a message should have been called, by the last who said so."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

import msgspec

from namjai.events import Envelope, Fact, Stored
from namjai.events.alert import AlertCorrected
from namjai.events.risk import Category, Level
from namjai.risk.domain.words import Worded, is_gone, said

PSEUDONYM_CHARS: Final = 12


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the set. `text` and `level` are what the evaluation reads."""

    text: str
    level: Level
    category: Category
    was: Level
    at: datetime
    alert: str
    by_hash: str
    """The same for the same person within one file, and good for nothing else."""


def last_words(stored: Iterable[Stored[Fact]]) -> dict[str, dict[str, Envelope[AlertCorrected]]]:
    """By member and message, the correction that counts: the last one."""
    found: dict[str, dict[str, Envelope[AlertCorrected]]] = {}
    for each in sorted(stored, key=lambda each: each.sequence):
        fact = each.event.data
        if isinstance(fact, AlertCorrected):
            found.setdefault(each.event.subject, {})[fact.message] = each.event  # type: ignore[assignment]  # narrowed
    return found


def row(correction: Envelope[AlertCorrected], words: str, key: bytes) -> Row:
    """The line of one corrected message; `key` is made anew for each file."""
    fact = correction.data
    return Row(
        text=words,
        level=fact.level,
        category=fact.category,
        was=fact.was,
        at=correction.time,
        alert=fact.alert,
        by_hash=hmac.new(key, fact.by.encode(), hashlib.sha256).hexdigest()[:PSEUDONYM_CHARS],
    )


def words_in(event: Envelope[Fact]) -> str | None:
    """What a person wrote or said; None where nobody can read it any more, or where it holds no words of theirs."""
    fact = event.data
    return said(fact) if isinstance(fact, Worded) and not is_gone(fact) else None


def pick(stored: Iterable[Stored[Fact]], wanted: Mapping[str, object]) -> dict[str, Envelope[Fact]]:
    """Events of these ids."""
    return {each.event.id: each.event for each in stored if each.event.id in wanted}
