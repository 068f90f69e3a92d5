"""Giving the plan to the one whom the person named: what stands in the way, and the letter."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, Literal

from namjai.chat.domain.composed import View
from namjai.chat.domain.contact import Contact
from namjai.chat.skills.plan.bubbles import lines_now
from namjai.chat.skills.plan.page import Page, is_blank
from namjai.chat.skills.plan.texts import STEPS, texts
from namjai.events import Sealed
from namjai.events.mail import MailRequested

WORTH_SENDING_FOR: Final = timedelta(days=1)
PURPOSE: Final = "contact"
"""The consent to tell somebody."""
Obstacle = Literal["nothing", "no_contact", "no_consent", "no_email"]


def obstacle(plan: Page, view: View) -> Obstacle | None:
    """The first reason why the plan cannot be sent; None when the person only has to say so."""
    if is_blank(plan):
        return "nothing"
    if view.contact is None:
        return "no_contact"
    if not view.contact.email:
        return "no_email"
    return None if PURPOSE in view.consents else "no_consent"


def letter(plan: Page, to: Contact, view: View, now: datetime) -> MailRequested:
    """The plan as an e-mail: plain text, so that it can be read anywhere and nothing in it can be followed."""
    words = texts(view.language)
    parts = [words.letter.opening.format(name=to.name)]
    for number, step in enumerate(STEPS, start=1):
        if lines := plan[step]:
            parts.append("\n".join([f"{number}. {words.steps[step].title}", *(f"   - {line}" for line in lines)]))
    called = [f"   {line.number} {line.names[view.language]}" for line in lines_now(view, now)]
    parts += ["\n".join([words.letter.lines, *called]), words.letter.closing]
    return MailRequested(
        kind="plan",
        to=Sealed(to.email or ""),
        subject=Sealed(words.letter.subject),
        text=Sealed("\n\n".join(parts)),
        language=view.language,
        until=now + WORTH_SENDING_FOR,
    )
