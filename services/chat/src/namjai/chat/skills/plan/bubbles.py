"""How the plan looks: the page as one bubble to scroll, a step to write in, and the ways on from each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from namjai.chat.content import Language, Line, Topic
from namjai.chat.domain import crisis
from namjai.chat.domain.composed import Composed, View, fixed
from namjai.chat.domain.doing import do
from namjai.chat.domain.messages import Action, Message, column, dial, flex, label, press, text
from namjai.chat.skills.plan.page import Page, is_blank
from namjai.chat.skills.plan.texts import STEPS, Texts, texts
from namjai.events import Fact
from namjai.events.plan import PlanStep

NAME: Final = "plan"
LINES_MAX: Final = 3
SKY: Final = "#2563A8"
PAPER: Final = "#F3F8FD"
INK: Final = "#1F2937"
MUTED: Final = "#6B7280"
_TOPICS: Final[tuple[Topic, ...]] = ("suicide", "medical", "drugs")


def lines_now(view: View, now: datetime) -> tuple[Line, ...]:
    """The lines that are always part of the plan: those of the person's country that are open."""
    return crisis.lines_for(view.country, _TOPICS, now, limit=LINES_MAX)


def shown(plan: Page, view: View, now: datetime, *, calm: bool, lead: str) -> Composed:
    """The whole plan. Who is in danger finds ways to call under it, anybody else ways to change it."""
    words = texts(view.language)
    whole = [text(lead), sheet(plan, words, view, now)]
    return speak(whole, _ways(plan, words, calm=calm), view, "show")


def unwritten(view: View, now: datetime, *, calm: bool) -> Composed:
    """There is no plan. In danger nobody is asked to write one: then it is the lines."""
    words = texts(view.language)
    if calm:
        return speak([text(words.none)], [do(words.labels["write"], NAME, "write")], view, "none")
    open_now = lines_now(view, now)
    called = "\n".join(_in_words(open_now, view.language))
    calls = [dial(words.call.format(number=line.number), line.number) for line in open_now]
    return speak([text(f"{words.none_now}\n{called}")], [*calls, *_urgent(words)], view, "none")


def sheet(plan: Page, words: Texts, view: View, now: datetime) -> Message:
    """The bubble. What others may see on a locked screen, the alt text, has none of the person's words."""
    head = [
        label(words.title, weight="bold", size="xl", color="#FFFFFF"),
        label(words.subtitle, size="xs", color="#DCEAF8", margin="sm"),
    ]
    steps = [
        part
        for number, step in enumerate(STEPS, start=1)
        if plan[step] or step == "professionals"
        for part in _step(number, step, plan[step], words, view, now)
    ]
    bubble = {
        "type": "bubble",
        "size": "mega",
        "header": column(head, backgroundColor=SKY, paddingAll="18px"),
        "body": column(steps, backgroundColor=PAPER, paddingAll="16px"),
    }
    return flex(words.title, bubble)


def asking(step: PlanStep, plan: Page, view: View, now: datetime, *, alone: bool, lead: Sequence[str] = ()) -> Composed:
    """One step to write in. `alone`: only this one is being changed."""
    words = texts(view.language)
    of_step = words.steps[step]
    number = STEPS.index(step) + 1
    head = (words.one if alone else words.progress).format(number=number, of=len(STEPS), title=of_step.title)
    parts = [head, of_step.ask]
    if step == "professionals":
        parts.append(words.lines_always.format(lines="\n".join(_in_words(lines_now(view, now), view.language))))
    if plan[step]:
        parts.append(words.so_far.format(lines="\n".join(f"• {line}" for line in plan[step])))
    parts.append(words.hint)
    said = [*map(text, lead), text("\n".join(parts))]
    examples = [
        do(example, NAME, "pick", at=step, n=str(n))
        for n, example in enumerate(of_step.examples)
        if example not in plan[step]
    ]
    return speak(said, [*examples, *_steering(step, words, alone=alone, blank=not plan[step])], view, step)


def choosing(view: View) -> Composed:
    """Which step to change."""
    words = texts(view.language)
    listed = "\n".join(f"{n} {words.steps[step].title}" for n, step in enumerate(STEPS, start=1))
    buttons = [do(f"{n}", NAME, "edit", at=step) for n, step in enumerate(STEPS, start=1)]
    return speak([text(f"{words.which}\n{listed}")], [*buttons, do(words.labels["done"], NAME, "show")], view, "change")


def resume_button(view: View) -> Action:
    """The way back into writing."""
    return do(texts(view.language).labels["resume"], NAME, "resume")


def speak(
    said: Sequence[Message], buttons: Sequence[Action], view: View, intent: str, facts: tuple[Fact, ...] = ()
) -> Composed:
    """Fixed words as a turn."""
    return fixed(NAME, texts(view.language).meta, view, said, buttons, facts, intent=intent)


def _step(
    number: int, step: PlanStep, lines: Sequence[str], words: Texts, view: View, now: datetime
) -> Iterator[Message]:
    title = label(f"{number}  {words.steps[step].title}", weight="bold", size="md", color=SKY)
    yield {**title, "margin": "none" if number == 1 else "xl"}
    for line in lines:
        yield label(f"•  {line}", size="sm", color=INK, margin="sm")
    if step == "professionals":
        yield label(words.lines_title, size="xs", color=MUTED, margin="md")
        for each in lines_now(view, now):
            yield label(each.names[view.language], size="sm", color=INK, margin="sm")
            action = dial(words.call.format(number=each.number), each.number)
            yield {"type": "button", "style": "primary", "height": "sm", "color": SKY, "margin": "sm", "action": action}


def _in_words(lines: Sequence[Line], language: Language) -> list[str]:
    return [f"☎ {line.number} {line.names[language]}" for line in lines]


def _ways(plan: Page, words: Texts, *, calm: bool) -> list[Action]:
    if not calm:
        return _urgent(words)
    rest = [] if all(plan.values()) else [do(words.labels["rest"], NAME, "write")]
    share = [] if is_blank(plan) else [do(words.labels["share"], NAME, "share")]
    return [*rest, do(words.labels["change"], NAME, "change"), *share]


def _urgent(words: Texts) -> list[Action]:
    return [press(words.labels["emergency"], "cmd=emergency"), press(words.labels["safe"], "cmd=safe")]


def _steering(step: PlanStep, words: Texts, *, alone: bool, blank: bool) -> list[Action]:
    clear = [] if blank else [do(words.labels["clear"], NAME, "clear", at=step)]
    if alone:
        return [do(words.labels["done"], NAME, "done", at=step), *clear]
    onward = do(words.labels["skip" if blank else "next"], NAME, "next", at=step)
    back = [do(words.labels["back"], NAME, "back", at=step)] if step != STEPS[0] else []
    return [onward, *back, *clear, do(words.labels["stop"], NAME, "stop")]
