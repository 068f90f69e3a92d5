"""Decides the next step of a delivery: reply, push, wait, done, or give up (ADR-4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from namjai.notify.domain.outcome import (
    Accepted,
    AlreadyAccepted,
    Ambiguous,
    Outcome,
    QuotaExhausted,
    Refused,
    TokenInvalid,
)

TOKEN_FRESH_S: Final = 50.0
"""LINE promises about a minute from receipt; until then a token it calls invalid is a token that was used."""
TOKEN_DEAD_S: Final = 19 * 60.0
"""LINE refuses every token after 20 minutes."""
GIVE_UP_S: Final = 23 * 3600.0
"""A retry key is forgotten after 24 hours, and would then send a second time."""
BACKOFF_FIRST_S: Final = 0.25
BACKOFF_MAX_S: Final = 30.0
BACKOFF_URGENT_MAX_S: Final = 2.0
URGENT_REPLIES_MAX: Final = 2
"""So often is an urgent reply's token tried without a clear answer before push is tried instead."""

ABOUT_THE_MESSAGE: Final = ("invalid_message", "too_large")
"""Refusals that the same words as plain text may not meet: one bad property of a Flex card must not be silence."""

Via = Literal["reply", "push"]


@dataclass(frozen=True)
class Try:
    """One call that this process made: `ended_age_s` is the reply's age when its outcome was known."""

    via: Via
    outcome: Outcome
    began_age_s: float
    ended_age_s: float
    plain: bool = False


@dataclass(frozen=True, kw_only=True)
class Case:
    """All that the decision rests on. Ages count from the webhook, as the reply token's life does."""

    age_s: float
    token: bool
    urgent: bool = False
    former: bool = False
    """Another process, or one we do not remember, may have tried: nobody knows what came of it."""
    may_push: bool = True
    tries: Sequence[Try] = ()
    spread: float = 1.0
    """Between 0.5 and 1: shortens waits, so that those who failed together do not come back together."""


@dataclass(frozen=True)
class Reply:
    """Send on the reply token."""

    plain: bool = False
    """Texts only: LINE refused the message as it was composed."""


@dataclass(frozen=True)
class Push:
    """Send to the LINE id, with the retry key that belongs to this delivery."""

    plain: bool = False


@dataclass(frozen=True)
class Later:
    """Wait, then decide again."""

    after_s: float


@dataclass(frozen=True)
class Done:
    """It is with LINE. `presumed`: a try broke off, and the token was used up by it. `perhaps_twice`: it may be there
    a second time, because for this one that is better than not at all."""

    via: Via
    presumed: bool = False
    perhaps_twice: bool = False


@dataclass(frozen=True)
class GiveUp:
    """It cannot be delivered, and the log shall say why."""

    reason: str
    status: int | None = None


Step = Reply | Push | Later | Done | GiveUp


def decide(case: Case) -> Step:
    """The next step of one delivery. Read ADR-4 beside it: each branch is a line of its table."""
    if not case.tries:
        return _by_age(case)
    last = case.tries[-1]
    match last.outcome:
        case Accepted() | AlreadyAccepted():
            return Done(last.via, perhaps_twice=_perhaps_twice(case, last))
        case TokenInvalid():
            return _after_invalid_token(case, last)
        case QuotaExhausted():
            return _without_push(case)
        case Refused(status=status, kind=kind):
            return _simpler(last) if kind in ABOUT_THE_MESSAGE and not last.plain else GiveUp(kind, status)
        case _:  # Ambiguous, RateLimited, Unauthorised, Unsent: not yet
            return _again(case, last)


def _by_age(case: Case) -> Step:
    if case.token and case.age_s < TOKEN_FRESH_S:
        return Reply()
    return _push(case)


def _after_invalid_token(case: Case, last: Try) -> Step:
    if not _doubtful(case) or case.urgent or last.began_age_s >= TOKEN_FRESH_S:
        return _push(case, plain=last.plain)
    return Done("reply", presumed=True)


def _push(case: Case, *, plain: bool = False) -> Step:
    if case.age_s >= GIVE_UP_S:
        return GiveUp("too_old")
    return Push(plain) if case.may_push else _without_push(case)


def _without_push(case: Case) -> Step:
    """The quota is used up: an old token is worth a try, since it costs nothing."""
    dead = any(isinstance(each.outcome, TokenInvalid) for each in case.tries)
    if case.token and not dead and case.age_s < TOKEN_DEAD_S:
        return Reply()
    return Done("reply", presumed=True) if _doubtful(case) and dead else GiveUp("quota", 429)


def _simpler(last: Try) -> Step:
    return Reply(plain=True) if last.via == "reply" else Push(plain=True)


def _again(case: Case, last: Try) -> Step:
    if case.age_s >= GIVE_UP_S:
        return GiveUp("too_old")
    if (wait_s := last.ended_age_s + _backoff_s(case) - case.age_s) > 0.001:
        return Later(wait_s)
    if last.via == "push":
        return Push(last.plain)
    if case.urgent and _ambiguous_replies(case) >= URGENT_REPLIES_MAX:
        return _push(case, plain=last.plain)
    if case.age_s < TOKEN_FRESH_S:
        return Reply(last.plain)
    return _push(case, plain=last.plain)


def _backoff_s(case: Case) -> float:
    failures = 0
    for each in reversed(case.tries):
        if isinstance(each.outcome, TokenInvalid | Refused):
            break
        failures += 1
    if case.urgent and failures == 1 and isinstance(case.tries[-1].outcome, Ambiguous):
        return 0.0  # the second try of a crisis card does not wait
    most = BACKOFF_URGENT_MAX_S if case.urgent else BACKOFF_MAX_S
    return min(most, BACKOFF_FIRST_S * 2.0 ** min(failures - 1, 10)) * case.spread


def _doubtful(case: Case) -> bool:
    """Whether a try that nobody saw the end of may have been taken on the reply token."""
    return case.former or _ambiguous_replies(case) > 0


def _ambiguous_replies(case: Case) -> int:
    return sum(1 for each in case.tries if each.via == "reply" and isinstance(each.outcome, Ambiguous))


def _perhaps_twice(case: Case, last: Try) -> bool:
    """Whether both ways may have worked: a push after a reply in doubt, or a reply after a push in doubt."""
    if last.via == "push":
        return case.token and _doubtful(case)
    pushed = any(each.via == "push" and isinstance(each.outcome, Ambiguous) for each in case.tries)
    return pushed or (case.former and (case.urgent or last.began_age_s >= TOKEN_FRESH_S))
