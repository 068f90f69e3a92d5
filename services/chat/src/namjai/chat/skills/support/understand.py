"""Reads a message by rules kept as data: what the person is about, and which stage of change it shows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

import msgspec

from namjai.chat.content import load
from namjai.chat.domain.language import fold, plain
from namjai.chat.domain.stage import Stage

UNCLEAR: Final = "unclear"
FAMILY: Final = "family"
_SUBSTANCE: Final = "substance_"
READ_CHARS_MAX: Final = 2_000
"""Rules read this much of a message; a longer one has long since said what it is about."""


class Reading(msgspec.Struct, frozen=True):
    """What a message is about, and the stage it shows (the one given, where it shows none). `family`: it is about
    somebody else's using, and the one who writes is close to them."""

    intent: str
    stage: Stage | None
    family: bool = False


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One intent. `th`, `en`, `zh` are patterns over the folded text; the first rule that matches wins."""

    intent: str
    th: tuple[str, ...] = ()
    en: tuple[str, ...] = ()
    zh: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    whole_message_max: int | None = None
    """Only in messages up to this many characters: a long message that begins with hello is not a greeting."""
    stage: Stage | None = None
    keeps: tuple[Stage, ...] = ()
    """Stages that this intent does not move a person out of."""


class StageRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Words that show a stage more precisely than the intent does."""

    stage: Stage
    intents: tuple[str, ...]
    patterns: tuple[str, ...]


class Patterns(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Patterns by language."""

    th: tuple[str, ...] = ()
    en: tuple[str, ...] = ()
    zh: tuple[str, ...] = ()


class FamilyRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"read_as": "as"}):
    """How somebody who writes about a relative is understood; the file says what each list means."""

    recognised: Patterns
    first_person: tuple[str, ...]
    third_person: tuple[str, ...]
    own: frozenset[str]
    kept: frozenset[str]
    read_as: dict[str, str]
    situations: tuple[Rule, ...]


class Rules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file: words used in many patterns (`~name~`), then the rules in order."""

    words: dict[str, str]
    intents: tuple[Rule, ...]
    stages: tuple[StageRule, ...]
    family: FamilyRules


class _Compiled(msgspec.Struct, frozen=True):
    rule: Rule
    pattern: re.Pattern[str]
    unless: re.Pattern[str] | None


class _Family(msgspec.Struct, frozen=True):
    recognised: re.Pattern[str]
    first_person: re.Pattern[str]
    third_person: re.Pattern[str]
    situations: tuple[_Compiled, ...]


def understand(text: str, stage: Stage | None = None, *, family: bool = False) -> Reading:
    """The first rule that fits; `stage` is the stage known so far, `family` whether a relative is talked about."""
    folded = fold(text[:READ_CHARS_MAX])
    rule = _first(_rules(), folded)
    intent = rule.intent if rule is not None else UNCLEAR
    if _is_about_other(intent, folded, family=family):
        return Reading(_situation(intent, folded), stage, family=True)
    if family and intent in _file().family.kept:
        return Reading(intent, stage, family=True)
    return Reading(intent, _stage_after(rule, folded, stage) if rule is not None else stage)


def substances(text: str) -> tuple[str, ...]:
    """What is named of alcohol and other drugs, as the intents `substance_…` know it, in their order."""
    folded = fold(text[:READ_CHARS_MAX])
    found = (each for each in _rules() if each.rule.intent.startswith(_SUBSTANCE) and each.pattern.search(folded))
    return tuple(each.rule.intent.removeprefix(_SUBSTANCE) for each in found)


def _first(rules: tuple[_Compiled, ...], folded: str) -> Rule | None:
    for compiled in rules:
        rule = compiled.rule
        if rule.whole_message_max is not None and len(folded) > rule.whole_message_max:
            continue
        if compiled.pattern.search(folded) and not (compiled.unless and compiled.unless.search(folded)):
            return rule
    return None


def _is_about_other(intent: str, folded: str, *, family: bool) -> bool:
    """Whether the message is about a relative: by its own words, or because that is what is being talked about."""
    rules, patterns = _file().family, _family()
    if intent == FAMILY or (intent in rules.own and _says_so(patterns, folded)):
        return True
    if not family:
        return bool(patterns.recognised.search(folded)) and intent != "peer_pressure"
    if intent in rules.kept and _first(patterns.situations, folded) is None:
        return False
    if intent not in rules.own:
        return True
    third = patterns.third_person.search(folded) is not None
    return third or (intent != "craving" and patterns.first_person.search(folded) is None)


def _says_so(patterns: _Family, folded: str) -> bool:
    """Words that tell of somebody else's using, with no word about oneself."""
    return bool(patterns.recognised.search(folded)) and not patterns.first_person.search(folded)


def _situation(intent: str, folded: str) -> str:
    found = _first(_family().situations, folded)
    if found is not None:
        return found.intent
    return _file().family.read_as.get(intent, FAMILY)


def _stage_after(rule: Rule, folded: str, known: Stage | None) -> Stage | None:
    for shown, intents, pattern in _stage_rules():
        if rule.intent in intents and pattern.search(folded):
            return shown
    if rule.stage is None or known in rule.keeps:
        return known
    return rule.stage


@lru_cache(maxsize=1)
def _file() -> Rules:
    return load("namjai.chat.skills.support", "rules.yaml", Rules)


@lru_cache(maxsize=1)
def _rules() -> tuple[_Compiled, ...]:
    return tuple(_compiled(rule) for rule in _file().intents)


@lru_cache(maxsize=1)
def _family() -> _Family:
    rules, words = _file().family, _file().words
    return _Family(
        recognised=_compile(_of_languages(rules.recognised), words),
        first_person=_compile(rules.first_person, words),
        third_person=_compile(rules.third_person, words),
        situations=tuple(_compiled(rule) for rule in rules.situations),
    )


def _compiled(rule: Rule) -> _Compiled:
    words = _file().words
    unless = _compile(rule.unless, words) if rule.unless else None
    return _Compiled(rule, _compile(_of_languages(rule), words), unless)


def _of_languages(patterns: Patterns | Rule) -> list[str]:
    """All patterns in one list; English ones match whole words."""
    return [*patterns.th, *(f"(?<![a-z]){en}(?![a-z])" for en in patterns.en), *patterns.zh]


@lru_cache(maxsize=1)
def _stage_rules() -> tuple[tuple[Stage, tuple[str, ...], re.Pattern[str]], ...]:
    return tuple((rule.stage, rule.intents, _compile(rule.patterns, _file().words)) for rule in _file().stages)


def _compile(patterns: list[str] | tuple[str, ...], words: Mapping[str, str]) -> re.Pattern[str]:
    """One pattern of many, written in the same plain form as the text it will be matched against."""
    joined = "|".join(f"(?:{pattern})" for pattern in patterns)
    for name, meaning in words.items():
        joined = joined.replace(f"~{name}~", f"(?:{meaning})")
    return re.compile(plain(joined))
