"""The words of the held conversation: each question with its buttons, what is said to an answer, and what stays."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Literal

from namjai.chat.content import About, Language, Line, Topic, crisis_texts, protocol_texts, ui_texts
from namjai.chat.domain import crisis
from namjai.chat.domain.composed import FIXED, Composed, Kind, View
from namjai.chat.domain.doing import do
from namjai.chat.domain.messages import Action, Message, dial, press, text, with_quick_replies
from namjai.chat.domain.protocol import Hold, Question, Reading, Step
from namjai.events import Fact
from namjai.events.risk import Category

Means = Literal["means", "substance", "ambulance", "safe_place"]
"""What putting distance to the danger is, by its kind."""

_MEANS: Final[dict[Category, Means]] = {
    "overdose": "ambulance",
    "withdrawal": "ambulance",
    "relapse": "substance",
    "violence": "safe_place",
}
_ANSWERS: Final = ("yes", "no", "unsure")


def means_of(hold: Hold) -> Means:
    """Bleeding that does not stop is self-harm at level crisis, and asks for an ambulance."""
    if hold.category == "self_harm" and hold.level == "crisis":
        return "ambulance"
    return _MEANS.get(hold.category, "means")


def question(asked: Question, hold: Hold, view: View, now: datetime) -> Composed:
    """One question with its buttons, and always a way to call."""
    words = protocol_texts(view.language)
    line = open_line(hold, view, now)
    calls = [dial(crisis_texts(view.language).lines.call.format(number=line.number), line.number)] if line else []
    match asked:
        case "means_away":
            said = _about(words.means_away[means_of(hold)], hold)
        case "line_open" if line is not None:
            said = _about(words.ask[asked], hold).format(number=line.number, name=line.names[view.language])
        case "line_open":
            said = words.stay[0]
        case "contact" if view.contact is not None:
            said = words.contact.named.format(name=view.contact.name)
        case "contact" | "contact_name":
            asked, said = "contact_name", words.contact.unnamed
        case "confirm_safe":
            said = words.confirm_safe
        case _:
            said = _about(words.ask[asked], hold)
    return speak([said], [*answer_buttons(asked, view), *calls, *_ways_on(asked, view)], view, asks=asked)


def noted(hold: Hold, view: View, now: datetime) -> Composed:
    """Somebody has just been named: the same question, now with their name."""
    asked = question("contact", hold, view, now)
    name = view.contact.name if view.contact else ""
    said = protocol_texts(view.language).contact.noted.format(name=name)
    return speak([said], _actions(asked), view, asks="contact")


def acknowledged(step: Step, reading: Reading, hold: Hold, view: View, *, lines: bool, now: datetime) -> Composed:
    """What is said to an answer before the next question; with `lines` the help lines come first once more."""
    words = protocol_texts(view.language)
    if reading == "unclear":
        return speak([words.unclear], [], view)
    of_step = words.means_heard[means_of(hold)] if step == "means_away" else words.heard[step]
    said = text(of_step.get(reading) or of_step["no"])
    if not lines:
        return speak([said], [], view)
    return speak([said, lines_again(hold, view, now)], [], view)


def unread_contact(view: View) -> Composed:
    """There was no name with a number in it."""
    return speak([protocol_texts(view.language).contact.unread], [], view)


def lines_again(hold: Hold, view: View, now: datetime) -> Message:
    """The card's lines, without its words."""
    chosen = crisis.lines_for(view.country, _topics(hold), now)
    return crisis.lines_card(chosen, crisis_texts(view.language), view.language, now)


def short(hold: Hold, view: View, now: datetime) -> Composed:
    """Danger said again: heard, with the first line, but not the whole card each time."""
    line = open_line(hold, view, now)
    spoken = [_about(protocol_texts(view.language).short, hold)]
    if line is not None:
        spoken.append(f"☎ {line.number} {line.names[view.language]}")
    return speak(["\n".join(spoken)], [], view, kind="crisis")


def stay(hold: Hold, view: View, now: datetime, turn: int) -> Composed:
    """Everything was asked, and nobody has ended it: a few fixed words, in turns."""
    words = protocol_texts(view.language)
    line = open_line(hold, view, now)
    calls = [dial(crisis_texts(view.language).lines.call.format(number=line.number), line.number)] if line else []
    return speak([words.stay[turn % len(words.stay)]], [*calls, *_ways_on(None, view)], view)


def not_yet(view: View) -> Composed:
    """The person is not sure that they are safe."""
    return speak([protocol_texts(view.language).not_yet], [], view)


def open_line(hold: Hold, view: View, now: datetime) -> Line | None:
    """The line that fits the danger best and is known to be open now."""
    fitting = crisis.lines_for(view.country, _topics(hold), now)
    return next((line for line in fitting if line.hours.known), fitting[0] if fitting else None)


def answer_buttons(asked: Question, view: View) -> list[Action]:
    """The answers to a question; where a text has no word for one of them, there is no button for it."""
    labels = protocol_texts(view.language).labels
    of = labels.get(asked, labels["default"])
    answered = "contact" if asked == "contact_name" else asked
    return [press(of[answer], f"q={answered}&a={answer}") for answer in _ANSWERS if answer in of]


def speak(
    said: Sequence[str | Message],
    actions: Sequence[Action],
    view: View,
    *,
    kind: Kind = "protocol",
    asks: Question | None = None,
    facts: tuple[Fact, ...] = (),
) -> Composed:
    """Fixed words as a turn, or as a part of one."""
    meta = protocol_texts(view.language).meta
    messages = [text(each) if isinstance(each, str) else each for each in said]
    content = (version(view.language),)
    return Composed(
        with_quick_replies(messages, actions), kind, FIXED, view.speaks, content, meta.status, facts=facts, asks=asks
    )


def version(language: Language) -> str:
    """Names the text that a person was shown."""
    return f"protocol/{language}@{protocol_texts(language).meta.version}"


def _ways_on(asked: Question | None, view: View) -> list[Action]:
    labels = ui_texts(view.language).labels
    safe = [] if asked in ("safe_now", "confirm_safe") else [press(labels["safe"], "cmd=safe")]
    plan = [do(labels["plan"], "plan", "show")] if view.has_plan else []
    return [*plan, press(labels["more_lines"], "cmd=emergency"), *safe]


def _actions(composed: Composed) -> list[Action]:
    return [item["action"] for item in composed.messages[-1]["quickReply"]["items"]]


def _topics(hold: Hold) -> tuple[Topic, ...]:
    return crisis.topics_for(hold.category, "crisis" if hold.level == "crisis" else "high")


def _about(words: About, hold: Hold) -> str:
    return words.you if hold.subject == "self" else words.them
