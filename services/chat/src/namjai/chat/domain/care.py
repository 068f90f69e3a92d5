"""Words round those of people: a clinician who takes over or hands back, a caring contact, the one whom one trusts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from namjai.chat.content import CareTexts, care_texts
from namjai.chat.domain import carry_out, held
from namjai.chat.domain.composed import FIXED, STAFF, Composed, Kind, View
from namjai.chat.domain.contact import Contact
from namjai.chat.domain.messages import Action, text, with_quick_replies
from namjai.chat.domain.protocol import Question
from namjai.chat.domain.state import Cue
from namjai.events import Fact, Sealed
from namjai.events.conversation import CrisisEnded
from namjai.events.member import ContactNamed

SENDER_CHARS_MAX: Final = 20


def carried(cue: Cue, words: str | None, view: View) -> Composed | None:
    """The turn that a cue asks for, with its facts; None where there is nothing to say."""
    texts = care_texts(view.language)
    facts = (CrisisEnded(by="clinician"),) if cue.ends_hold else ()
    match cue.kind:
        case "taken_over":
            return _said(texts.taken_over, view)
        case "handed_back":
            return _said(texts.handed_back, view, facts=facts)
        case "follow_up":
            said = texts.follow_ups[min(max(cue.number, 1), len(texts.follow_ups)) - 1]
            buttons = held.answer_buttons("follow_up", view)
            return _said(said, view, buttons, kind="follow_up", asks="follow_up")
        case "said" if words:
            return _human(words, texts, view)
        case _:
            return None


def _human(words: str, texts: CareTexts, view: View) -> Composed:
    """A clinician's own words, under their own name in LINE; the sender cuts them where LINE needs it."""
    message = {**text(words), "sender": {"name": texts.sender}}
    return Composed((message,), "human", STAFF, view.speaks, (), "reviewed")


def well(view: View) -> Composed:
    """The answer to a caring contact was that all is well."""
    return _said(care_texts(view.language).well, view, kind="support")


def unwell(view: View) -> Composed:
    """It was not: first whether the person is safe, and no form."""
    return _said(care_texts(view.language).unwell, view, kind="support")


def safe_then(view: View) -> Composed:
    """Safe, and not well: then the ordinary conversation."""
    return _said(care_texts(view.language).safe_then, view, kind="support")


def unsafe(view: View) -> Composed:
    """Not safe, said outside a crisis: staff are being told."""
    return _said(care_texts(view.language).unsafe, view, kind="crisis")


def named(contact: Contact) -> ContactNamed:
    """The fact."""
    return ContactNamed(
        name=Sealed(contact.name),
        telephone=Sealed(contact.telephone) if contact.telephone else None,
        email=Sealed(contact.email) if contact.email else None,
    )


def contact_noted(contact: Contact, view: View) -> Composed:
    """Somebody was named; whether they may be told is a choice of its own."""
    said = care_texts(view.language).contact_noted.format(contact=contact.shown)
    choices = carry_out.contact_choices(view.speaks, told="contact" in view.consents)
    return _said(said, view, choices, kind="command", facts=(named(contact),))


def contact_unread(view: View) -> Composed:
    """There was no name with a number in it; asked again."""
    return replace(_said(care_texts(view.language).contact_unread, view, kind="command"), asks="contact_name")


def contact_left(view: View) -> Composed:
    """Nobody new is named."""
    return _said(care_texts(view.language).contact_left, view, kind="command")


def _said(
    words: str,
    view: View,
    actions: Sequence[Action] = (),
    *,
    kind: Kind = "notice",
    asks: Question | None = None,
    facts: tuple[Fact, ...] = (),
) -> Composed:
    meta = care_texts(view.language).meta
    messages = with_quick_replies([text(words)], actions)
    content = (f"care/{view.language}@{meta.version}",)
    return Composed(messages, kind, FIXED, view.speaks, content, meta.status, facts=facts, asks=asks)
