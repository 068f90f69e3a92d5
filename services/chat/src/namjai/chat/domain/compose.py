"""What one turn says: which of crisis, command, answer to our question, greeting or support comes first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from namjai.chat.content import Language, ui_texts
from namjai.chat.domain import care, commands, contact, converse, crisis, held
from namjai.chat.domain.composed import FIXED, OFFLINE, Composed, Scene, View, joined
from namjai.chat.domain.decide import Answer
from namjai.chat.domain.heard import Heard, hear
from namjai.chat.domain.language import reply_language
from namjai.chat.domain.messages import Action, press, say, text, with_quick_replies
from namjai.chat.domain.protocol import Hold, Reading
from namjai.chat.domain.state import Cue, Person, State
from namjai.chat.skills.support.library import QuickReply, Reply
from namjai.chat.skills.support.respond import respond, respond_to_kind
from namjai.events import Envelope, Fact
from namjai.events.alert import AlertRaised
from namjai.events.conversation import CrisisEnded, CrisisStarted, CrisisStepped
from namjai.events.member import MemberFollowed
from namjai.events.message import MessageReceived


def compose(step: Answer, events: Sequence[Envelope[Any]], state: State, scene: Scene) -> Composed | None:
    """The words for `events`, which are the answered ones in order; None where silence is right.

    Silence is for somebody who asked for it, and for a conversation that a clinician has taken over.
    """
    heard = hear(events)
    view = _view(heard.texts, state.person, scene)
    if step.danger is not None:
        return converse.in_danger(step, step.danger, heard, state, view, scene)
    if step.taken_over:
        asked = tuple(command for command in heard.commands if command.name in commands.RIGHTS)
        if not asked:
            return None if step.screened or step.attended else _lines_only(view, scene)
        composed = converse.carried_out(asked, view, scene)
    elif state.person.paused and not _breaks_silence(heard, step.hold, state):
        return None if step.screened else _lines_only(view, scene)
    else:
        composed = _words(step, events, heard, state, view, scene)
    if step.lapsed:
        composed = replace(composed, facts=(CrisisEnded(by="time"), *composed.facts))
    return composed if step.screened else _with_lines(composed, view, scene)


def recorded(cue: Cue, state: State, scene: Scene) -> tuple[Fact, ...]:
    """The facts of a cue that says nothing: that a crisis began with a card, or that a clinician ended it."""
    if cue.danger is not None:
        return converse.recorded(cue.danger, state, scene)
    return (CrisisEnded(by="clinician"),) if cue.kind == "closed" else ()


def compose_cue(cue: Cue, words: str | None, state: State, scene: Scene) -> Composed | None:
    """The turn that a cue asks for; `words` are a clinician's. None where nothing is to be said."""
    return care.carried(cue, words, _view((), state.person, scene))


def _view(texts: Sequence[str], person: Person, scene: Scene) -> View:
    default = person.last_language or scene.clinic.language
    language = reply_language(" ".join(texts), chosen=person.chosen_language, default=default)
    country = crisis.country_of(language, default=scene.clinic.country)
    return View(language, country, person.consents, scene.contact)


def _breaks_silence(heard: Heard, hold: Hold | None, state: State) -> bool:
    """Somebody who asked us to be quiet still gets what they press or ask for, and is heard when they are not safe."""
    if heard.commands or heard.presses:
        return True
    return hold is not None and heard.reading("safe_now", state.asks) in ("no", "unsure")


def _words(
    step: Answer, events: Sequence[Envelope[Any]], heard: Heard, state: State, view: View, scene: Scene
) -> Composed:
    if step.hold is not None:
        return converse.in_hold(step.hold, heard, state, view, scene)
    if heard.commands:
        return converse.carried_out(heard.commands, view, scene)
    if (composed := _answer_to_us(step, events, heard, state, view, scene)) is not None:
        return composed
    if all(isinstance(event.data, MemberFollowed) for event in events):
        return _greeting(view)
    if all(each.throttled for each in step.pending):
        ui = ui_texts(view.language)
        content = (commands.consent_version(view.language),)
        return Composed((text(ui.throttled),), "notice", FIXED, view.language, content, ui.meta.status)
    said = _support(events, heard.texts, state.person, view.language)
    return said if state.person.greeted else joined(_greeting(view), said, kind="greeting")


