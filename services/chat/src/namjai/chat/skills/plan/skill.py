"""A turn of the safety plan: show it, write it step by step, change a step, send it to the one who is trusted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import lru_cache
from typing import Final, Literal

from namjai.chat.content import LANGUAGES
from namjai.chat.domain.asking import is_question
from namjai.chat.domain.commands import consent_data
from namjai.chat.domain.composed import Composed
from namjai.chat.domain.doing import Doing, do, doorway
from namjai.chat.domain.language import fold
from namjai.chat.domain.messages import Action, press, text
from namjai.chat.domain.visit import Flow, Visit, closed, moved
from namjai.chat.ports import Desk
from namjai.chat.skills.plan import bubbles, page, share
from namjai.chat.skills.plan.page import Page
from namjai.chat.skills.plan.texts import STEPS, preload, texts
from namjai.chat.skills.skill import Skill
from namjai.events import Fact, Sealed
from namjai.events.plan import PlanShared, PlanStep, PlanWritten

NAME: Final = bubbles.NAME
OPEN_FOR: Final = timedelta(days=3)
"""A plan is often written in several sittings."""
ASKED_FOR: Final = timedelta(hours=1)
"""How long "send it now?" may wait for its answer."""
ALL, ONE, SHARE = "all", "one", "share"
_EDGES: Final = " .!。！~…"


@dataclass(frozen=True)
class At:
    """The step that is being written, alone or on the way through all of them."""

    step: PlanStep
    alone: bool

    @property
    def name(self) -> str:
        """As the flow keeps it."""
        return f"{ONE if self.alone else ALL}:{self.step}"


async def turn(visit: Visit, desk: Desk) -> Composed | None:
    """What was asked of us, or a line for the step that is being written."""
    at = _standing(visit.flow) if visit.flow is not None else None
    wish = visit.doing(NAME)
    if wish is None and (at is None or not visit.heard.words or _is_aside(visit.heard.words[-1])):
        return None
    plan = page.page([each.fact for each in await desk.records.all(PlanWritten)])
    if wish is not None:
        return _asked(wish, at, plan, visit)
    if at is not None and _says(visit.heard.words[-1]) in _words("onward"):
        return _in_writing(Doing(NAME, "next", {"at": at.step}), at, plan, visit)
    return _written(at, visit.heard.words, plan, visit) if at is not None else None


def _asked(wish: Doing, at: At | None, plan: Page, visit: Visit) -> Composed:
    match wish.action:
        case "show":
            return _shown(plan, visit)
        case "write":
            lead = [texts(visit.view.language).about] if page.is_blank(plan) else []
            return _ask(At(page.first_blank(plan), alone=False), plan, visit, lead)
        case "change":
            return bubbles.choosing(visit.view)
        case "edit" if (step := _step(wish)) is not None:
            return _ask(At(step, alone=True), plan, visit)
        case "share":
            return _share(plan, visit)
        case "send" | "keep":
            return _answered(wish.action == "send", plan, visit)
        case "resume" if visit.flow is not None and visit.flow.step == SHARE:
            return _share(plan, visit)
        case _ if at is None:
            return _shown(plan, visit, texts(visit.view.language).closed)
        case _:
            return _in_writing(wish, at, plan, visit)


def _in_writing(wish: Doing, at: At, plan: Page, visit: Visit) -> Composed:
    """A button under a step."""
    words = texts(visit.view.language)
    if wish.action == "stop":
        again = [do(words.labels["resume"], NAME, "write"), do(words.labels["done"], NAME, "show")]
        return bubbles.speak([text(words.stopped)], again, visit.view, "stop", (closed(NAME),))
    if wish.action == "resume":
        return _ask(at, plan, visit)
    if _step(wish) != at.step:
        return _ask(at, plan, visit, [words.earlier])
    match wish.action:
        case "pick":
            examples = dict(enumerate(words.steps[at.step].examples))
            picked = examples.get(int(wish.args["n"]) if wish.args.get("n", "").isdecimal() else -1)
            return _written(at, [picked] if picked else [], plan, visit)
        case "clear":
            fact = PlanWritten(step=at.step, text=Sealed(""))
            return _ask(at, {**plan, at.step: ()}, visit, [words.cleared], [fact])
        case "back":
            return _ask(replace(at, step=page.ahead_of(at.step)), plan, visit)
        case "next" if not at.alone and (following := page.after(at.step)) is not None:
            return _ask(replace(at, step=following), plan, visit)
        case "next" | "done":
            lead = words.empty if page.is_blank(plan) else words.finished
            return _closing(_shown(plan, visit, lead))
        case _:
            return _ask(at, plan, visit)


def _written(at: At, said: Sequence[str], plan: Page, visit: Visit) -> Composed:
    """Something for the step, kept at once: whoever is interrupted has lost nothing."""
    words = texts(visit.view.language)
    lines, fate = page.added(plan[at.step], said)
    lead = {"noted": words.noted, "cut": words.long, "full": words.full}[fate]
    facts = [PlanWritten(step=at.step, text=Sealed("\n".join(lines)))] if lines != plan[at.step] else []
    return _ask(at, {**plan, at.step: lines}, visit, [lead] if visit.calm else [lead, words.now], facts)


def _ask(at: At, plan: Page, visit: Visit, lead: Sequence[str] = (), facts: Sequence[Fact] = ()) -> Composed:
    here = moved(NAME, at.name, until=visit.now + OPEN_FOR)
    asked = bubbles.asking(at.step, plan, visit.view, visit.now, alone=at.alone, lead=lead)
    return replace(asked, facts=(*facts, here))


def _shown(plan: Page, visit: Visit, lead: str | None = None) -> Composed:
    if page.is_blank(plan):
        return bubbles.unwritten(visit.view, visit.now, calm=visit.calm)
    said = lead or texts(visit.view.language).shown
    return bubbles.shown(plan, visit.view, visit.now, calm=visit.calm, lead=said)


def _share(plan: Page, visit: Visit) -> Composed:
    """Ask whether to send it, to whom by name; or say kindly what is missing."""
    words, contact = texts(visit.view.language), visit.view.contact
    missing = share.obstacle(plan, visit.view)
    if missing is not None or contact is None:
        said = getattr(words.share, missing or "no_contact").format(name=contact.name if contact else "")
        return bubbles.speak([text(said)], _remedies(missing, visit), visit.view, SHARE)
    asked = words.share.ask.format(name=contact.name, email=contact.email)
    choice = [do(words.labels["send"], NAME, "send"), do(words.labels["keep"], NAME, "keep")]
    waiting = moved(NAME, SHARE, {"to": contact.email}, until=visit.now + ASKED_FOR)
    return bubbles.speak([text(asked)], choice, visit.view, SHARE, (waiting,))


def _answered(yes: bool, plan: Page, visit: Visit) -> Composed:
    """The answer to "send it now?". It counts only for whom and what was asked about."""
    words, contact, flow = texts(visit.view.language), visit.view.contact, visit.flow
    asked = flow is not None and flow.step == SHARE
    done = (closed(NAME),) if asked else ()
    ways = [do(words.labels["done"], NAME, "show")]
    if not yes:
        return bubbles.speak([text(words.share.kept)], ways, visit.view, SHARE, done)
    same = flow is not None and asked and contact is not None and flow.slots.get("to") == contact.email
    if contact is None or not same or share.obstacle(plan, visit.view) is not None:
        return bubbles.speak([text(words.share.changed)], ways, visit.view, SHARE, done)
    sent = (share.letter(plan, contact, visit.view, visit.now), PlanShared(mail=""), closed(NAME))
    return bubbles.speak([text(words.share.sent.format(name=contact.name))], ways, visit.view, SHARE, sent)


def _remedies(missing: share.Obstacle | None, visit: Visit) -> list[Action]:
    labels = texts(visit.view.language).labels
    match missing:
        case "nothing":
            return [do(labels["write"], NAME, "write")]
        case "no_consent":
            return [press(labels["allow"], consent_data(share.PURPOSE, granted=True))]
        case "no_email":
            return [press(labels["other_contact"], "cmd=contact_change"), do(labels["done"], NAME, "show")]
        case _:
            return [press(labels["contact"], "cmd=contact")]


def _is_aside(words: str) -> bool:
    """Whether this is said to us, and is no line of a plan."""
    return is_question(words) or _says(words) in _words("courtesies")


def _says(words: str) -> str:
    return fold(words).strip(_EDGES)


@lru_cache(maxsize=2)
def _words(group: Literal["onward", "courtesies"]) -> frozenset[str]:
    """In every language at once: "ok" is written in all of them."""
    return frozenset(fold(word) for language in LANGUAGES for word in getattr(texts(language), group))


def _closing(said: Composed) -> Composed:
    return replace(said, facts=(*said.facts, closed(NAME)))


def _standing(flow: Flow) -> At | None:
    mode, _, name = flow.step.partition(":")
    step = next((each for each in STEPS if each == name), None)
    return At(step, mode == ONE) if step is not None else None


def _step(wish: Doing) -> PlanStep | None:
    return next((each for each in STEPS if each == wish.args.get("at")), None)


SKILL: Final = Skill(
    name=NAME,
    turn=turn,
    doors=doorway("namjai.chat.skills.plan"),
    resume=bubbles.resume_button,
    preload=preload,
)
