"""Reads an e-mail address that somebody typed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from email_validator import EmailNotValidError, validate_email

TYPED_CHARS_MAX: Final = 320
_LOOKS_LIKE_ONE: Final = re.compile(r"[^\s<>()\[\],;:，。、：；]+[@＠][^\s<>()\[\],;:，。、：；]+")
_SHOWN_LETTERS: Final = 1


@dataclass(frozen=True)
class MailAddress:
    """An address that could exist. Its parts are never in our logs."""

    whole: str
    domain: str
    """As DNS knows it."""

    @property
    def masked(self) -> str:
        """Enough to recognise one's own, in a chat that others may look at.

        >>> MailAddress("somchai@example.org", "example.org").masked
        's***@example.org'
        """
        local, _, domain = self.whole.rpartition("@")
        return f"{local[:_SHOWN_LETTERS]}***@{domain}"


def is_attempt(said: str) -> bool:
    """Whether somebody meant to type an address."""
    return "@" in said or "＠" in said


def read(said: str) -> MailAddress | None:
    """The address in what somebody typed; None where none could be one."""
    found = _LOOKS_LIKE_ONE.search(said[:TYPED_CHARS_MAX])
    if found is None:
        return None
    try:
        valid = validate_email(
            found.group().replace("＠", "@").strip(".'\"<>"),
            check_deliverability=False,
            allow_smtputf8=False,  # many servers know no other letters before the "@"
        )
    except EmailNotValidError:
        return None
    return MailAddress(valid.ascii_email or valid.normalized, valid.ascii_domain or valid.domain)
