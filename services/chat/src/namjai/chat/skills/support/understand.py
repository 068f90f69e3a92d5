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
READ_CHARS_MAX: Final = 2_000
"""Rules read this much of a message; a longer one has long since said what it is about."""


class Reading(msgspec.Struct, frozen=True):
    """What a message is about, and the stage it shows (the one given, where it shows none)."""

    intent: str
    stage: Stage | None


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


class Rules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file: words used in many patterns (`~name~`), then the rules in order."""

    words: dict[str, str]
    intents: tuple[Rule, ...]
    stages: tuple[StageRule, ...]


class _Compiled(msgspec.Struct, frozen=True):
    rule: Rule
    pattern: re.Pattern[str]
    unless: re.Pattern[str] | None


def understand(text: str, stage: Stage | None = None) -> Reading:
    """The first rule that fits; `stage` is the stage known so far."""
    folded = fold(text[:READ_CHARS_MAX])
    for compiled in _rules():
        rule = compiled.rule
        if rule.whole_message_max is not None and len(folded) > rule.whole_message_max:
            continue
        if compiled.pattern.search(folded) and not (compiled.unless and compiled.unless.search(folded)):
            return Reading(rule.intent, _stage_after(rule, folded, stage))
    return Reading(UNCLEAR, stage)


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
    words = _file().words
    return tuple(
        _Compiled(
            rule,
            _compile([*rule.th, *(f"(?<![a-z]){en}(?![a-z])" for en in rule.en), *rule.zh], words),
            _compile(rule.unless, words) if rule.unless else None,
        )
        for rule in _file().intents
    )


@lru_cache(maxsize=1)
def _stage_rules() -> tuple[tuple[Stage, tuple[str, ...], re.Pattern[str]], ...]:
    return tuple((rule.stage, rule.intents, _compile(rule.patterns, _file().words)) for rule in _file().stages)


def _compile(patterns: list[str] | tuple[str, ...], words: Mapping[str, str]) -> re.Pattern[str]:
    """One pattern of many, written in the same plain form as the text it will be matched against."""
    joined = "|".join(f"(?:{pattern})" for pattern in patterns)
    for name, meaning in words.items():
        joined = joined.replace(f"~{name}~", f"(?:{meaning})")
    return re.compile(plain(joined))
