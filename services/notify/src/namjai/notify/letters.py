"""Sends what a person asked to have sent, such as a leaflet: until it is taken, refused, or too late.

SMTP has no idempotency key. What is on record is not sent again; between the server's "250" and our record lies one
append, and a process that dies in it sends the letter once more, under the same Message-ID.
"""

from __future__ import annotations

import asyncio
import hashlib
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal

from prometheus_client import Counter

from namjai.events import Envelope, Fact, subjects
from namjai.events.envelope import NAMESPACE
from namjai.events.mail import MailFailed, MailRequested, MailSent
from namjai.notify.domain.outcome import Accepted, AlreadyAccepted, Outcome, Refused
from namjai.notify.ports import Clock, Letters
from namjai.runtime.consumer import Handlers
from namjai.runtime.delivery import this_delivery
from namjai.runtime.errors import Retry
from namjai.runtime.journal import Journal
from namjai.runtime.logs import get_logger

Reason = Literal["refused", "unreachable", "expired", "address", "off"]
ADDRESS_REFUSED: Final = "recipient_refused"
FIRST_WAIT_S: Final = 2.0
WAIT_S_MAX: Final = 600.0

_log = get_logger(__name__)


@dataclass(frozen=True)
class Post:
    """The way out for letters; `mail` is None where the clinic has no mail server."""

    mail: Letters | None
    journal: Journal
    clock: Clock
    may_write_to: Callable[[str], bool]
    """Counts a letter to a recipient (a digest of the address), and says whether it is one too many."""
    letters: Counter


async def on_mail_requested(event: Envelope[MailRequested], post: Post) -> Sequence[Fact]:
    """Send one letter, and say what became of it."""
    wanted, attempt = event.data, this_delivery().attempt
    if wanted.to.is_erased or wanted.text.is_erased or wanted.subject.is_erased:
        return []  # nobody is left to write to, nor to tell
    if await _is_settled(event, post):  # letters are few, so the log is asked about each
        return []
    if post.mail is None:
        return [_failed(event, "off", post)]
    if post.clock() >= wanted.until:
        return [_failed(event, "expired" if attempt == 1 else "unreachable", post)]
    if attempt == 1 and not post.may_write_to(digest(wanted.to.value)):
        return [_failed(event, "refused", post)]
    outcome = await post.mail.send(
        wanted.to.value,
        wanted.subject.value,
        wanted.text.value,
        message_key(event.id),
        event.time,
        html=wanted.html.get(None) if wanted.html is not None else None,
        urgent=wanted.kind == "code",
    )
    return [_said(event, outcome, attempt, post)]


def message_key(request: str) -> str:
    """The part of the Message-ID that is ours: the same for the same request, whoever sends it, however often."""
    return str(uuid.uuid5(NAMESPACE, f"mail|{request}"))


def digest(address: str) -> str:
    """What stands for an address where letters are counted."""
    return hashlib.sha256(address.casefold().encode()).hexdigest()


def wait_s(attempt: int, request: str) -> float:
    """Doubling, up to ten minutes, spread so that those who failed together do not come back together."""
    ceiling_s = min(WAIT_S_MAX, FIRST_WAIT_S * 2.0 ** (min(attempt, 32) - 1))
    return ceiling_s * (0.5 + uuid.UUID(message_key(request)).int % 1_000 / 2_000)


def _said(event: Envelope[MailRequested], outcome: Outcome, attempt: int, post: Post) -> Fact:
    """The fact of an outcome; raises `Retry` while there is time, and nothing was decided."""
    match outcome:
        case Accepted() | AlreadyAccepted():
            post.letters.labels(event.data.kind, "sent").inc()
            return MailSent(request=event.id, kind=event.data.kind)
        case Refused(kind=kind):
            return _failed(event, "address" if kind == ADDRESS_REFUSED else "refused", post)
    wait = wait_s(attempt, event.id)
    if post.clock() + timedelta(seconds=wait) >= event.data.until:
        return _failed(event, "unreachable", post)
    post.letters.labels(event.data.kind, "later").inc()
    raise Retry("the mail server does not take it now", wait)


def _failed(event: Envelope[MailRequested], reason: Reason, post: Post) -> MailFailed:
    post.letters.labels(event.data.kind, reason).inc()
    _log.warning("mail_failed", request=event.id, kind=event.data.kind, reason=reason)
    return MailFailed(request=event.id, kind=event.data.kind, reason=reason)


async def _is_settled(event: Envelope[MailRequested], post: Post) -> bool:
    """Whether the log says already what became of it."""
    said = await asyncio.gather(
        *(post.journal.log.since(subjects.event(kind.TYPE, event.subject), 0) for kind in (MailSent, MailFailed))
    )
    facts = (stored.event.data for each in said for stored in each)
    return any(fact.request == event.id for fact in facts if isinstance(fact, MailSent | MailFailed))


LETTERS: Final[Mapping[str, Handlers[Post]]] = {"notify-mail": {MailRequested: on_mail_requested}}
"""By consumer, as in `handlers.py`. A slow mail server holds up nothing but letters."""