def _answer_to_us(
    step: Answer, events: Sequence[Envelope[Any]], heard: Heard, state: State, view: View, scene: Scene
) -> Composed | None:
    """The answer to a question of ours outside a crisis; None where what was said is no such answer."""
    if state.asks == "contact_name":
        if (named := converse.named_in(heard)) is not None:
            return care.contact_noted(named, view)
        if any(contact.looks_like_one(said) for said in heard.words):
            return care.contact_unread(view)
    if any(press.question in ("contact", "contact_name") for press in heard.presses):
        return care.contact_left(view)
    match heard.reading("follow_up", state.asks):
        case "yes":
            return care.well(view)
        case "no" | "unsure":
            asked = held.question("safe_now", _hold_of_nothing(scene), view, scene.now)
            return joined(care.unwell(view), asked, kind="support", buttons_of="second")
    match heard.reading("safe_now", state.asks):
        case "yes":
            return care.safe_then(view)
        case "no" | "unsure" as reading:
            return _unsafe(step, events, reading, view, scene)
    return None


def _unsafe(step: Answer, events: Sequence[Envelope[Any]], reading: Reading, view: View, scene: Scene) -> Composed:
    """Not safe, on our own question: that is danger, whatever the words were, and a human must look."""
    newest, hold = events[-1], _hold_of_nothing(scene)
    verdict = next((each.assessment for each in reversed(step.verdicts) if each.message == newest.id), "")
    begun = CrisisStarted(assessment=verdict, level=hold.level, category=hold.category, subject=hold.subject)
    alert = AlertRaised(
        level=hold.level,
        category=hold.category,
        merge_key=f"{newest.subject}:{hold.category}",
        message=newest.id,
        received_at=step.pending[-1].received_at,
    )
    stepped = CrisisStepped(step="safe_now", answer=reading)
    said = care.unsafe(view)
    said = replace(said, messages=(*said.messages, held.lines_again(hold, view, scene.now)))
    asked = held.question("with_you", hold, view, scene.now)
    return replace(joined(said, asked, kind="crisis", buttons_of="second"), facts=(begun, stepped, alert))


def _hold_of_nothing(scene: Scene) -> Hold:
    """What a question outside a crisis is asked with: it tells nothing of what the danger would be."""
    return Hold(level="high", category="other", subject="self", danger_at=scene.now, stepped_at=scene.now)


def _support(events: Sequence[Envelope[Any]], texts: Sequence[str], person: Person, language: Language) -> Composed:
    reply = _curated(events, texts, person, language)
    return Composed(
        with_quick_replies([text(reply.text)], [_button(offer) for offer in reply.quick_replies]),
        "support",
        OFFLINE,
        language,
        (reply.id,),
        reply.status,
        reply.intent,
        reply.stage,
    )


def _curated(events: Sequence[Envelope[Any]], texts: Sequence[str], person: Person, language: Language) -> Reply:
    newest = events[-1]
    stage = person.stage if "chat" in person.consents else None  # earlier talk is used by consent only
    if texts:
        return respond(
            "\n".join(texts),
            language=language,
            recent_reply_ids=person.recent_content,
            stage=stage,
            seed=newest.id,
        )
    kind = newest.data.kind if isinstance(newest.data, MessageReceived) else "text"
    return respond_to_kind(kind, language=language, recent_reply_ids=person.recent_content, stage=stage, seed=newest.id)


def _button(offer: QuickReply) -> Action:
    return press(offer.label, f"cmd={offer.command}") if offer.command else say(offer.label)


def _greeting(view: View) -> Composed:
    hello = commands.greeting(view.language)
    return Composed(hello.messages, "greeting", FIXED, view.language, hello.content, hello.review)


def _lines_only(view: View, scene: Scene) -> Composed:
    note = crisis.unscreened_note(
        language=view.language,
        country=view.country,
        now=scene.now,
        alert_raised=True,
        unwatched=crisis.unwatched(scene.watch, view.language, scene.clinic.zone, scene.now),
    )
    return Composed(note.messages, "notice", FIXED, view.language, note.content, note.review)


def _with_lines(composed: Composed, view: View, scene: Scene) -> Composed:
    """G3: nobody has judged the message yet, so the lines go along, and the card says that staff are being told."""
    return joined(_lines_only(view, scene), composed, kind=composed.kind)
