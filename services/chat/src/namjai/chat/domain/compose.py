"""What one turn says: which of crisis, command, answer to our question, greeting or support comes first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from namjai.chat.content import in_full, ui_texts
from namjai.chat.domain import care, carry_out, commands, contact, converse, crisis, held
from namjai.chat.domain.composed import FIXED, Composed, Scene, View, joined
from namjai.chat.domain.decide import Answer
from namjai.chat.domain.doing import Doing
from namjai.chat.domain.heard import Heard, hear
from namjai.chat.domain.language import spoken_language
from namjai.chat.domain.messages import text
from namjai.chat.domain.protocol import Hold, Reading
from namjai.chat.domain.state import Cue, Person, State
from namjai.chat.domain.visit import Call, Flow, Visit, closed, kinds_of
from namjai.events import Envelope, Fact
from namjai.events.alert import AlertRaised
from namjai.events.conversation import CrisisEnded, CrisisStarted, CrisisStepped
from namjai.events.member import MemberFollowed

OPEN_IN_CRISIS: Final = (Doing("plan", "show"),)
"""The person's own safety plan is there when it is needed most; no word in it is generated."""


def compose(
    step: Answer,
    events: Sequence[Envelope[Any]],
    state: State,
    scene: Scene,
    *,
    readings: Mapping[str, Envelope[Any]] | None = None,
    flow: Flow | None = None,
) -> Composed | Visit | None:
    """The words for `events`, which are the answered ones in order; a `Visit` where a skill finds them, and `finish`
    makes a turn of them; None where silence is right.

    Silence is for somebody who asked for it, and for a conversation that a clinician has taken over.
    """
    heard = hear(events, readings, scene.doors)
    own = () if flow is not None and flow.skill in scene.for_others else heard.texts
    view = _view(own, state.person, scene)
    if step.danger is not None:
        return converse.in_danger(step, step.danger, heard, state, view, scene)
    if step.taken_over:
        asked = tuple(command for command in heard.commands if command.name in commands.RIGHTS)
        if not asked:
            return None if step.screened or step.attended else _lines_only(view, scene)
        composed: Composed | Visit = converse.carried_out(asked, view, scene)
    elif state.person.paused and not _breaks_silence(heard, step.hold, state):
        return None if step.screened else _lines_only(view, scene)
    else:
        visit = _visit(step, events, heard, state, view, scene, flow)
        composed = _words(step, events, heard, state, view, scene) or visit
    return finish(step, composed, view, scene) if isinstance(composed, Composed) else composed


def finish(step: Answer, composed: Composed, view: View, scene: Scene) -> Composed:
    """What every turn gets: the end of a crisis that time has ended, and the lines where nobody has judged it (G3)."""
    if step.lapsed:
        composed = replace(composed, facts=(CrisisEnded(by="time"), *composed.facts))
    return composed if step.screened else _with_lines(composed, view, scene)


def finish_visit(step: Answer, visit: Visit, said: Composed) -> Composed:
    """A skill's words as a turn: at the first meeting, after our hello."""
    said = replace(said, language=visit.view.speaks)
    if not visit.person.greeted:
        said = joined(_greeting(visit.view), said, kind="greeting")
    return finish(step, said, visit.view, visit.scene)


def recorded(cue: Cue, state: State, scene: Scene) -> tuple[Fact, ...]:
    """The facts of a cue that says nothing: that a crisis began with a card, or that a clinician ended it."""
    if cue.danger is not None:
        return converse.recorded(cue.danger, state, scene)
    return (CrisisEnded(by="clinician"),) if cue.kind == "closed" else ()


def compose_cue(cue: Cue, words: str | None, state: State, scene: Scene) -> Composed | None:
    """The turn that a cue asks for; `words` are a clinician's. None where nothing is to be said."""
    return care.carried(cue, words, _view((), state.person, scene))


def called(cue: Cue, state: State, scene: Scene) -> Call:
    """A cue as skills see it."""
    return Call(cue, _view((), state.person, scene), scene)


