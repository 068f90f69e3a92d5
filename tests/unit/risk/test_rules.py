"""The rule files: every rule's own examples, and what every file must say about itself."""

from __future__ import annotations

import pytest

from namjai.risk.domain.model import Level
from namjai.risk.domain.policy import Compiled, Policy
from namjai.risk.domain.screen import screen
from namjai.risk.rules import load
from tests.unit.risk.cases import cases

RULES = load().rules


@pytest.mark.parametrize(
    ("compiled", "text"),
    [(c, hit) for c in RULES for hit in c.rule.hits],
    ids=lambda value: getattr(value, "source", "")[:0],
)
def test_a_rule_finds_its_hits(compiled: Compiled, text: str, policy: Policy) -> None:
    assert compiled.pattern.search(policy.normalise(text).text) is not None, compiled.rule.id
    if compiled.rule.level > Level.NONE:
        assert compiled.rule.id in {finding.rule for finding in screen(text, policy)}


@pytest.mark.parametrize(
    ("compiled", "text"),
    [(c, miss) for c in RULES for miss in c.rule.near_misses],
    ids=lambda value: getattr(value, "source", "")[:0],
)
def test_a_rule_leaves_its_near_misses_alone(compiled: Compiled, text: str, policy: Policy) -> None:
    found = [
        f for f in screen(text, policy) if f.rule == compiled.rule.id and f.level >= compiled.rule.level > Level.NONE
    ]

    assert found == [], compiled.rule.id
    if compiled.rule.level == Level.NONE:
        assert compiled.pattern.search(policy.normalise(text).text) is None, compiled.rule.id


def test_every_rule_has_a_hit_and_a_near_miss() -> None:
    assert [c.rule.id for c in RULES if not c.rule.hits or not c.rule.near_misses] == []


def test_nothing_claims_to_be_reviewed_before_a_clinician_has_seen_it() -> None:
    assert {c.rule.status for c in RULES} == {"draft"}


def test_rule_names_are_unique_and_say_the_language() -> None:
    names = [c.rule.id for c in RULES]

    assert len(names) == len(set(names))
    assert [c.rule.id for c in RULES if not c.rule.id.startswith(f"{c.rule.language}.")] == []


def test_every_language_knows_every_sort_of_danger() -> None:
    kinds = {language: {c.rule.kind for c in RULES if c.rule.language == language} for language in ("th", "en", "zh")}

    graver = {
        "wish",
        "ideation",
        "method",
        "intent",
        "plan",
        "preparation",
        "attempt",
        "goodbye",
        "act",
        "urge",
        "bleeding",
    }
    others = {"taken", "seizure", "severe_withdrawal", "withdrawal", "heavy", "lapse", "craving", "milestone"}
    people = {"attack", "homicide", "homicide_wish", "assault", "fear", "command_voice", "sign"}
    for language, known in kinds.items():
        assert graver | others | people <= known, language


def test_raises_and_caps_speak_of_kinds_that_exist(policy: Policy) -> None:
    kinds = {c.rule.kind for c in RULES} | {"*"}
    used = {kind for caps in policy.effects.caps.values() for kind in caps}
    used |= {kind for rule in policy.effects.raises for kind in (*rule.kinds, *rule.signal, *rule.also, *rule.unless)}

    assert used - kinds == set()


def test_the_version_follows_the_content(policy: Policy) -> None:
    files = {"policy.yaml": "caps: {}\nraises: []\n", "normalise.yaml": "emoji: {}\nspellings: {colour: color}\n"}

    first, again = Policy(files), Policy(dict(files))
    changed = Policy(files | {"normalise.yaml": "emoji: {}\nspellings: {grey: gray}\n"})

    assert first.version == again.version
    assert first.version != changed.version
    assert policy.version.startswith("rules-1+")


@pytest.mark.parametrize("suite", ["broad", "heldout", "fresh"])
def test_the_sieve_loses_no_rule(suite: str, policy: Policy) -> None:
    for by_level in cases(suite).values():
        view = policy.normalise("\n".join(text for texts in by_level.values() for text in texts)).text

        assert {c.rule.id for c in policy.candidates(view)} == {c.rule.id for c in RULES if c.pattern.search(view)}
