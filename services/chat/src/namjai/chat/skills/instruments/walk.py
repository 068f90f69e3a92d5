"""The way through a form: which item is next, back, leaving one out, and where somebody stands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from namjai.chat.skills.instruments.definition import Definition, Item

Answers: TypeAlias = Mapping[int, int | None]
"""Item number → points; None: the person left it out."""


class NotAllowed(Exception):
    """The form does not let this item be left out."""


def asked(definition: Definition, answers: Answers) -> tuple[Item, ...]:
    """The items that these answers lead to, in their order. It can grow with the next answer."""
    return tuple(item for item in definition.items if item.when is None or item.when.holds(answers))


def next_item(definition: Definition, answers: Answers) -> Item | None:
    """The first item that is to be asked and has no answer yet; None when the form is at its end."""
    return next((item for item in asked(definition, answers) if item.number not in answers), None)


def answered(definition: Definition, answers: Answers, item: Item, value: int) -> dict[int, int | None]:
    """The answers with one more. Raises `ValueError` where the item has no such option."""
    if value not in {option.value for option in definition.choices(item)}:
        raise ValueError(f"{definition.id} item {item.number} has no option of that value")
    return {**answers, item.number: value}


def skipped(definition: Definition, answers: Answers, item: Item) -> dict[int, int | None]:
    """The answers with this item left out. Raises `NotAllowed` where the form wants it."""
    if not may_skip(definition, item):
        raise NotAllowed(item.number)
    return {**answers, item.number: None}


def may_skip(definition: Definition, item: Item) -> bool:
    """Whether the item may be left out, with or without a score in the end."""
    return definition.skippable or not item.is_required


def back(definition: Definition, answers: Answers) -> dict[int, int | None]:
    """The answers without the last one given, in the order of the form; at the beginning nothing changes."""
    given = [item.number for item in asked(definition, answers) if item.number in answers]
    return {number: value for number, value in answers.items() if number not in given[-1:]}


def place(definition: Definition, answers: Answers) -> tuple[int, int | None]:
    """How many items have been passed, and how many there are as far as these answers tell; None where the next one
    may multiply them."""
    on_the_way = asked(definition, answers)
    passed = sum(item.number in answers for item in on_the_way)
    return passed, None if definition.groups else len(on_the_way)
