"""What became of one call: the small sum type that every channel's errors are translated into at the edge."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """`request_id` is LINE's own name for the call, the only thing its support can look up."""

    request_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class Accepted(Outcome):
    """Taken. A body that cannot be read changes nothing about that."""


@dataclass(frozen=True, kw_only=True)
class AlreadyAccepted(Outcome):
    """409: an earlier call with this retry key was taken, so this one was not needed."""


@dataclass(frozen=True, kw_only=True)
class TokenInvalid(Outcome):
    """The reply token is used, too old, or was never good; LINE does not say which."""


@dataclass(frozen=True, kw_only=True)
class RateLimited(Outcome):
    """Too many calls just now; waiting helps."""


@dataclass(frozen=True, kw_only=True)
class QuotaExhausted(Outcome):
    """This month's push messages are used up; waiting does not help."""


@dataclass(frozen=True, kw_only=True)
class Unauthorised(Outcome):
    """The channel access token is refused, and a new one could not be had."""


@dataclass(frozen=True, kw_only=True)
class Refused(Outcome):
    """A 4xx: the same call would be refused again. `kind` is one word for it, never the vendor's sentence."""

    status: int
    kind: str


@dataclass(frozen=True, kw_only=True)
class Ambiguous(Outcome):
    """A time-out, a 5xx or a broken connection: it may have been taken, and nobody can tell."""

    reason: str
    status: int | None = None


@dataclass(frozen=True, kw_only=True)
class Unsent(Outcome):
    """It never left us: no connection was made, or our own limits held it back."""

    reason: str


Taken = Accepted | AlreadyAccepted
