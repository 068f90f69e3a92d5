"""A turn of an exercise: begin one, go on, come back to it, stop, and say something kind at the end."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Final

from namjai.chat.domain.composed import Composed, View
from namjai.chat.domain.doing import Doing, do, doorway
from namjai.chat.domain.messages import Action, text
from namjai.chat.domain.visit import Visit, closed, moved
from namjai.chat.ports import Desk
from namjai.chat.skills.coping import bubbles, walk
from namjai.chat.skills.coping.exercises import preload, texts
from namjai.chat.skills.coping.walk import At, End, Unread, Walk
from namjai.chat.skills.skill import Skill
from namjai.events.conversation import ExerciseEnded

NAME: Final = bubbles.NAME
OPEN_FOR: Final = timedelta(hours=3)
"""A craving is over long before; whoever comes back later begins afresh."""


async def turn(visit: Visit, desk: Desk) -> Composed | None:
    """What was asked of us, or the next step for somebody who is in the middle of an exercise."""
    at = walk.standing(visit.flow) if visit.flow is not None else None
    if (wish := visit.doing(NAME)) is not None:
        return _asked(wish, at, visit)
    if at is None or not visit.calm:
        return None
    if visit.kinds[-1:] == ("sticker",):
        return _say(walk.said(at, "", _steps(at, visit.view)), visit)
    words = visit.heard.words[-1] if visit.heard.words else None
    if words is None or walk.is_aside(at, words):
        return None
    return _say(walk.said(at, words, _steps(at, visit.view)), visit)


def _asked(wish: Doing, at: At | None, visit: Visit) -> Composed | None:
    words = texts(visit.view.language)
    match wish.action:
        case "open":
            begun = walk.begin(wish.args.get("exercise", ""))
            return bubbles.menu(visit.view) if begun is None else _stand(begun, visit)
        case "stop" if at is None:
            return None  # "enough", said to nobody in particular
        case _ if at is None:
            return bubbles.menu(visit.view, words.closed)
        case "resume":
            return _stand(at, visit, words.back)
        case "stop":
            ended = ExerciseEnded(exercise=at.exercise, completed=False, before=at.before)
            again = [do(words.exercises[at.exercise].label, NAME, "open", exercise=at.exercise)]
            others = do(words.labels["others"], NAME, "open")
            return bubbles.speak(
                [text(words.stopped)], [*again, others], visit.view, at.exercise, (ended, closed(NAME))
            )
        case "rate" | "next" if wish.args.get("at") != at.step:
            return _stand(at, visit, words.earlier)
        case "rate":
            number = wish.args.get("n", "")
            return _say(walk.said(at, number, _steps(at, visit.view)), visit)
        case "next" if at.number:
            return _say(walk.onward(at, _steps(at, visit.view)), visit)
        case _:
            return _stand(at, visit)


def _say(step: Walk, visit: Visit) -> Composed:
    words = texts(visit.view.language)
    match step:
        case Unread(at=at):
            return _stand(at, visit, words.unread)
        case At():
            return _stand(step, visit, words.began if step.step == "1" else None)
        case End(at=at, after=after):
            ended = ExerciseEnded(exercise=at.exercise, completed=True, before=at.before, after=after)
            return bubbles.ended(step, visit.view, _more(visit), (ended, closed(NAME)))


def _stand(at: At, visit: Visit, lead: str | None = None) -> Composed:
    """Stay or stand somewhere in an exercise, on record."""
    here = moved(NAME, at.step, at.slots(), until=visit.now + OPEN_FOR)
    return replace(bubbles.place(at, visit.view, lead), facts=(here,))


def _more(visit: Visit) -> list[Action]:
    """Something that lasts longer than an exercise, where it is switched on."""
    if "plan" not in visit.scene.skills:
        return []
    return [do(texts(visit.view.language).labels["plan"], "plan", "show")]


def _steps(at: At, view: View) -> int:
    return len(texts(view.language).exercises[at.exercise].steps)


SKILL: Final = Skill(
    name=NAME,
    turn=turn,
    doors=doorway("namjai.chat.skills.coping"),
    resume=bubbles.resume_button,
    preload=preload,
)
