"""Somebody fills in a form: from where they stand and what they do, to where they stand then and what is on record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from namjai.chat.skills.instruments import walk
from namjai.chat.skills.instruments.definition import Definition, Item
from namjai.chat.skills.instruments.score import Incomplete, Scored, score
from namjai.events import Fact
from namjai.events.instrument import InstrumentAnswered, InstrumentCompleted, InstrumentStarted, InstrumentStopped

Note = Literal["unclear", "earlier", "needed"]
LEFT_OUT: Final = "-"


@dataclass(frozen=True)
class Filling:
    """An open form. `cared`: it was already said, after an answer about death, where there is help."""

    form: Definition
    answers: Mapping[int, int | None]
    cared: bool = False

    @property
    def item(self) -> Item:
        """The open question: there always is one, else the form is not open any more."""
        item = walk.next_item(self.form, self.answers)
        if item is None:
            raise AssertionError("a form without an open question is at its end")
        return item

    @property
    def slots(self) -> dict[str, Any]:
        """As the log keeps it, sealed."""
        answers = {str(number): LEFT_OUT if value is None else value for number, value in self.answers.items()}
        return {"form": self.form.id, "version": self.form.version, "answers": answers, "cared": self.cared}


def filling_of(form: Definition, slots: Mapping[str, Any]) -> Filling | None:
    """The open form as it was kept; None where it has become another one since."""
    if slots.get("version") != form.version:
        return None
    answers = {int(n): None if value == LEFT_OUT else int(value) for n, value in slots.get("answers", {}).items()}
    filling = Filling(form, answers, bool(slots.get("cared")))
    return filling if walk.next_item(form, answers) is not None else None


@dataclass(frozen=True)
class Step:
    """What one answer or wish led to. `filling` is None when the form is over: `result` says how, None was a stop."""

    filling: Filling | None
    facts: tuple[Fact, ...] = ()
    note: Note | None = None
    grave: bool = False
    """Something about death was answered above zero, in this step or another one of the same turn."""
    cared: bool = False
    """As in the filling that it began with."""
    form: Definition | None = None
    result: Scored | Incomplete | None = None
    answers: Mapping[int, int | None] | None = None


def begun(form: Definition) -> Step:
    """A form from its first question."""
    return Step(Filling(form, {}), (InstrumentStarted(instrument=form.id, version=form.version),), form=form)


def answered(filling: Filling, number: int, value: int, *, cutoff: int | None) -> Step:
    """The answer to the open question, or another one to a question that was answered before."""
    item = filling.form.item(number)
    reached = item is not None and (item.number in filling.answers or item.number == filling.item.number)
    if item is None or not reached or value not in {option.value for option in filling.form.choices(item)}:
        return Step(filling, note="earlier", form=filling.form)
    if filling.answers.get(number) == value:  # pressed twice
        return Step(filling, form=filling.form)
    answers = _still_asked(filling.form, walk.answered(filling.form, filling.answers, item, value))
    fact = recorded(filling.form, item, value)
    step = _onward(filling, answers, cutoff)
    return replace(step, facts=(fact, *step.facts), grave=fact.about_death and value > 0)


def recorded(form: Definition, item: Item, value: int) -> InstrumentAnswered:
    """The fact of one answer. About death and above zero, it goes to risk as it is said."""
    return InstrumentAnswered(
        instrument=form.id, version=form.version, item=item.number, value=value, about_death=item.about_death
    )


def left_out(filling: Filling, number: int | None, *, cutoff: int | None) -> Step:
    """The open question is left out, where the form lets it; `number` None: whichever is open."""
    if number not in (None, filling.item.number):
        return Step(filling, note="earlier", form=filling.form)
    if not walk.may_skip(filling.form, filling.item):
        return Step(filling, note="needed", form=filling.form)
    return _onward(filling, walk.skipped(filling.form, filling.answers, filling.item), cutoff)


def back(filling: Filling, number: int | None) -> Step:
    """One question back. A button under an earlier question has been pressed before: nothing moves."""
    if number not in (None, filling.item.number):
        return Step(filling, note="earlier", form=filling.form)
    return Step(replace(filling, answers=walk.back(filling.form, filling.answers)), form=filling.form)


def stopped(filling: Filling, reason: Literal["person", "time", "skipped"] = "person") -> Step:
    """Left unfinished: no score, which is not 0."""
    return Step(None, (_stop(filling.form, filling.answers, reason),), form=filling.form)


def _onward(filling: Filling, answers: Mapping[int, int | None], cutoff: int | None) -> Step:
    form = filling.form
    if walk.next_item(form, answers) is not None:
        return Step(replace(filling, answers=answers), form=form)
    result = score(form, answers, cutoff=cutoff)
    match result:
        case Incomplete():
            ended: Fact = _stop(form, answers, "skipped")
        case Scored():
            ended = InstrumentCompleted(
                instrument=form.id,
                version=form.version,
                total=result.total,
                band=result.band.id,
                positive=result.positive,
                subscores=result.subscores,
                flags=result.flag_ids,
            )
    return Step(None, (ended,), cared=filling.cared, form=form, result=result, answers=answers)


def _stop(
    form: Definition, answers: Mapping[int, int | None], reason: Literal["person", "time", "skipped"]
) -> InstrumentStopped:
    given = sum(value is not None for value in answers.values())
    return InstrumentStopped(instrument=form.id, version=form.version, answered=given, reason=reason)


def _still_asked(form: Definition, answers: Mapping[int, int | None]) -> dict[int, int | None]:
    """Without the answers to questions that are not asked any more, now that an earlier answer is another one."""
    asked = {item.number for item in walk.asked(form, answers)}
    kept = {number: value for number, value in answers.items() if number in asked}
    return kept if len(kept) == len(answers) else _still_asked(form, kept)


def is_about_death(form: Definition, answers: Mapping[int, int | None]) -> bool:
    """Whether something about death was answered above zero."""
    return any(item.about_death and (answers.get(item.number) or 0) > 0 for item in form.items)


def rebuilt(form: Definition, said: Sequence[InstrumentAnswered]) -> Filling | None:
    """The open form from the answers in the log, where another conversation has come between."""
    answers: dict[int, int | None] = {}
    for fact in said:
        if fact.instrument == form.id and fact.version == form.version:
            answers[fact.item] = fact.value
    answers = _still_asked(form, answers)
    filling = Filling(form, answers, is_about_death(form, answers))
    return filling if walk.next_item(form, answers) is not None else None
