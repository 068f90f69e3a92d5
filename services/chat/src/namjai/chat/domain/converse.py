"""One turn of a crisis: the card and the first question, then an answer and the next one, until somebody ends it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from namjai.chat.domain import care, carry_out, commands, contact, crisis, held, protocol
from namjai.chat.domain.commands import Command
from namjai.chat.domain.composed import FIXED, Composed, Scene, View, joined
from namjai.chat.domain.decide import Answer
from namjai.chat.domain.heard import Heard, Press
from namjai.chat.domain.messages import with_quick_replies
from namjai.chat.domain.protocol import Hold, Question, Reading
from namjai.chat.domain.state import State, Verdict
from namjai.events import Fact
from namjai.events.conversation import ContactRequested, CrisisEnded
from namjai.events.member import MemberConsented

UNSAFE = Press("safe_now", "no")


def in_danger(step: Answer, danger: Verdict, heard: Heard, state: State, view: View, scene: Scene) -> Composed:
    """Danger was found: the whole card where it is new or has grown, a short form where it is being talked about.

    Where a clinician has taken over and says nothing, it is the card alone: the questions are theirs.
    """
    grown = protocol.has_grown(step.hold, danger.level, danger.category, danger.subject)
    if step.hold is not None and not grown and not step.taken_over:
        said = held.short(step.hold, view, scene.now)
        return joined(said, answered(step.hold, heard, state, view, scene), kind="protocol", buttons_of="second")
    shown = card(danger, view, scene)
    if step.taken_over:
        return shown
    begun = protocol.start(danger.assessment, danger.level, danger.category, danger.subject)
    asked = held.question("safe_now", protocol.begin(step.hold, begun, scene.now), view, scene.now)
    return joined(_without_safe(shown), asked, kind="crisis", buttons_of="second")


def recorded(danger: Verdict, state: State, scene: Scene) -> tuple[Fact, ...]:
    """What follows a card at once, so that the card itself need not wait for it: that the crisis began.

    By the clinic's own rule the named contact is told unasked at level crisis, once in a crisis.
    """
    begun = protocol.start(danger.assessment, danger.level, danger.category, danger.subject)
    untold = state.hold is not None and not state.hold.told
    by_policy = scene.clinic.contact_policy and state.person.has_contact and danger.level == "crisis" and untold
    return (begun, ContactRequested(basis="policy")) if by_policy else (begun,)


def card(danger: Verdict, view: View, scene: Scene) -> Composed:
    """Fixed text only, before and instead of anything else (G5). Risk raises its alert together with this verdict."""
    made = crisis.crisis_card(
        level="crisis" if danger.level == "crisis" else "high",
        category=danger.category,
        language=view.language,
        country=view.country,
        now=scene.now,
        subject=danger.subject,
        alert_raised=True,
        unwatched=crisis.unwatched(scene.watch, view.language, scene.clinic.zone, scene.now),
    )
    return Composed(made.messages, "crisis", FIXED, view.speaks, made.content, made.review)


def in_hold(hold: Hold, heard: Heard, state: State, view: View, scene: Scene) -> Composed:
    """A turn inside a crisis without new danger: a command, the end of it, or an answer and the next question."""
    sure = heard.reading("confirm_safe", state.asks)
    if sure is not None and not heard.commands:
        if sure == "yes":
            return replace(carried_out((Command("safe"),), view, scene), facts=(CrisisEnded(by="person"),))
        return joined(held.not_yet(view), _ask(hold.step, hold, state, view, scene), kind="protocol")
    if any(command.name == "safe" for command in heard.commands):
        return held.question("confirm_safe", hold, view, scene.now)
    if heard.commands:
        said = carried_out(heard.commands, view, scene)
        if any(command.name in commands.OWN_QUESTION for command in heard.commands):
            return said
        view = replace(view, speaks=said.language)
        asked = _ask(hold.step, hold, state, view, scene)
        return replace(joined(said, asked, kind="command", buttons_of="second"), intent=said.intent)
    return answered(hold, heard, state, view, scene)


def answered(hold: Hold, heard: Heard, state: State, view: View, scene: Scene) -> Composed:
    """Take the answer to the open question, and ask the next one."""
    now = scene.now
    if state.asks == "contact_name" and (named := named_in(heard)) is not None:
        view = replace(view, contact=named)
        asked = held.noted(hold, view, now) if hold.step == "contact" else _ask(hold.step, hold, state, view, scene)
        return replace(asked, facts=(care.named(named),))
    reading = _reading(hold, heard, state, view)
    move = protocol.move(hold, reading, unsafe=UNSAFE in heard.presses)
    following = _ask(move.ask, hold, state, view, scene)
    if move.fact is None:
        return following
    if move.fact.step == "contact" and move.fact.answer == "unclear" and view.contact is None:
        said = held.unread_contact(view)
    else:
        said = held.acknowledged(move.fact.step, move.fact.answer, hold, view, lines=move.lines, now=now)
    facts: tuple[Fact, ...] = (move.fact,)
    if move.fact.step == "contact" and move.fact.answer == "yes":
        facts = (*facts, *_agreed(view), ContactRequested(basis="consent"))
    return joined(replace(said, facts=facts), following, kind="protocol", buttons_of="second")


def named_in(heard: Heard) -> contact.Contact | None:
    """The contact in what was written, if there is one."""
    return next((found for said in heard.words if (found := contact.parse(said)) is not None), None)


def _reading(hold: Hold, heard: Heard, state: State, view: View) -> Reading | None:
    """The answer to the open step. Where a name was asked for, yes alone names nobody."""
    if hold.step is None:
        return None
    asks: str | None = "contact" if state.asks == "contact_name" and hold.step == "contact" else state.asks
    reading = heard.reading(hold.step, asks)
    return "unclear" if hold.step == "contact" and reading in ("yes", "unsure") and view.contact is None else reading


def _ask(step: Question | None, hold: Hold, state: State, view: View, scene: Scene) -> Composed:
    if step is None:
        return held.stay(hold, view, scene.now, state.replied)
    return held.question(step, hold, view, scene.now)


def carried_out(asked: Sequence[Command], view: View, scene: Scene) -> Composed:
    """Commands, in their order; the last one is answered."""
    replies = [carry_out.answer(command, view, now=scene.now, skills=scene.skills) for command in asked]
    last = replies[-1]
    facts = tuple(fact for reply in replies for fact in reply.facts)
    chosen = next((command.language for command in reversed(asked) if command.language), view.speaks)
    name = asked[-1].name
    return Composed(
        last.messages, "command", FIXED, chosen, last.content, last.review, name, facts=facts, asks=last.asks
    )


def _agreed(view: View) -> tuple[Fact, ...]:
    """Yes to "shall they be told?" is that consent, and noted as such."""
    if "contact" in view.consents:
        return ()
    return (MemberConsented(purpose="contact", granted=True, text_version=held.version(view.language)),)


def _without_safe(shown: Composed) -> Composed:
    """The question below it has a better button for that."""
    *first, last = shown.messages
    kept = [item["action"] for item in last["quickReply"]["items"] if item["action"].get("data") != "cmd=safe"]
    return replace(shown, messages=with_quick_replies((*first, last), kept))
