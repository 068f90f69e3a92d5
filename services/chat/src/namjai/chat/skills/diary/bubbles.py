"""What the diary says at each place, with its buttons."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from namjai.chat.domain.composed import Composed, Kind, View, fixed
from namjai.chat.domain.doing import do
from namjai.chat.domain.messages import Action, Message, column, flex, label, press, text
from namjai.chat.domain.rating import RATING_MAX
from namjai.chat.skills.diary.checkin import At
from namjai.chat.skills.diary.texts import STEPS, Step, Texts, texts
from namjai.events import Fact

NAME: Final = "diary"
HOURS: Final = (8, 12, 17, 18, 19, 20, 21)
INK: Final = "#1F2937"
MUTED: Final = "#6B7280"
PAPER: Final = "#FFFBF2"
SUN: Final = "#B45309"
_CALM_TO_STRONG: Final = (
    "#7CC6A4", "#8CCB98", "#A3CF8B", "#BFD37F", "#DAD377", "#EBC96B",
    "#F2B75F", "#F3A25A", "#F08B57", "#EA7356", "#E05D56",
)  # fmt: skip
_LOW_TO_BRIGHT: Final = (
    "#8A97AE", "#8FA3BD", "#93AFC9", "#97BAD2", "#9AC5D6", "#A0CFD0",
    "#ABD6C0", "#BEDBA8", "#D5DE8F", "#EBDB77", "#F7D264",
)  # fmt: skip
_COLOURS: Final[dict[Step, tuple[str, ...]]] = {"craving": _CALM_TO_STRONG, "mood": _LOW_TO_BRIGHT}


def asking(at: At, view: View, lead: Sequence[str] = ()) -> Composed:
    """The open question, in one bubble."""
    words = texts(view.language)
    said = [*map(text, lead), question(at, words)]
    stop = do(words.labels["stop"], NAME, "stop")  # the way back is in the bubble: a ruler leaves no room for it here
    return speak(said, [*_answers(at.step, words), stop], view, at.step)


def question(at: At, words: Texts) -> Message:
    """The bubble of a question; a ruler is drawn, and its numbers can be tapped."""
    head = words.head.format(number=at.number, of=len(STEPS))
    parts = [
        label(head, size="xs", color=SUN, weight="bold"),
        label(words.ask[at.step], size="lg", weight="bold", color=INK, margin="md"),
    ]
    if at.step in _COLOURS:
        parts += _ruler(at.step, words)
    else:
        hint = words.used_hint if at.step == "used" else words.note_hint
        parts.append(label(hint, size="sm", color=MUTED, margin="md"))
    foot = [do(words.labels["back"], NAME, "back", at=at.step)] if at.step != STEPS[0] else []
    buttons = [{"type": "button", "style": "link", "height": "sm", "action": action} for action in foot]
    parts += [{**button, "margin": "lg"} for button in buttons]
    bubble = {"type": "bubble", "size": "mega", "body": column(parts, backgroundColor=PAPER, paddingAll="18px")}
    return flex(f"{head}: {words.ask[at.step]}", bubble)


def resume_button(view: View) -> Action:
    """The way back into a check-in."""
    return do(texts(view.language).labels["resume"], NAME, "resume")


def hours(view: View) -> list[Action]:
    """The hours to choose from."""
    words = texts(view.language)
    chosen = [do(f"{hour}:00", NAME, "remind_at", hour=str(hour)) for hour in HOURS]
    quiet = do(words.labels["quiet"], NAME, "remind_at", hour="quiet")
    return [quiet, *chosen, do(words.labels["not_now"], NAME, "decline")]


def reminder(number: int, words: Texts, *, last: bool) -> tuple[str, list[Action]]:
    """What a reminder says, each time something else, and its buttons."""
    again = do(words.labels["remind"], NAME, "remind")
    if last:
        return words.reminders.goodbye, [do(words.labels["checkin"], NAME, "checkin"), again]
    said = words.reminders.said[(number - 1) % len(words.reminders.said)]
    return said, [
        do(words.labels["checkin"], NAME, "checkin"),
        do(words.labels["not_today"], NAME, "not_today"),
        do(words.labels["stop_reminders"], NAME, "stop_reminders"),
    ]


def more_help(view: View, skills: frozenset[str], *, strong: bool, low: bool) -> list[Action]:
    """What is there for a strong craving or a low mood, as far as it is switched on."""
    words = texts(view.language)
    ways: list[Action] = []
    if strong and "coping" in skills:
        ways.append(do(words.labels["surf"], "coping", "open", exercise="urge_surfing"))
    if low:
        ways.append(press(words.labels["lines"], "cmd=emergency"))
    if (low or strong) and "plan" in skills:
        ways.append(do(words.labels["plan"], "plan", "show"))
    return ways


def speak(
    said: Sequence[Message],
    buttons: Sequence[Action],
    view: View,
    intent: str,
    facts: tuple[Fact, ...] = (),
    kind: Kind = "skill",
) -> Composed:
    """Fixed words as a turn."""
    return fixed(NAME, texts(view.language).meta, view, said, buttons, facts, intent=intent, kind=kind)


def _ruler(step: Step, words: Texts) -> list[Message]:
    """Two rows of numbers in their colours, wide enough for a thumb."""
    colours = _COLOURS[step]
    rows = [range(6), range(6, RATING_MAX + 1)]
    drawn: list[Message] = [
        {
            "type": "box",
            "layout": "horizontal",
            "spacing": "sm",
            "margin": "lg" if row.start == 0 else "sm",
            "contents": [
                *(_number(step, n, colours[n]) for n in row),
                *[column([], flex=1)] * (len(rows[0]) - len(row)),
            ],
        }
        for row in rows
    ]
    ends = words.hint[step]
    legend = {
        "type": "box",
        "layout": "horizontal",
        "margin": "md",
        "contents": [
            label(ends.low, size="xs", color=MUTED),
            label(ends.high, size="xs", color=MUTED, align="end"),
        ],
    }
    return [*drawn, legend]


def _number(step: Step, n: int, colour: str) -> Message:
    figure = {"type": "text", "text": str(n), "align": "center", "weight": "bold", "color": INK}
    return column(
        [figure],
        backgroundColor=colour,
        cornerRadius="10px",
        paddingTop="9px",
        paddingBottom="9px",
        action=do(str(n), NAME, "set", at=step, value=str(n)),
    )


def _answers(step: Step, words: Texts) -> list[Action]:
    labels = words.labels
    if step in _COLOURS:
        numbers = [do(str(n), NAME, "set", at=step, value=str(n)) for n in range(RATING_MAX + 1)]
        return [*numbers, do(labels["skip"], NAME, "set", at=step, value="skip")]
    if step == "used":
        choices = (("no", "no"), ("yes", "yes"), ("rather_not", "skip"))
        return [do(labels[name], NAME, "set", at=step, value=value) for name, value in choices]
    return [do(labels["no_note"], NAME, "set", at=step, value="skip")]
