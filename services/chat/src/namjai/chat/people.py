"""Reads from the log what a turn needs and its messages do not say: where to send it, and whom the person named."""

from __future__ import annotations

from typing import Any, NamedTuple

from namjai.chat.domain.contact import Contact
from namjai.events import Envelope, Sealed, subjects
from namjai.events.member import ContactNamed, MemberFollowed
from namjai.events.message import MessageReceived, PostbackReceived
from namjai.runtime.journal import Journal

Heard = MessageReceived | PostbackReceived | MemberFollowed


class Address(NamedTuple):
    """Where a person reads us, and the event that told."""

    to: str
    event: Envelope[Any]


async def address_of(journal: Journal, member: str) -> Address | None:
    """Where to send what answers no message: where the person was heard last, never a group they also write in."""
    kinds = (MessageReceived, PostbackReceived, MemberFollowed)
    newest = await journal.log.last([subjects.event(kind.TYPE, member) for kind in kinds])
    if (found := _private([await journal.open(stored.event) for stored in newest])) is not None:
        return found
    return _private([stored.event for stored in await journal.history(member)])  # the last ones were in a group


def _private(events: list[Envelope[Any]]) -> Address | None:
    for event in reversed(events):
        if isinstance(event.data, Heard) and getattr(event.data, "source_kind", "user") == "user":
            to = recipient(event)
            if to is not None:
                return Address(to, event)
    return None


def recipient(event: Envelope[Any]) -> str | None:
    """The LINE id that an answer to this event goes to."""
    sender: Sealed[str] | None = event.data.sender
    return sender.get(None) if sender is not None else None


async def contact_of(journal: Journal, member: str) -> Contact | None:
    """The one whom the person named last; None once that cannot be read any more."""
    for stored in await journal.log.last([subjects.event(ContactNamed.TYPE, member)]):
        named = (await journal.open(stored.event)).data
        if isinstance(named, ContactNamed) and (name := named.name.get(None)) is not None:
            return Contact(name, _clear(named.telephone), _clear(named.email))
    return None


def _clear(field: Sealed[str] | None) -> str | None:
    return field.get(None) if field is not None else None
