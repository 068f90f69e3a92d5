"""Registration codes: how they look, how they are read from what people type, and how long wrong ones lock."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime, timedelta
from typing import Final

ALPHABET: Final = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
"""Without I, L, O, 0 and 1, which look alike on paper."""
CODE_CHARS: Final = (6, 8)
TRIES_MAX: Final = 5
LOCK_FIRST: Final = timedelta(minutes=15)
LOCK_MAX: Final = timedelta(hours=24)
OTP_DIGITS: Final = 6
OTP_TRIES_MAX: Final = 3
OTP_LIFE: Final = timedelta(minutes=10)
_BETWEEN: Final = re.compile(r"[\s\-‐-―._]+")
_OTP: Final = re.compile(rf"(?<!\d)\d{{{OTP_DIGITS}}}(?!\d)")


def code_in(said: str) -> str | None:
    """The code in a typed message, in its normal form; None where the message is no code.

    >>> code_in("abcd-2345 ")
    'ABCD2345'
    """
    code = _BETWEEN.sub("", unicodedata.normalize("NFKC", said)).upper()
    fits = CODE_CHARS[0] <= len(code) <= CODE_CHARS[1] and set(code) <= set(ALPHABET)
    return code if fits else None


def otp_in(said: str) -> str | None:
    """The one-time code in a typed message, in any script's digits."""
    plain = "".join(str(unicodedata.digit(char, char)) for char in unicodedata.normalize("NFKC", said))
    found = _OTP.findall(plain)
    return found[0] if len(found) == 1 else None


def locked_until(tries: int, now: datetime) -> datetime | None:
    """Until when nobody may try again after `tries` wrong codes in a row: each further one doubles the time."""
    if tries < TRIES_MAX:
        return None
    doublings = min(tries - TRIES_MAX, 10)
    return now + min(LOCK_MAX, LOCK_FIRST * (1 << doublings))


def shown(code: str) -> str:
    """A code as it is written down: two halves."""
    half = len(code) // 2
    return f"{code[:half]}-{code[half:]}"
