"""What an exercise says at each place, with its buttons, and the card of reasons."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from namjai.chat.domain.composed import Composed, View, fixed
from namjai.chat.domain.doing import do
from namjai.chat.domain.messages import Action, Message, column, flex, label, press, say, text
from namjai.chat.domain.rating import RATING_MAX
from namjai.chat.skills.coping.exercises import Texts, offers, texts
from namjai.chat.skills.coping.walk import AFTER, At, End
from namjai.events import Fact

NAME: Final = "coping"
LEAF: Final = "#2F7D5B"
PAPER: Final = "#F3FAF5"
MUTED: Final = "#6B7280"


def menu(view: View, lead: str | None = None) -> Composed:
    """All exercises to choose from."""
    words = texts(view.language)
    shown = [words.exercises[name] for name in offers()]
    rows = "\n".join(words.row.format(name=each.name, about=each.about) for each in shown)
    said = [text(lead)] if lead else []
    buttons = [do(words.exercises[name].label, NAME, "open", exercise=name) for name in offers()]
    return speak([*said, text(words.menu.format(rows=rows))], buttons, view)


def place(at: At, view: View, lead: str | None = None) -> Composed:
    """Where the person stands: a rating or a step."""
    words = texts(view.language)
    exercise, stop = words.exercises[at.exercise], do(words.labels["stop"], NAME, "stop")
    before = [text(lead)] if lead else []
    if at.number == 0:
        asked = words.after if at.step == AFTER else words.before.format(name=exercise.name, about=exercise.about)
        return speak([*before, text(asked)], [*_numbers(at, words), stop], view, at.exercise)
    head = words.step.format(name=exercise.name, number=at.number, of=len(exercise.steps))
    shown = text(f"{head}\n{exercise.steps[at.number - 1]}")
    return speak([*before, shown], [*_onward(at, words, len(exercise.steps)), stop], view, at.exercise)


def ended(end: End, view: View, more: Sequence[Action], facts: tuple[Fact, ...]) -> Composed:
    """The end: the card where there is one, and a kind word to how the ratings compare."""
    words = texts(view.language)
    said: list[Message] = []
    if end.at.gathers:
        said.append(card(end.at.reasons, words) if end.at.reasons else text(words.card.empty))
    kind = words.answers[end.answer].format(before=end.at.before, after=end.after)
    said.append(text(f"{kind}\n{words.answers['high']}" if end.is_high else kind))
    urgent = [press(words.labels["emergency"], "cmd=emergency")] if end.is_high or end.answer == "stronger" else []
    ways = [
        *urgent,
        *more,
        do(words.labels["others"], NAME, "open"),
        do(words.labels["again"], NAME, "open", exercise=end.at.exercise),
        say(words.labels["talk"]),
    ]
    return speak(said, ways, view, end.at.exercise, facts)


def card(reasons: Sequence[str], words: Texts) -> Message:
    """The person's reasons in their own words, to be kept in the chat."""
    rows = [label(reason, size="md", margin="lg", color="#1F2937") for reason in reasons]
    body = [
        label(words.card.title, weight="bold", size="xl", color=LEAF),
        *rows,
        label(words.card.note, size="xs", color=MUTED, margin="xl"),
    ]
    alt = words.card.alt.format(reasons=" · ".join(reasons))
    return flex(alt, {"type": "bubble", "body": column(body, backgroundColor=PAPER, paddingAll="20px")})


def resume_button(view: View) -> Action:
    """The way back into an exercise."""
    return do(texts(view.language).labels["resume"], NAME, "resume")


def speak(
    said: Sequence[Message], buttons: Sequence[Action], view: View, intent: str = "menu", facts: tuple[Fact, ...] = ()
) -> Composed:
    """Fixed words as a turn."""
    return fixed(NAME, texts(view.language).meta, view, said, buttons, facts, intent=intent)


def _numbers(at: At, words: Texts) -> list[Action]:
    """0 to 10, and the right not to say; with the way out these are all the buttons that LINE shows."""
    numbered = [do(str(n), NAME, "rate", at=at.step, n=str(n)) for n in range(RATING_MAX + 1)]
    return [*numbered, do(words.labels["skip_number"], NAME, "rate", at=at.step)]


def _onward(at: At, words: Texts, steps: int) -> list[Action]:
    if at.gathers:
        return [do(words.labels["skip_reason"], NAME, "next", at=at.step)]
    return [do(words.labels["last" if at.number == steps else "next"], NAME, "next", at=at.step)]
