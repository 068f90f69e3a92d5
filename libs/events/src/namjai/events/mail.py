"""E-mail to a person or to somebody they chose: asked for by chat, sent by notify, once."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Literal

from namjai.events.envelope import Fact
from namjai.events.sealed import Sealed


class MailRequested(Fact, frozen=True, kw_only=True):
    """Send this. The words are complete: notify adds nothing but the envelope."""

    TYPE: ClassVar[str] = "mail.requested.v1"
    kind: Literal["leaflet", "plan", "code"]
    to: Sealed[str]
    subject: Sealed[str]
    text: Sealed[str]
    html: Sealed[str] | None = None
    language: str
    until: datetime
    """After this it is not worth sending any more: a one-time code expires."""


class MailSent(Fact, frozen=True, kw_only=True):
    """The mail server took it."""

    TYPE: ClassVar[str] = "mail.sent.v1"
    request: str
    kind: str


class MailFailed(Fact, frozen=True, kw_only=True):
    """It was not sent, and will not be: the person is told."""

    TYPE: ClassVar[str] = "mail.failed.v1"
    request: str
    kind: str
    reason: Literal["refused", "unreachable", "expired", "address", "off"]


FACTS = (MailRequested, MailSent, MailFailed)
