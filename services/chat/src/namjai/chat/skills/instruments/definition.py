"""What a questionnaire is: items, options, skips, scoring and bands, as its file in `forms/` states them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

import msgspec

from namjai.chat.content import LANGUAGES, Language

Words = dict[Language, str]
Sex = Literal["male", "female"]
Method = Literal["sum", "per_group", "triage"]
"""One total; one total for each substance; or no total, and the first band whose condition holds."""

GROUPED: Final = 100
"""An item that is asked about every substance has the number: its question x 100 + the substance's place."""


class Test(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whether an item was answered within a range; an item without an answer fails every test."""

    __test__ = False  # no test of pytest's

    item: int
    at_least: int = 1
    at_most: int | None = None

    def holds(self, answers: Mapping[int, int | None]) -> bool:
        """Whether it does. `at_most` alone means "no more than": what was not asked counts as 0 there."""
        value = answers.get(self.item)
        if self.at_most is not None:
            return (value or 0) <= self.at_most
        return value is not None and value >= self.at_least


class When(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A condition on answers."""

    any: tuple[Test, ...] = ()
    all: tuple[Test, ...] = ()

    def holds(self, answers: Mapping[int, int | None]) -> bool:
        """Whether every test of `all` holds, and at least one of `any` if there is one."""
        some = not self.any or any(test.holds(answers) for test in self.any)
        return some and all(test.holds(answers) for test in self.all)


class Wording(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a form's words in one language come from, and whether somebody compared them with the publisher's."""

    kind: Literal["original", "official", "translation", "owner"]
    """`translation` is ours, a draft; `owner`: a placeholder, since only the owner may word it."""
    verified: bool = False


class Option(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A possible answer. Its value is its points."""

    value: int
    label: Words


class Group(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A substance that the same questions are asked about; `short` is what a result calls it."""

    id: str
    label: Words
    short: Words


class Item(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One question. `number` is the publisher's, and the item's name in the log."""

    number: int
    text: Words
    options: str
    about_death: bool = False
    """Above zero it goes to risk at that answer."""
    scored: bool = True
    required: bool | None = None
    """Whether the form is incomplete without it; as `scored` where the file says nothing."""
    own_stem: bool = False
    """It does not continue the sentence that the others begin with."""
    when: When | None = None
    per_group: bool = False
    not_for: tuple[str, ...] = ()
    group: str | None = None
    """Set when an item for all substances is unfolded into one for each."""

    @property
    def is_required(self) -> bool:
        """Without an answer to it there is no score."""
        return self.scored if self.required is None else self.required


class Band(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A range of results: by the total, or in a triage by a condition. A band without either begins at the cut-off."""

    id: str
    label: Words
    means: Words
    at_least: int | None = None
    at_least_for: dict[str, int] = {}
    when: When | None = None
    positive: bool = False
    """For forms whose result is positive by its band; where there is a cut-off, that alone decides."""


class Scoring(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How answers become a result."""

    method: Method
    max: int | None = None
    max_for: dict[str, int] = {}
    cutoff: int | None = None
    """A total from here on is positive; a clinic may choose its own."""
    cutoff_by_sex: dict[Sex, int] = {}
    positive_when: When | None = None
    """Positive whatever the total is."""


class Flag(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something to say about a result beside its band."""

    id: str
    when: When
    says: Words


class Lead(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to offer next: the first of these forms that can be offered, when a result is positive or `when` holds."""

    forms: tuple[str, ...]
    when: When | None = None


class Definition(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A questionnaire."""

    id: str
    version: str
    verified: bool
    """Whether structure and scoring were read in a published source."""
    source: str
    licence: Words
    caution: Words = {}
    wording: dict[Language, Wording]
    first_in: Language = "en"
    name: Words
    about: Words
    recall: Words
    stem: Words = {}
    groups: tuple[Group, ...] = ()
    options: dict[str, tuple[Option, ...]]
    items: tuple[Item, ...]
    skippable: bool
    """Whether a question may be left out; the form then has no score."""
    scoring: Scoring
    bands: tuple[Band, ...]
    flags: tuple[Flag, ...] = ()
    leads_to: tuple[Lead, ...] = ()

    def item(self, number: int) -> Item | None:
        """The item with this number."""
        return next((item for item in self.items if item.number == number), None)

    def choices(self, item: Item) -> tuple[Option, ...]:
        """The answers that an item can have."""
        return self.options[item.options]

    def band(self, name: str) -> Band:
        """The band with this name."""
        return next(band for band in self.bands if band.id == name)

    def speaks(self, language: Language) -> bool:
        """Whether it may be shown in this language: a placeholder may not."""
        return self.wording[language].kind != "owner"

    def is_verified(self, language: Language) -> bool:
        """Whether both the scoring and these words were compared with what the publisher says."""
        return self.verified and self.wording[language].verified


def unfolded(definition: Definition) -> Definition:
    """The form with every item for all substances written out, question by question as it is asked."""
    places = {group.id: place for place, group in enumerate(definition.groups, 1)}
    per_group = {item.number for item in definition.items if item.per_group}
    items: list[Item] = []
    for item in definition.items:
        if item.per_group:
            items += [_about(item, group.id, places) for group in definition.groups if group.id not in item.not_for]
        elif definition.groups:
            spread = _spread(item.when, per_group, tuple(places.values())) if item.when else None
            items.append(msgspec.structs.replace(item, number=item.number * GROUPED, when=spread))
        else:
            items.append(item)
    if not definition.groups:
        return definition
    flags = tuple(msgspec.structs.replace(flag, when=_spread(flag.when, per_group, ())) for flag in definition.flags)
    return msgspec.structs.replace(definition, items=tuple(items), flags=flags)


def _about(item: Item, group: str, places: Mapping[str, int]) -> Item:
    when = item.when and When(
        any=tuple(_of(test, places[group]) for test in item.when.any),
        all=tuple(_of(test, places[group]) for test in item.when.all),
    )
    return msgspec.structs.replace(item, number=item.number * GROUPED + places[group], group=group, when=when)


def _of(test: Test, place: int) -> Test:
    return msgspec.structs.replace(test, item=test.item * GROUPED + place)


def _spread(when: When, per_group: set[int], places: tuple[int, ...]) -> When:
    """A test of a question that is asked about every substance holds when it holds for one of them."""
    tests = [
        _of(test, place)
        for test in when.any
        for place in (places if test.item in per_group else (0,))
    ]  # fmt: skip
    return When(any=tuple(tests), all=tuple(_of(test, 0) for test in when.all))


def faults(definition: Definition) -> list[str]:
    """What is wrong with a form that its types cannot tell; empty when nothing is."""
    numbers = [item.number for item in definition.items]
    found = [f"item {number} twice" for number in {n for n in numbers if numbers.count(n) > 1}]
    for item in definition.items:
        choices = definition.options.get(item.options, ())
        values = [option.value for option in choices]
        if len(set(values)) < 2 or len(set(values)) < len(values) or min(values, default=0) < 0:
            found.append(f"item {item.number}: its options must differ, and none be below zero")
        earlier = set(numbers[: numbers.index(item.number)])
        tests = (*item.when.any, *item.when.all) if item.when else ()
        found += [f"item {item.number} asks for {test.item}" for test in tests if test.item not in earlier]
    for words in _all_words(definition):
        if missing := [language for language in LANGUAGES if not words.get(language)]:
            found.append(f"no {', '.join(missing)}: {next(iter(words.values()), '')[:40]}")
    known = {test.item for band in definition.bands if band.when for test in (*band.when.any, *band.when.all)}
    known |= {test.item for flag in definition.flags for test in (*flag.when.any, *flag.when.all)}
    found += [f"no item {number}" for number in sorted(known - set(numbers))]
    return [*found, *_scoring_faults(definition)]


def _all_words(definition: Definition) -> list[Words]:
    optional = [words for words in (definition.stem, definition.caution) if words]
    said = [definition.licence, definition.name, definition.about, definition.recall, *optional]
    said += [item.text for item in definition.items]
    said += [option.label for options in definition.options.values() for option in options]
    said += [words for group in definition.groups for words in (group.label, group.short)]
    said += [words for band in definition.bands for words in (band.label, band.means)]
    return [*said, *(flag.says for flag in definition.flags)]


def _scoring_faults(definition: Definition) -> list[str]:
    scoring, starts = definition.scoring, [band.at_least for band in definition.bands if band.at_least is not None]
    match scoring.method:
        case "triage":
            fallback = [band for band in definition.bands if band.when is None]
            return [] if fallback == list(definition.bands[-1:]) else ["the last band alone has no condition"]
        case _ if starts != sorted(set(starts)) or starts[:1] != [0]:
            return ["bands must rise from 0"]
        case "sum" if scoring.max != _most(definition, None):
            return [f"the highest sum is {_most(definition, None)}"]
        case "per_group":
            most = {group.id: _most(definition, group.id) for group in definition.groups}
            wrong = {name: sum_ for name, sum_ in most.items() if sum_ != scoring.max_for.get(name, scoring.max)}
            return [f"the highest sums are {wrong}"] if wrong else []
    return []


def _most(definition: Definition, group: str | None) -> int:
    """The highest sum that the items can reach."""
    scored = [item for item in definition.items if item.scored and (group is None or item.group == group)]
    return sum(max(option.value for option in definition.choices(item)) for item in scored)
