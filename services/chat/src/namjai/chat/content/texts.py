"""The fixed texts of danger and care, in each language in which everything is said, and the words of commands."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import msgspec

from namjai.chat.content.load import Language, Meta, UiLanguage, load

PACKAGE: Final = "namjai.chat.content"


class LineTexts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a help line is described."""

    always: str
    open_until: str
    hours_unknown: str
    call: str
    verified: str
    unverified: str


class SupportiveTexts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One sentence or two after the card at level high: about a feeling, about a danger, or to somebody who helps."""

    feelings: str
    safety: str
    about_other: str


class CrisisTexts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The fixed words of a crisis. `opening` is per category; `about_other` when another person is in danger."""

    meta: Meta
    title: str
    opening: dict[str, str]
    about_other: dict[str, str]
    alert_raised: str
    unwatched: str
    unwatched_until: str
    not_an_emergency_service: str
    supportive: SupportiveTexts
    unscreened: str
    lines: LineTexts


class About(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The same words to somebody in danger, and to somebody who worries about another."""

    you: str
    them: str


class ContactQuestions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The last question: whether somebody may be told, or who that could be."""

    named: str
    unnamed: str
    noted: str
    unread: str


class ProtocolTexts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The fixed words of the held conversation; `means_*` are per kind of danger, `labels` per question."""

    meta: Meta
    labels: dict[str, dict[str, str]]
    ask: dict[str, About]
    means_away: dict[str, About]
    contact: ContactQuestions
    confirm_safe: str
    heard: dict[str, dict[str, str]]
    means_heard: dict[str, dict[str, str]]
    unclear: str
    short: About
    stay: tuple[str, ...]
    not_yet: str


class AnswerWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a short answer is read: phrases by reading, of every question and of one; each list is one language's."""

    words: dict[str, tuple[tuple[str, ...], ...]]
    steps: dict[str, dict[str, tuple[tuple[str, ...], ...]]]
    fillers: tuple[str, ...]


class CareTexts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Words round those of people: a clinician, a caring contact, the one whom the person trusts."""

    meta: Meta
    sender: str
    taken_over: str
    handed_back: str
    follow_ups: tuple[str, ...]
    well: str
    unwell: str
    safe_then: str
    unsafe: str
    contact_ask: str
    contact_shown: str
    contact_noted: str
    contact_unread: str
    contact_left: str


class CommandWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a person may type for a command; `languages` are further names of a language than `tongues.yaml` has."""

    words: dict[str, tuple[str, ...]]
    languages: dict[UiLanguage, tuple[str, ...]]


@lru_cache(maxsize=8)
def crisis_texts(language: Language) -> CrisisTexts:
    """The fixed words of a crisis."""
    return load(PACKAGE, f"crisis/{language}.yaml", CrisisTexts)


@lru_cache(maxsize=8)
def protocol_texts(language: Language) -> ProtocolTexts:
    """The fixed words of the held conversation."""
    return load(PACKAGE, f"protocol/{language}.yaml", ProtocolTexts)


@lru_cache(maxsize=8)
def care_texts(language: Language) -> CareTexts:
    """Words round those of people."""
    return load(PACKAGE, f"care/{language}.yaml", CareTexts)


@lru_cache(maxsize=1)
def answer_words() -> AnswerWords:
    """How a short answer is read, in every language at once."""
    return load(PACKAGE, "protocol/answers.yaml", AnswerWords)


@lru_cache(maxsize=1)
def command_words() -> CommandWords:
    """What a person may type for a command, in every language at once."""
    return load(PACKAGE, "commands.yaml", CommandWords)
