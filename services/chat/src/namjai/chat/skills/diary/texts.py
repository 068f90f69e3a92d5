"""All words of the diary, one file a language, and how people answer its questions."""

from __future__ import annotations

from functools import lru_cache
from typing import Final, Literal, get_args

import msgspec

from namjai.chat.content import LANGUAGES, Language, Meta, load

PACKAGE: Final = "namjai.chat.skills.diary"
Step = Literal["craving", "mood", "used", "note"]
STEPS: Final[tuple[Step, ...]] = get_args(Step)
Badge = Literal[
    "first",
    "days_3",
    "days_7",
    "came_back",
    "ten",
    "practised",
    "reached_out",
    "days_14",
    "days_30",
    "days_60",
    "days_90",
    "days_180",
    "days_365",
]
BADGES: Final[tuple[Badge, ...]] = get_args(Badge)
"""In the order in which they are shown."""


class Count(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A number of days in words."""

    one: str
    other: str

    def of(self, n: int) -> str:
        """`n` days."""
        return self.one if n == 1 else self.other.format(n=n)


class Ends(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the two ends of a ruler mean."""

    low: str
    high: str


class BadgeTexts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A badge: its picture and what it is for."""

    sign: str
    name: str

    @property
    def shown(self) -> str:
        """Both."""
        return f"{self.sign} {self.name}"


class EndTexts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is said when a check-in is over."""

    nothing: str
    noted: str
    more: str
    clean_first: str
    clean: str
    clean_back: str
    used: str
    used_after: str
    craving_high: str
    mood_low: str
    badge: str
    offer: str


class ViewTexts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The diary as it is looked at."""

    title: str
    span: str
    empty: str
    streak: str
    no_streak: str
    fresh: str
    longest: str
    total: str
    week: str
    month: str
    craving: str
    mood: str
    average: str
    clean: str
    used: str
    unknown: str
    badges: str
    next: str
    left: str
    notes: str
    today: str
    shown: str
    alt: str
    alt_run: str


class ReminderTexts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Round reminders: set, stopped, and what they say in turn."""

    ask: str
    set: str
    set_quiet: str
    unread: str
    off: str
    declined: str
    not_today: str
    said: tuple[str, ...]
    goodbye: str


class Texts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One language."""

    meta: Meta
    labels: dict[str, str]
    days: Count
    date: str
    weekdays: tuple[str, ...]
    kept: str
    head: str
    ask: dict[Step, str]
    hint: dict[Step, Ends]
    used_hint: str
    note_hint: str
    unread_number: str
    unread_used: str
    earlier: str
    returned: str
    closed: str
    stopped_kept: str
    stopped_empty: str
    end: EndTexts
    view: ViewTexts
    badges: dict[Badge, BadgeTexts]
    reminders: ReminderTexts
    delete: str


class Answers(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Phrases that mean an answer, or what to do with a question."""

    yes: tuple[str, ...]
    no: tuple[str, ...]
    skip: tuple[str, ...]
    back: tuple[str, ...]
    stop: tuple[str, ...]
    polite: tuple[str, ...]


@lru_cache(maxsize=8)
def texts(language: Language) -> Texts:
    """All words of one language."""
    return load(PACKAGE, f"texts/{language}.yaml", Texts)


@lru_cache(maxsize=1)
def answers() -> Answers:
    """How people answer."""
    return load(PACKAGE, "answers.yaml", Answers)


def preload() -> None:
    """Read everything. Raises `ValueError` where a language lacks a word that another has."""
    answers()
    labels = texts("en").labels.keys()
    for language in LANGUAGES:
        words = texts(language)
        if words.labels.keys() != labels:
            raise ValueError(f"{language} has other buttons: {sorted(words.labels.keys() ^ labels)}")
        if missing := (set(STEPS) - words.ask.keys()) | (set(BADGES) - words.badges.keys()):
            raise ValueError(f"no words for {sorted(missing)} in {language}")
        if len(words.weekdays) != 7:
            raise ValueError(f"{language} has {len(words.weekdays)} weekdays")
