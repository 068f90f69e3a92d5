"""The rules a single string, number or list may break; each says whether the schema or only the reference has it."""

import re
from collections.abc import Callable
from enum import Enum
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import regex


class Kind(Enum):
    """Who forbids it: LINE's OpenAPI file, LINE's reference (both answer 400), or only our own checklist."""

    SCHEMA = "schema"
    LIMIT = "limit"
    HABIT = "habit"


class Rule(NamedTuple):
    kind: Kind
    breaks: Callable[[Any], bool]
    message: str


_GRAPHEME = regex.compile(r"\X")


def utf16_units(text: str) -> int:
    """Length as LINE counts message text: an emoji outside the basic plane counts two."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def grapheme_count(text: str) -> int:
    """Length as LINE counts labels: what a reader sees as one character counts one."""
    return len(text) if text.isascii() else sum(1 for _ in _GRAPHEME.finditer(text))


filled = Rule(Kind.LIMIT, lambda text: not text, "May not be empty")


def utf16(most: int) -> Rule:
    return Rule(Kind.LIMIT, lambda text: utf16_units(text) > most, f"Length must be between 0 and {most}")


def graphemes(most: int) -> Rule:
    return Rule(Kind.LIMIT, lambda text: grapheme_count(text) > most, f"Length must be between 0 and {most}")


def code_points(least: int, most: int) -> Rule:
    """The schema's own length: JSON Schema counts code points."""
    return Rule(Kind.SCHEMA, lambda text: not least <= len(text) <= most, f"Length must be between {least} and {most}")


def enum(*values: str) -> Rule:
    return Rule(Kind.SCHEMA, lambda text: text not in values, f"Must be one of the following values: {list(values)}")


def word(*values: str) -> Rule:
    """Like `enum`, for values that only the reference lists."""
    return enum(*values)._replace(kind=Kind.LIMIT)


def matching(pattern: str, message: str, kind: Kind = Kind.LIMIT) -> Rule:
    compiled = re.compile(pattern)
    return Rule(kind, lambda text: compiled.fullmatch(text) is None, message)


def size(least: int, most: int, kind: Kind = Kind.LIMIT) -> Rule:
    return Rule(kind, lambda items: not least <= len(items) <= most, f"Size must be between {least} and {most}")


def between(least: float, most: float, kind: Kind = Kind.LIMIT) -> Rule:
    return Rule(kind, lambda value: not least <= value <= most, f"Must be between {least} and {most}")


def multiple_of(step: int) -> Rule:
    return Rule(Kind.LIMIT, lambda value: value % step != 0, f"Must be a multiple of {step}")


def _is_url(text: str, schemes: tuple[str, ...]) -> bool:
    if not text.isascii() or any(character.isspace() for character in text):
        return False  # LINE wants everything else percent-encoded
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme.lower() in schemes and bool(parts.netloc or parts.path)


https = Rule(Kind.LIMIT, lambda text: not _is_url(text, ("https",)), "Must be a valid HTTPS URL")
link = Rule(Kind.LIMIT, lambda text: not _is_url(text, ("http", "https", "line", "tel")), "Invalid URI scheme")

HTTPS_URL = (https, utf16(2000))
