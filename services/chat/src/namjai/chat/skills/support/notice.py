"""Notices a few things in a message that a good listener would take up: what was used, when it is hard, who matters."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final, Literal

import msgspec

from namjai.chat.content import load
from namjai.chat.domain.language import fold, plain
from namjai.chat.skills.support.understand import READ_CHARS_MAX, substances

Kind = Literal["time", "trigger", "person", "substance", "feeling"]
FEELINGS: Final = frozenset({"sadness", "anxiety", "anger", "loneliness", "shame", "boredom", "grief"})
"""Intents that are feelings."""
_TIMES: Final = frozenset({"milestone"})
_OUGHT: Final = frozenset({"reasons", "need", "commitment", "plan", "steps", "ambivalence", "milestone"})
"""Where somebody is named in one of these, it is for their sake or with their help. Elsewhere it may be a quarrel."""


_WHOLE: Final = r"(?<![a-z])(?<!ty[ -])(?<!สิบ)(?<!ร้อย)(?<!ยี่)(?<![一二三四五六七八九十百])"
"""Not the end of a longer number word, such as the five of thirty-five."""


class Time(msgspec.Struct, frozen=True):
    """So many days, weeks, months or years."""

    count: int
    unit: str


class Noticed(msgspec.Struct, frozen=True, omit_defaults=True):
    """What was noticed, by the names that the texts know. Nothing here is the person's own wording."""

    substance: str | None = None
    trigger: str | None = None
    person: str | None = None
    feeling: str | None = None
    time: Time | None = None

    def since(self, earlier: Noticed) -> Noticed:
        """This, and where it has nothing, what was noticed earlier."""
        mine, theirs = msgspec.structs.asdict(self), msgspec.structs.asdict(earlier)
        return Noticed(**{name: value if value is not None else theirs[name] for name, value in mine.items()})

    def pieces(self) -> tuple[Kind, ...]:
        """The kinds that are known, in the order in which they are told."""
        order: tuple[Kind, ...] = ("substance", "time", "trigger", "feeling", "person")
        return tuple(kind for kind in order if getattr(self, kind) is not None)


class Things(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file."""

    triggers: dict[str, tuple[str, ...]]
    people: dict[str, tuple[str, ...]]
    units: dict[str, tuple[str, ...]]
    numbers: dict[int, tuple[str, ...]]


def notice(text: str, intent: str) -> Noticed:
    """What stands out in a message that is about `intent`."""
    folded = fold(text[:READ_CHARS_MAX])
    named = substances(text)
    return Noticed(
        substance=named[0] if len(named) == 1 else None,
        trigger=_first("triggers", folded),
        person=_first("people", folded) if intent in _OUGHT else None,
        feeling=intent if intent in FEELINGS else None,
        time=_time(folded) if intent in _TIMES else None,
    )


def remembered(slots: Mapping[str, Any]) -> Noticed:
    """What an open conversation has kept; nothing where an older release kept it otherwise."""
    try:
        return msgspec.convert(slots.get("noticed", {}), Noticed)
    except msgspec.ValidationError:
        return Noticed()


@lru_cache(maxsize=1)
def things() -> Things:
    """The words."""
    return load("namjai.chat.skills.support", "things.yaml", Things)


def _first(group: Literal["triggers", "people"], folded: str) -> str | None:
    return next((name for name, pattern in _patterns(group) if pattern.search(folded)), None)


def _time(folded: str) -> Time | None:
    for unit, pattern in _times():
        if (found := pattern.search(folded)) is not None:
            number = _numbers().get(found["number"]) or int(found["number"])
            return Time(number, unit) if number else None
    return None


@lru_cache(maxsize=4)
def _patterns(group: Literal["triggers", "people"]) -> tuple[tuple[str, re.Pattern[str]], ...]:
    named: dict[str, tuple[str, ...]] = getattr(things(), group)
    return tuple((name, re.compile(_any(patterns))) for name, patterns in named.items())


@lru_cache(maxsize=1)
def _times() -> tuple[tuple[str, re.Pattern[str]], ...]:
    numbers = "|".join(sorted(_numbers(), key=len, reverse=True))
    return tuple(
        (unit, re.compile(rf"(?P<number>(?<![\d.])\d{{1,3}}|{_WHOLE}(?:{numbers})) ?(?:{_any(patterns)})"))
        for unit, patterns in things().units.items()
    )


@lru_cache(maxsize=1)
def _numbers() -> dict[str, int]:
    return {plain(word): number for number, words in things().numbers.items() for word in words}


def _any(patterns: tuple[str, ...]) -> str:
    thai, english, chinese = patterns
    return plain(f"(?:{thai})|(?<![a-z])(?:{english})(?![a-z])|(?:{chinese})")