def _view(texts: Sequence[str], person: Person, scene: Scene) -> View:
    chosen, last = person.chosen_language, person.last_language
    speaks = spoken_language(" ".join(texts), chosen=chosen, last=last, default=scene.clinic.language)
    country = crisis.country_of(in_full(speaks), default=scene.clinic.country)
    has_plan = person.has_plan and OPEN_IN_CRISIS[0].skill in scene.skills
    return View(speaks, country, person.consents, scene.contact, has_plan)


def _visit(
    step: Answer,
    events: Sequence[Envelope[Any]],
    heard: Heard,
    state: State,
    view: View,
    scene: Scene,
    flow: Flow | None,
) -> Visit:
    quiet = all(each.level in ("none", "low") for each in step.verdicts) and bool(step.verdicts)
    return Visit(
        member=events[-1].subject,
        seed=events[-1].id,
        view=view,
        person=state.person,
        heard=heard,
        scene=scene,
        kinds=kinds_of(events),
        flow=flow,
        calm=quiet and step.screened and step.hold is None and not step.lapsed,
    )


def _breaks_silence(heard: Heard, hold: Hold | None, state: State) -> bool:
    """Somebody who asked us to be quiet still gets what they press or ask for, and is heard when they are not safe."""
    if heard.commands or heard.presses or heard.doings:
        return True
    return hold is not None and heard.reading("safe_now", state.asks) in ("no", "unsure")


def _words(
    step: Answer, events: Sequence[Envelope[Any]], heard: Heard, state: State, view: View, scene: Scene
) -> Composed | None:
    """What is fixed; None where a skill finds the words."""
    if step.hold is not None and not (heard.doings and heard.doings[-1] in OPEN_IN_CRISIS):
        return converse.in_hold(step.hold, heard, state, view, scene)
    if heard.commands and not _names_a_language_to_a_skill(heard, state, scene):
        said = converse.carried_out(heard.commands, view, scene)
        return replace(said, facts=(*said.facts, *_left(heard, state)))
    if (composed := _answer_to_us(step, events, heard, state, view, scene)) is not None:
        return composed
    if all(isinstance(event.data, MemberFollowed) for event in events):
        return _greeting(view)
    if all(each.throttled for each in step.pending) and not _is_at_something(heard, state, scene):
        ui = ui_texts(view.speaks)
        content = (carry_out.consent_version(view.speaks),)
        return Composed((text(ui.throttled),), "notice", FIXED, view.speaks, content, ui.meta.status)
    return None


def _is_at_something(heard: Heard, state: State, scene: Scene) -> bool:
    """Whether a button was pressed, or a form or an exercise is open: who answers quickly there is no flood."""
    flow = state.flow
    return bool(heard.doings) or (flow is not None and (flow.until is None or flow.until > scene.now))


def _names_a_language_to_a_skill(heard: Heard, state: State, scene: Scene) -> bool:
    """Whether a language's name was typed to a skill that works between languages: no wish for another menu then."""
    open_for_it = state.flow is not None and state.flow.skill in scene.between_languages
    typed = len(heard.commands) <= len(heard.texts) and all(command.language for command in heard.commands)
    return open_for_it and typed and _is_at_something(heard, state, scene)


def _left(heard: Heard, state: State) -> tuple[Fact, ...]:
    """Who asks for plain talk leaves what a skill has open."""
    leaves = any(command.name in commands.LEAVES for command in heard.commands)
    return (closed(state.flow.skill),) if leaves and state.flow is not None else ()


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


def _greeting(view: View) -> Composed:
    hello = carry_out.greeting(view.speaks)
    return Composed(hello.messages, "greeting", FIXED, view.speaks, hello.content, hello.review)


def _lines_only(view: View, scene: Scene) -> Composed:
    note = crisis.unscreened_note(
        language=view.language,
        country=view.country,
        now=scene.now,
        alert_raised=True,
        unwatched=crisis.unwatched(scene.watch, view.language, scene.clinic.zone, scene.now),
    )
    return Composed(note.messages, "notice", FIXED, view.speaks, note.content, note.review)


def _with_lines(composed: Composed, view: View, scene: Scene) -> Composed:
    """G3: nobody has judged the message yet, so the lines go along, and the card says that staff are being told."""
    return joined(_lines_only(view, scene), composed, kind=composed.kind)
