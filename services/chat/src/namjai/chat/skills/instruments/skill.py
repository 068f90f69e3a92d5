"""The turn: which form is meant, what was done in it, and what is said then. Nothing here is worded by a model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal

from namjai.chat.content import LANGUAGES
from namjai.chat.domain.composed import Composed, View, joined_buttons
from namjai.chat.domain.doing import Doing, doorway
from namjai.chat.domain.visit import Flow, Visit, closed, moved
from namjai.chat.ports import Desk, Recorded
from namjai.chat.skills.instruments import bubbles, filling, reading
from namjai.chat.skills.instruments.bubbles import FORM_OPEN, NAME
from namjai.chat.skills.instruments.definition import Definition
from namjai.chat.skills.instruments.filling import Filling, Step
from namjai.chat.skills.instruments.library import Library, library
from namjai.chat.skills.instruments.score import Incomplete, Scored
from namjai.chat.skills.instruments.texts import instrument_texts
from namjai.chat.skills.skill import Skill
from namjai.events import Fact
from namjai.events.instrument import InstrumentAnswered, InstrumentCompleted, InstrumentStarted, InstrumentStopped

ASKING: Final = "asking"
"""The only step of the flow: which question is open follows from the answers."""
_LOOKS: Final = frozenset({"list", "open"})
"""What only shows something and answers nothing."""


@dataclass(frozen=True)
class Forms:
    """The skill with the forms of one clinic."""

    library: Library

    async def turn(self, visit: Visit, desk: Desk) -> Composed | None:
        """Buttons and doors first, each in its order; then words, if they answer the open question."""
        doings = [doing for doing in visit.heard.doings if doing.skill == NAME]
        open_form = self._open(visit.flow)
        if not doings:
            step = self._words(open_form, visit.heard.words) if open_form is not None else None
            return self._told(step, visit) if step is not None else None
        given = [doing for doing in doings if doing.action not in _LOOKS]
        done = await self._filled_in(given, open_form, visit, desk) if given else None
        if done is not None and (doings[-1].action not in _LOOKS or _is_grave(done.facts)):
            return done
        shown = self._looked_at(doings[-1], visit.view)
        if done is not None:
            return replace(shown, facts=done.facts)
        return joined_buttons(shown, [bubbles.resume(visit.view)]) if open_form is not None else shown

    def _looked_at(self, doing: Doing, view: View) -> Composed:
        """A form before it is begun, or all of them."""
        form = self.library.get(doing.args.get("form", ""), view.language)
        return bubbles.introduced(form, view) if form else bubbles.listed(self.library, view)

    async def _filled_in(
        self, doings: Sequence[Doing], open_form: Filling | None, visit: Visit, desk: Desk
    ) -> Composed:
        """What was pressed while a form was open, or to open one. Buttons can come several at once, after an outage."""
        first = doings[0]
        if open_form is None and first.action in ("resume", "answer", "back", "skip"):
            open_form = await self._unfinished(desk, visit)
        step = Step(open_form, form=open_form.form if open_form else None)
        for doing in doings:
            done = await self._done(doing, step, visit, desk)
            if done.filling is None and step.result is not None and done.result is None:  # its last button, twice
                done = replace(step, facts=done.facts, grave=done.grave)
            step = replace(done, facts=(*step.facts, *done.facts), grave=step.grave or done.grave)
        return self._told(step, visit)

    async def _done(self, doing: Doing, step: Step, visit: Visit, desk: Desk) -> Step:
        """One button, after those before it."""
        at = step.filling
        if doing.action == "begin":
            return await self._begun(doing, at, visit, desk)
        if at is None or doing.args.get("form", at.form.id) != at.form.id:
            return self._too_late(doing, step)
        number = _number(doing.args.get("item"))
        match doing.action:
            case "answer" if doing.args.get("v") == at.form.version:
                value = _number(doing.args.get("value"))
                return self._answered(at, number if number is not None else -1, value if value is not None else -1)
            case "answer":
                return replace(self._too_late(doing, step), filling=at)
            case "back":
                return filling.back(at, number)
            case "skip":
                return filling.left_out(at, number, cutoff=self._cutoff(at.form))
            case "stop":
                return filling.stopped(at)
            case _:
                return Step(at, form=at.form)

    async def _begun(self, doing: Doing, at: Filling | None, visit: Visit, desk: Desk) -> Step:
        """The first question; what was left unfinished before is over, and on record as such."""
        form = self.library.get(doing.args.get("form", ""), visit.view.language)
        if form is None:
            return Step(at, form=at.form if at else None)
        if at is None:
            left: tuple[Fact, ...] = tuple(await self._abandoned(desk, visit))
        else:
            left = filling.stopped(at).facts
        step = filling.begun(form)
        return replace(step, facts=(*left, *step.facts))

    def _too_late(self, doing: Doing, step: Step) -> Step:
        """A button of a form that is not open. What it says about death counts all the same."""
        form = self.library.forms.get(doing.args.get("form", "")) or step.form
        item = form.item(_number(doing.args.get("item")) or 0) if form else None
        value = _number(doing.args.get("value")) or 0
        known = form is not None and item is not None and value in {each.value for each in form.choices(item)}
        if doing.action == "answer" and form and item and known and item.about_death and value > 0:
            return Step(step.filling, (filling.recorded(form, item, value),), grave=True, form=form)
        return Step(step.filling, note="earlier" if step.filling else None, form=form)

    def _answered(self, at: Filling, number: int, value: int) -> Step:
        return filling.answered(at, number, value, cutoff=self._cutoff(at.form))

    def _words(self, at: Filling, words: Sequence[str]) -> Step | None:
        """Typed words as one answer or one move; None where they are talk, which is answered elsewhere."""
        moves = {reading.move_in(said) for said in words}
        if len(moves) == 1 and (move := moves.pop()) is not None:
            return self._moved(move, at)
        values = {reading.answer_in(said, at.form.choices(at.item)) for said in words}
        if len(values) == 1 and (value := values.pop()) is not None:
            return self._answered(at, at.item.number, value)
        if words and all(reading.is_a_try(said) for said in words):
            return Step(at, note="unclear", form=at.form)
        return None

    def _moved(self, move: Literal["back", "skip", "stop"], at: Filling) -> Step:
        match move:
            case "back":
                return filling.back(at, None)
            case "skip":
                return filling.left_out(at, None, cutoff=self._cutoff(at.form))
            case "stop":
                return filling.stopped(at)

    def _told(self, step: Step, visit: Visit) -> Composed:
        """The words for where a step led, with its facts and where the form stands now."""
        words = self._worded(step, visit)
        at = replace(step.filling, cared=True) if step.filling and step.grave else step.filling
        if at is not None:
            flow: tuple[Fact, ...] = (moved(NAME, ASKING, at.slots, until=visit.now + FORM_OPEN),)
        else:
            flow = (closed(NAME),) if visit.flow is not None else ()
        return replace(words, facts=(*step.facts, *flow))

    def _worded(self, step: Step, visit: Visit) -> Composed:
        view, at = visit.view, step.filling
        if step.grave and (at is None or not at.cared) and step.result is None:
            return bubbles.cared(at, view, visit.scene)
        if at is not None:
            return bubbles.asked(at, view, step.note)
        match step.result:
            case Scored() as result if step.form is not None:
                following = self._following(result, view)
                answers, scene, care = step.answers or {}, visit.scene, step.grave and not step.cared
                return bubbles.finished(step.form, answers, result, following, view, scene, care=care)
            case Incomplete() if step.form is not None:
                return bubbles.ended("ended_without", step.form, view, again=True)
        if step.form is None:
            return bubbles.listed(self.library, view)
        stopped = any(isinstance(fact, InstrumentStopped) for fact in step.facts)
        return bubbles.ended("stopped" if stopped else "closed", step.form, view, again=not stopped)

    def _following(self, result: Scored, view: View) -> Definition | None:
        """The next form of a chain, the first that can be offered."""
        names = [name for lead in result.leads for name in lead.forms]
        return next((form for name in names if (form := self.library.get(name, view.language))), None)

    def _cutoff(self, form: Definition) -> int | None:
        return self.library.cutoffs.get(form.id)

    def _open(self, flow: Flow | None) -> Filling | None:
        form = self.library.forms.get(flow.slots.get("form", "")) if flow is not None else None
        return filling.filling_of(form, flow.slots) if form is not None and flow is not None else None

    async def _unfinished(self, desk: Desk, visit: Visit) -> Filling | None:
        """The newest form that was begun and not ended, where another conversation came between; within its time."""
        started = await _left_open(desk)
        form = self.library.forms.get(started.fact.instrument) if started else None
        if started is None or form is None or started.fact.version != form.version:
            return None
        said = [each for each in await desk.records.all(InstrumentAnswered) if each.at >= started.at]
        newest = max((each.at for each in said), default=started.at)
        if visit.now - newest >= FORM_OPEN:
            return None
        return filling.rebuilt(form, [each.fact for each in said])

    async def _abandoned(self, desk: Desk, visit: Visit) -> Sequence[InstrumentStopped]:
        """What says that the form before was never finished; at most one."""
        started = await _left_open(desk)
        if started is None:
            return ()
        said = [each for each in await desk.records.all(InstrumentAnswered) if each.at >= started.at]
        newest = max((each.at for each in said), default=started.at)
        reason: Literal["time", "person"] = "time" if visit.now - newest >= FORM_OPEN else "person"
        fact, given = started.fact, len({each.fact.item for each in said})
        stop = InstrumentStopped(instrument=fact.instrument, version=fact.version, answered=given, reason=reason)
        return (stop,)

    def preload(self) -> None:
        """Read the words; the forms were read when the skill was made."""
        for language in LANGUAGES:
            instrument_texts(language)
            bubbles.listed(self.library, View(language, "", frozenset()))


async def _left_open(desk: Desk) -> Recorded[InstrumentStarted] | None:
    """The last beginning, if no end came after it."""
    started = await desk.records.last(InstrumentStarted)
    ends = [await desk.records.last(InstrumentCompleted), await desk.records.last(InstrumentStopped)]
    ended = max((end.at for end in ends if end is not None), default=None)
    return started if started is not None and (ended is None or ended <= started.at) else None


def _is_grave(facts: Sequence[Fact]) -> bool:
    return any(isinstance(fact, InstrumentAnswered) and fact.about_death and fact.value > 0 for fact in facts)


def _number(given: str | None) -> int | None:
    return int(given) if given is not None and given.isascii() and given.isdigit() and len(given) <= 6 else None


def instruments(directory: Path | None = None) -> Skill:
    """The skill with what a clinic's own directory says about the forms. Raises `BadForm`."""
    forms = Forms(library(directory))
    return Skill(
        name=NAME,
        turn=forms.turn,
        doors=doorway("namjai.chat.skills.instruments"),
        resume=bubbles.resume,
        preload=forms.preload,
    )


SKILL: Final = instruments()
"""With the forms as they are shipped."""
