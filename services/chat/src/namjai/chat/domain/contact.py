"""Reads the one whom a person trusts out of one message: a name with a telephone number, an e-mail address, or both."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

NAME_CHARS_MAX: Final = 60
MESSAGE_CHARS_MAX: Final = 200
PHONE_DIGITS_MIN: Final = 8
PHONE_DIGITS_MAX: Final = 15
"""E.164."""
EMAIL_CHARS_MAX: Final = 254

_EMAIL: Final = re.compile(r"[\w.+-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}", re.ASCII | re.IGNORECASE)
_PHONE: Final = re.compile(r"\+?\d(?:[\s().-]{0,3}\d)*")
_LABELS: Final = re.compile(
    r"\b(?:tel|phone|mobile|mail|e-mail|email|name|call)\b[.:]?|เบอร์โทรศัพท์|เบอร์โทร|เบอร์|โทรศัพท์|โทร|อีเมล|ชื่อ|電話|手機|信箱|電子郵件|名字",
    re.IGNORECASE,
)
_EDGES: Final = " \t\n,.;:/|()-–—、，。；：'\""


@dataclass(frozen=True, repr=False)
class Contact:
    """Somebody the person trusts, as they gave them. No `repr`: it would end up in a traceback."""

    name: str
    telephone: str | None = None
    email: str | None = None

    @property
    def shown(self) -> str:
        """The person's own words back to them."""
        return " · ".join(part for part in (self.name, self.telephone, self.email) if part)


def parse(said: str) -> Contact | None:
    """The contact in a message; None unless there is a name, and one way to reach it of each kind at most."""
    if len(said) > MESSAGE_CHARS_MAX:
        return None
    words = unicodedata.normalize("NFKC", said)
    emails = _EMAIL.findall(words)
    words = _EMAIL.sub(" ", words).replace("(0)", " ")  # "+66 (0)81…": dialled only inside the country
    phones = _PHONE.findall(words)
    name = " ".join(_LABELS.sub(" ", _PHONE.sub(" ", words)).split()).strip(_EDGES)
    if len(emails) > 1 or len(phones) > 1 or not (emails or phones) or "@" in name:
        return None
    if not 0 < len(name) <= NAME_CHARS_MAX or not any(character.isalpha() for character in name):
        return None
    telephone = _number(phones[0]) if phones else None
    if (phones and telephone is None) or any(len(email) > EMAIL_CHARS_MAX for email in emails):
        return None
    return Contact(name, telephone, emails[0].lower() if emails else None)


def looks_like_one(said: str) -> bool:
    """Whether somebody seems to have tried: then they are told what could not be read."""
    return "@" in said or sum(character.isdigit() for character in said) >= PHONE_DIGITS_MIN // 2


def _number(phone: str) -> str | None:
    digits = "".join(str(unicodedata.digit(character)) for character in phone if character.isdigit())
    if not PHONE_DIGITS_MIN <= len(digits) <= PHONE_DIGITS_MAX:
        return None
    return f"+{digits}" if phone.startswith("+") else digits
