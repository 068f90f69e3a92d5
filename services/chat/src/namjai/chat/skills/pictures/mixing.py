"""What kind of medicine a printed name is, and what must not be mixed with it: a small table, never a guess."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache
from typing import Final, Literal

import msgspec

from namjai.chat.content import LANGUAGES, Language, Meta, load
from namjai.chat.content.words import fold
from namjai.events.checkin import CheckInRecorded
from namjai.events.instrument import InstrumentCompleted

Grade = Literal["danger", "care"]
"""`danger`: people have died of it. `care`: it can harm."""
WARNINGS_MAX: Final = 3
_LETTER: Final = "[a-z0-9]"


class Kind(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A kind of medicine in plain words, and the active ingredients, as printed anywhere, that belong to it."""

    names: dict[Language, str]
    ingredients: tuple[str, ...]
    leaflet: str | None = None
    """A topic of the library of leaflets."""
    counts_as: str | None = None
    """The substance that it is to another medicine shown with it."""


class Substance(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something that people take besides; `words` mean it wherever they stand."""

    names: dict[Language, str]
    words: tuple[str, ...]
    leaflet: str | None = None
    forms: tuple[str, ...] = ()
    """Questionnaires, or parts of them, whose points above zero tell of use: `audit-c`, `assist.opioids`."""


class Mix(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Kinds of medicine and substances that do not go together, and why, in plain words."""

    kinds: tuple[str, ...]
    substances: tuple[str, ...]
    grade: Grade
    words: dict[Language, str]
    source: str
    verified: bool = False


class Mixing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file. `sources` are by name; no row is more than a draft until a pharmacist has checked it."""

    meta: Meta
    sources: dict[str, str]
    denials: tuple[str, ...]
    kinds: dict[str, Kind]
    substances: dict[str, Substance]
    mixes: tuple[Mix, ...]

    def __post_init__(self) -> None:
        for mix in self.mixes:
            if unknown := {*mix.kinds} - {*self.kinds} or {*mix.substances} - {*self.substances}:
                raise ValueError(f"a mix of {', '.join(sorted(unknown))}, which the table does not know")
            if mix.source not in self.sources:
                raise ValueError(f"a mix rests on {mix.source}, which is no source of the table")
        named = [kind.names for kind in self.kinds.values()] + [each.names for each in self.substances.values()]
        for said in (*named, *(mix.words for mix in self.mixes)):
            if missing := {*LANGUAGES} - {*said}:
                raise ValueError(f"no words in {', '.join(sorted(missing))}")


@lru_cache(maxsize=1)
def mixing() -> Mixing:
    """The table."""
    return load("namjai.chat.skills.pictures", "mixing.yaml", Mixing)


def kinds_in(printed: Iterable[str]) -> tuple[str, ...]:
    """The kinds of medicine that printed names tell, in the order of the table."""
    text = fold("\n".join(printed)).replace("\n", " ")
    return tuple(name for name, pattern in _patterns("kinds") if pattern.search(text))


def substances_in(words: Iterable[str]) -> tuple[str, ...]:
    """What people say they take. "No alcohol" and "I quit" tell of none, but neither is taken for an answer."""
    said = [clause for text in words for clause in re.split(r"[.,;!?。，；！？\n]|\bbut\b|แต่|但", fold(text))]
    taken = [clause for clause in said if not any(no in f" {clause} " for no in _denials())]
    return tuple(name for name, pattern in _patterns("substances") if any(map(pattern.search, taken)))


def told(notes: Sequence[CheckInRecorded], forms: Sequence[InstrumentCompleted]) -> tuple[str, ...]:
    """What the diary and the newest of each questionnaire say that a person takes."""
    written = [note.note.get("") for note in notes if note.note is not None and note.used is not False]
    points = {}
    for form in forms:
        points[form.instrument] = form.total or 0
        points.update({f"{form.instrument}.{part}": value for part, value in form.subscores.items()})
    noted = substances_in(written)
    table = mixing().substances
    return tuple(name for name in table if name in noted or any(points.get(form, 0) > 0 for form in table[name].forms))


def mixes_of(kinds: Collection[str], taken: Collection[str]) -> tuple[Mix, ...]:
    """The warnings, the gravest first; one for each reason."""
    fitting = [mix for mix in mixing().mixes if {*mix.kinds} & {*kinds} and {*mix.substances} & {*taken}]
    return tuple(sorted(fitting, key=lambda mix: mix.grade != "danger"))[:WARNINGS_MAX]


def risky_with(kinds: Collection[str]) -> tuple[str, ...]:
    """What is worth asking about: the substances that any of these kinds must not be mixed with."""
    known = {name for mix in mixing().mixes if {*mix.kinds} & {*kinds} for name in mix.substances}
    return tuple(name for name in mixing().substances if name in known)


@lru_cache(maxsize=2)
def _patterns(part: Literal["kinds", "substances"]) -> tuple[tuple[str, re.Pattern[str]], ...]:
    table = mixing()
    words = (
        {name: kind.ingredients for name, kind in table.kinds.items()}
        if part == "kinds"
        else {name: substance.words for name, substance in table.substances.items()}
    )
    return tuple((name, re.compile("|".join(map(_pattern, said)))) for name, said in words.items())


def _pattern(word: str) -> str:
    """A Latin word as a word, one of Thai or Chinese anywhere."""
    folded = re.escape(fold(word))
    return f"(?<!{_LETTER}){folded}(?!{_LETTER})" if fold(word).isascii() else folded


@lru_cache(maxsize=1)
def _denials() -> tuple[str, ...]:
    return tuple(fold(word) if not word.isascii() else f" {fold(word)} " for word in mixing().denials)
