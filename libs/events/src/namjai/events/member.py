"""Who a person is to us, and what they allow."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Literal

from namjai.events.envelope import Fact
from namjai.events.sealed import Sealed


class MemberFollowed(Fact, frozen=True, kw_only=True):
    """Added us as a friend, or unblocked us (LINE's flag is not fully accurate)."""

    TYPE: ClassVar[str] = "member.followed.v1"
    webhook_event_id: str
    mode: str
    sent_at: datetime
    received_at: datetime
    unblocked: bool = False
    redelivered: bool = False
    sender: Sealed[str]
    reply_token: Sealed[str] | None = None


class MemberUnfollowed(Fact, frozen=True, kw_only=True):
    """Blocked us: nothing more can be delivered."""

    TYPE: ClassVar[str] = "member.unfollowed.v1"
    webhook_event_id: str
    received_at: datetime


class MemberConsented(Fact, frozen=True, kw_only=True):
    """Agreed to, or withdrew from, one purpose; `text_version` is what they were shown."""

    TYPE: ClassVar[str] = "member.consented.v1"
    purpose: str
    granted: bool
    text_version: str


class LanguageChosen(Fact, frozen=True, kw_only=True):
    """The person's own choice, stronger than any detection."""

    TYPE: ClassVar[str] = "member.language_chosen.v1"
    language: str


class MemberPaused(Fact, frozen=True, kw_only=True):
    """Asked us to stop writing; screening and crisis help go on."""

    TYPE: ClassVar[str] = "member.paused.v1"


class MemberResumed(Fact, frozen=True, kw_only=True):
    """Asked us to start again."""

    TYPE: ClassVar[str] = "member.resumed.v1"


class ContactNamed(Fact, frozen=True, kw_only=True):
    """Somebody the person trusts, as they gave them; told only by consent or by the clinic's policy."""

    TYPE: ClassVar[str] = "member.contact_named.v1"
    name: Sealed[str]
    telephone: Sealed[str] | None = None
    email: Sealed[str] | None = None


class MemberRegistered(Fact, frozen=True, kw_only=True):
    """A code from the clinic was redeemed: the clinic knows whose conversation this is."""

    TYPE: ClassVar[str] = "member.registered.v1"
    code: str
    """Id of the code, never the code."""
    method: Literal["code", "code_email"]
    patient: Sealed[str] | None = None
    """The clinic's own reference, as it was given when the code was made."""


class RegistrationFailed(Fact, frozen=True, kw_only=True):
    """A wrong, used or expired code; many of them lock for a while."""

    TYPE: ClassVar[str] = "member.registration_failed.v1"
    reason: Literal["unknown", "used", "expired", "wrong_otp", "locked"]
    tries: int
    locked_until: datetime | None = None


class ErasureRequested(Fact, frozen=True, kw_only=True):
    """Asked to be forgotten, and confirmed it; `sender` is the LINE id whose identity record goes too."""

    TYPE: ClassVar[str] = "member.erasure_requested.v1"
    sender: Sealed[str] | None = None


class MemberErased(Fact, frozen=True, kw_only=True):
    """The data key is destroyed: the receipt of an erasure."""

    TYPE: ClassVar[str] = "member.erased.v1"
    receipt: str


FACTS = (
    MemberFollowed,
    MemberUnfollowed,
    MemberConsented,
    LanguageChosen,
    MemberPaused,
    MemberResumed,
    ContactNamed,
    MemberRegistered,
    RegistrationFailed,
    ErasureRequested,
    MemberErased,
)
