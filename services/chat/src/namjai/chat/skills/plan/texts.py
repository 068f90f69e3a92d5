"""All words round the safety plan, one file a language."""

from __future__ import annotations

from functools import lru_cache
from typing import Final, get_args

import msgspec

from namjai.chat.content import LANGUAGES, Language, Meta, load
from namjai.events.plan import PlanStep

PACKAGE: Final = "namjai.chat.skills.plan"
STEPS: Final[tuple[PlanStep, ...]] = get_args(PlanStep)


class StepTexts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One step: its heading, the question, and examples to pick from."""

    title: str
    ask: str
    examples: tuple[str, ...]


class ShareTexts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """On the way to somebody else: what is missing, the question, and what became of it."""

    nothing: str
    no_contact: str
    no_consent: str
    no_email: str
    ask: str
    sent: str
    kept: str
    changed: str


class Letter(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The e-mail round the person's words."""

    subject: str
    opening: str
    lines: str
    closing: str


class Texts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One language."""

    meta: Meta
    labels: dict[str, str]
    title: str
    subtitle: str
    call: str
    lines_title: str
    progress: str
    one: str
    so_far: str
    lines_always: str
    hint: str
    none: str
    none_now: str
    about: str
    noted: str
    full: str
    long: str
    now: str
    cleared: str
    earlier: str
    stopped: str
    finished: str
    shown: str
    empty: str
    which: str
    closed: str
    onward: tuple[str, ...]
    """What people write instead of tapping "next": no line of a plan."""
    courtesies: tuple[str, ...]
    steps: dict[PlanStep, StepTexts]
    share: ShareTexts
    letter: Letter


@lru_cache(maxsize=8)
def texts(language: Language) -> Texts:
    """All words of one language."""
    return load(PACKAGE, f"texts/{language}.yaml", Texts)


def preload() -> None:
    """Read everything. Raises `ValueError` where a step has no words."""
    for language in LANGUAGES:
        if missing := set(STEPS) - texts(language).steps.keys():
            raise ValueError(f"no words for {sorted(missing)} in {language}")
