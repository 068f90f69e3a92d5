"""The envelope every fact travels in: CloudEvents 1.0, structured JSON."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any, ClassVar, Final, Generic, Literal, TypeVar

import msgspec

NAMESPACE: Final = uuid.UUID("6e616d6a-6169-4000-8000-000000000001")


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened. A subclass is one version of one type; `TYPE` is `area.fact.vN`."""

    TYPE: ClassVar[str]


P = TypeVar("P", bound=Fact, covariant=True)
F = TypeVar("F", bound=Fact)


class Envelope(msgspec.Struct, Generic[P], frozen=True, kw_only=True):
    """One event of the log.

    `subject` is the member id; `correlationid` is the id of the event that began it all, `causationid` of the one
    that led here.
    """

    id: str
    source: str
    type: str
    subject: str
    time: datetime
    correlationid: str
    causationid: str | None = None
    traceparent: str | None = None
    specversion: Literal["1.0"] = "1.0"
    datacontenttype: Literal["application/json"] = "application/json"
    data: P


class Stored(msgspec.Struct, Generic[P], frozen=True):
    """An envelope with its place in the log."""

    sequence: int
    event: Envelope[P]


def derive_id(source: str, cause: str, n: int) -> str:
    """The id of the n-th fact that `source` draws from `cause`: the same cause always gives the same id."""
    return str(uuid.uuid5(NAMESPACE, f"{source}|{cause}|{n}"))


def follow(
    cause: Envelope[Any], fact: F, *, source: str, n: int, time: datetime, traceparent: str | None = None
) -> Envelope[F]:
    """Wrap a fact that follows from `cause`, about the same member."""
    return Envelope(
        id=derive_id(source, cause.id, n),
        source=source,
        type=fact.TYPE,
        subject=cause.subject,
        time=time,
        correlationid=cause.correlationid,
        causationid=cause.id,
        traceparent=traceparent or cause.traceparent,
        data=fact,
    )


def begin(
    fact: F, *, source: str, cause: str, member: str, time: datetime, n: int = 0, traceparent: str | None = None
) -> Envelope[F]:
    """Wrap a fact that starts a story; `cause` is an outside id (LINE's webhookEventId, a timer's name)."""
    identity = derive_id(source, cause, n)
    return Envelope(
        id=identity,
        source=source,
        type=fact.TYPE,
        subject=member,
        time=time,
        correlationid=identity,
        traceparent=traceparent,
        data=fact,
    )
