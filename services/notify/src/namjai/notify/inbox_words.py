"""What is asked of the alert inbox, and answered: the words of `api.notify.alerts.*` beside the commands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Final

import msgspec

from namjai.events.risk import Level
from namjai.notify.domain.sla import Figures
from namjai.notify.domain.view import AlertView

LISTED_MAX: Final = 500


class ListRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which alerts; the most urgent come first."""

    state: str = "open"
    """`open`, `all`, or one status."""
    level: Level | None = None
    """This level and above."""
    owner: str | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=LISTED_MAX)] = 100


class ListAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The alerts, and how many there are in all."""

    alerts: Sequence[AlertView]
    total: int


class SlaRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Alerts of the last days."""

    days: Annotated[float, msgspec.Meta(gt=0, le=366)] = 30.0


class SlaAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Waiting times by level."""

    days: float
    levels: Sequence[Figures]


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the alert's own history."""

    at: datetime
    what: str
    who: str | None
    via: str | None
    detail: str


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the conversation; None where it cannot be read any more."""

    at: datetime
    from_person: bool
    text: str | None
    event: str


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """One verdict of the last days."""

    at: datetime
    message: str
    level: str
    category: str
    policy: str


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """Why the screener spoke: the words, which rule, and how they were read."""

    rule: str
    level: str
    category: str
    start: int
    """Where in the message, in code points; `end` is the first one after it."""
    end: int
    words: str | None
    readings: Sequence[str]


class Contact(msgspec.Struct, frozen=True, kw_only=True):
    """Whom the person named, and whether they may be told."""

    name: str | None
    telephone: str | None
    email: str | None
    consent: bool


class Dossier(msgspec.Struct, frozen=True, kw_only=True):
    """An alert with what was said and found."""

    alert: AlertView
    assessment: str | None
    """Id of the verdict, for `api.risk.explain`."""
    message: Line | None
    """The words that raised it; None when it was not a message, or is too long ago."""
    evidence: Sequence[Evidence]
    history: Sequence[Step]
    conversation: Sequence[Line]
    trend: Sequence[Verdict]
    instruments: Sequence[Mapping[str, Any]]
    checkins: Sequence[Mapping[str, Any]]
    contact: Contact | None
