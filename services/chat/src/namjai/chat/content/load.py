"""Reads a content file that ships inside the package into the type it must have."""

from __future__ import annotations

from importlib import resources
from typing import Final, Literal, TypeVar, get_args

import msgspec

Language = Literal["th", "en", "zh-TW"]
"""A language in which everything is said: every text, of every skill and of every danger, exists in it."""
LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)

UiLanguage = Literal["th", "en", "zh-TW", "ja", "ko", "vi", "id", "es", "fr"]
"""A language a person can be greeted and find their way in; beyond `Language`, the rest is said in English."""
UI_LANGUAGES: Final[tuple[UiLanguage, ...]] = get_args(UiLanguage)


def in_full(language: UiLanguage) -> Language:
    """The language in which everything can be said to somebody who speaks `language`."""
    return next((full for full in LANGUAGES if full == language), "en")


Status = Literal["draft", "reviewed", "retired"]
T = TypeVar("T")


class Meta(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a text stands: `draft` until a named clinician has reviewed that version of it."""

    status: Status
    author: str
    version: int


def load(package: str, name: str, kind: type[T]) -> T:
    """Decode one YAML file of `package`; a missing or unknown key is an error at start, not in a conversation."""
    return msgspec.yaml.decode(resources.files(package).joinpath(name).read_bytes(), type=kind)
