"""What is asked of risk and what it answers, as others see it: nothing here needs the rules."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from namjai.events.risk import Category, Level

DOCUMENT_CHARS_MAX = 64 * 1024
TEXT_CHARS_MAX = 20_000
Name = Annotated[str, Meta(min_length=1, max_length=100)]


class Publish(msgspec.Struct, frozen=True, kw_only=True):
    """A policy document, as YAML."""

    document: Annotated[str, Meta(min_length=1, max_length=DOCUMENT_CHARS_MAX)]
    by: Name


class Activate(msgspec.Struct, frozen=True, kw_only=True):
    """`shipped`, a name (its newest document), or `name@hash` (that very one)."""

    name: Name
    by: Name


class Everything(msgspec.Struct, frozen=True, kw_only=True):
    """Nothing is asked for; an empty body will do."""


class Show(msgspec.Struct, frozen=True, kw_only=True):
    """A name or `name@hash`."""

    name: Name


class Explain(msgspec.Struct, frozen=True, kw_only=True):
    """The id of a verdict or of the message that was judged, and whose it is."""

    member: Name
    id: Name


class Screen(msgspec.Struct, frozen=True, kw_only=True):
    """Words that a person is about to read, such as a model's answer."""

    text: Annotated[str, Meta(max_length=TEXT_CHARS_MAX)]
    language: str | None = None
    """Taken for the day when rules need it: today every rule reads every text."""


class Screened(msgspec.Struct, frozen=True, kw_only=True):
    """What the words say by themselves, and the policy that judged."""

    level: Level
    category: Category
    version: str


class Published(msgspec.Struct, frozen=True, kw_only=True):
    """A policy that may be activated."""

    id: str
    reference: str
    name: str
    document: str
    by: str
    at: datetime


class Active(msgspec.Struct, frozen=True, kw_only=True):
    """What was activated last. `published` is None for what is shipped."""

    id: str
    sequence: int
    name: str
    published: str | None
    by: str
    at: datetime


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """A published policy without its document."""

    reference: str
    name: str
    note: str
    by: str
    at: datetime
    active: bool


class Policies(msgspec.Struct, frozen=True, kw_only=True):
    """All policies, the newest first, and what judges now."""

    in_force: str
    """The version that this replica judges by."""
    shipped: str
    active: Active | None
    policies: tuple[Listed, ...]
