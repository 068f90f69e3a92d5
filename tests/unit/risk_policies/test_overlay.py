"""A policy document over the shipped rules: what it may change, and what is refused."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from namjai.risk import rules
from namjai.risk.adapters import policies
from namjai.risk.domain.assess import assess
from namjai.risk.domain.document import DOCUMENT_BYTES_MAX, Refusal
from namjai.risk.domain.model import Level
from namjai.risk.domain.overlay import Shipped, apply, check, known_rules, model_use
from namjai.risk.domain.policy import Policy

HEAD = "name: night\nnote: for a test\n"
ADDED = """
rules:
  add:
    - id: en.clinic.ferry
      language: en
      category: suicide
      kind: plan
      level: high
      status: draft
      author: the clinic
      patterns: ['take the last ferry', 'step off the {place}']
      hits: [I will take the last ferry, step off the roof]
      near_misses: [the last ferry leaves at ten]
"""


def test_a_document_that_changes_nothing_judges_as_the_release_does(shipped: Shipped, base: Policy) -> None:
    policy = check(shipped, HEAD)

    for text in ("I want to die", "I want to die, I have the pills", "I did not jump off the bridge", "good morning"):
        assert assess(text, (), policy).level == assess(text, (), base).level


def test_the_version_names_the_document_and_the_release(shipped: Shipped) -> None:
    policy = apply(shipped, HEAD)

    assert re.fullmatch(r"night@[0-9a-f]{12}", policy.reference)
    assert policy.version == f"{policy.reference}/{shipped.version}"
    assert assess("I want to die", (), policy).policy == policy.version


def test_another_text_is_another_version(shipped: Shipped) -> None:
    assert apply(shipped, HEAD).reference != apply(shipped, HEAD + "# a word\n").reference


def test_a_disabled_rule_is_silent(shipped: Shipped) -> None:
    policy = apply(shipped, HEAD + "rules: {disable: [en.craving]}")

    assert assess("I am craving it", (), policy).level == Level.NONE
    assert assess("I want to die", (), policy).level == Level.MEDIUM


def test_a_level_is_raised(shipped: Shipped) -> None:
    policy = apply(shipped, HEAD + "rules: {levels: {en.craving: high}}")

    assert assess("I am craving it", (), policy).level == Level.HIGH


def test_readings_act_on_a_changed_level_too(shipped: Shipped) -> None:
    policy = apply(shipped, HEAD + "rules: {levels: {en.wish: high}}")

    assert assess("I don't want to die", (), policy).level == Level.LOW


def test_an_added_rule_speaks_and_may_use_the_named_parts(shipped: Shipped) -> None:
    policy = check(shipped, HEAD + ADDED)

    found = assess("tonight I take the last ferry", (), policy)
    assert (found.level, found.findings[0].rule) == (Level.HIGH, "en.clinic.ferry")
    assert assess("step off the bridge", (), policy).level == Level.HIGH


def test_words_of_a_disabled_rule_are_not_forgotten_by_the_normaliser(shipped: Shipped) -> None:
    policy = apply(shipped, HEAD + "rules: {disable: [en.craving]}")

    assert policy.normalise("c r a v i n g it").text == Policy(shipped.files).normalise("c r a v i n g it").text


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ("rules: {disable: [en.plan]}", "en.plan disabled"),
        ("rules: {disable: [en.wish]}", "en.wish disabled"),  # with means it becomes a crisis
        ("rules: {disable: [en.means]}", "en.means disabled"),
        ("rules: {levels: {en.plan: high}}", "en.plan lowered to high"),
        ("model: off", "the model off"),
        ("model: {enabled: false}", "the model off"),
        ("model: {thresholds: {high: {en: 0.95}}}", "the model's threshold high.en up to 0.95"),
    ],
)
def test_finding_less_of_what_is_dangerous_needs_a_reason(shipped: Shipped, change: str, what: str) -> None:
    with pytest.raises(Refusal, match=f"{what}.*accept_risk"):
        apply(shipped, HEAD + change)

    apply(shipped, f"{HEAD}{change}\naccept_risk: it was agreed on in the meeting")


def test_raising_a_crisis_rules_neighbours_needs_no_reason(shipped: Shipped) -> None:
    apply(shipped, HEAD + "rules: {disable: [en.craving], levels: {en.wish: low}}")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "does not fit"),
        ("- a list", "does not fit"),
        ("name: night", "missing required field `note`"),
        ("name: Night Watch\nnote: x", "name"),
        ("name: shipped\nnote: x", "belongs to what comes with the release"),
        (HEAD + "rulez: {}", "unknown field `rulez`"),
        (HEAD + "rules: {remove: []}", "unknown field `remove`"),
        (HEAD + "rules: {disable: [en.nothing]}", "no rule 'en.nothing'"),
        (HEAD + "rules: {levels: {en.wish: severe}}", "severe"),
        (HEAD + "rules: {disable: [en.craving], levels: {en.craving: high}}", "say one of them"),
        (HEAD + "model: {thresholds: {any: {en: 1.5}}}", "thresholds"),
        (HEAD + "model: {thresholds: {awful: {en: 0.5}}}", "awful"),
        (HEAD + "model: {thresholds: {high: {th: 0.5}}}", "no threshold high.th"),
        (HEAD + "note: again", "line 3: a key is there twice"),
        (HEAD + "rules: [", "not YAML: line"),
        (HEAD + "accept_risk: ''", "accept_risk"),
        ("name: &a night\nnote: *a", "aliases"),
        (HEAD + "rules: " + "[" * 50 + "]" * 50, "nested deeper"),
        (HEAD + "#" * DOCUMENT_BYTES_MAX, "longer than 64 KB"),
        ("name: night\nnote: !!python/name:os.system", "not YAML"),
    ],
)
def test_a_bad_document_is_refused_with_the_reason(shipped: Shipped, text: str, why: str) -> None:
    with pytest.raises(Refusal, match=re.escape(why)):
        apply(shipped, text)


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        ("id: en.clinic.ferry", "id: en.wish", "there is a rule of this id already"),
        ("id: en.clinic.ferry", "id: clinic.ferry", "must begin with"),
        ("language: en", "language: xx", "unknown language 'xx'"),
        ("kind: plan", "kind: plans", "unknown kind 'plans'"),
        ("kind: plan", "kinds: plan", "unknown field `kinds`"),
        ("'take the last ferry'", "'(take'", "en.clinic.ferry: a pattern does not compile"),
        ("'take the last ferry'", "'(?=take)'", "en.clinic.ferry: a pattern does not compile"),
        ("{place}", "{nowhere}", "en.clinic.ferry: there is no named part 'nowhere'"),
        ("hits: [I will take the last ferry", "hits: [I will take the next ferry", "en.clinic.ferry misses its hit 1"),
        ("the last ferry leaves at ten", "I take the last ferry", "en.clinic.ferry finds its near miss 1"),
        ("near_misses: [the last ferry leaves at ten]", "near_misses: []", "at least one near miss"),
    ],
)
def test_an_added_rule_that_does_not_hold_is_refused(shipped: Shipped, before: str, after: str, why: str) -> None:
    assert before in ADDED
    with pytest.raises(Refusal, match=re.escape(why)):
        check(shipped, HEAD + ADDED.replace(before, after))


def test_too_many_added_rules_are_refused(shipped: Shipped) -> None:
    rule = "{id: 'en.r%d', language: en, category: other, kind: plan, status: d, author: a, patterns: [x]"
    many = ", ".join(rule % n + ", hits: [x], near_misses: [y]}" for n in range(201))

    with pytest.raises(Refusal, match="length <= 200"):
        apply(shipped, HEAD + f"rules: {{add: [{many}]}}")


def test_a_signal_among_the_added_rules_must_match_its_hits(shipped: Shipped) -> None:
    signal = ADDED.replace("level: high", "level: none").replace("kind: plan", "kind: means")

    check(shipped, HEAD + signal)
    with pytest.raises(Refusal, match="misses its hit 2"):
        check(shipped, HEAD + signal.replace("step off the roof", "step off the kerb"))


def test_the_model_is_told_how_it_is_used(shipped: Shipped, base: Policy) -> None:
    policy = apply(shipped, HEAD + "model: {thresholds: {any: {th: 0.7}, high: {en: 0.9}}}")

    assert model_use(policy).thresholds == {"any": {"th": 0.7}, "high": {"en": 0.9}}
    assert model_use(base).enabled


def test_the_rules_of_the_release_are_known_by_file() -> None:
    files = rules.texts()
    known = known_rules(files)

    assert {each.rule.id for each in rules.load().rules} == set(known)
    assert all(each.file in files for each in known.values())


def test_a_document_can_be_laid_over_the_real_rules() -> None:
    release = Shipped(rules.texts(), rules.load().version)
    craving = next(id_ for id_, each in known_rules(release.files).items() if each.rule.kind == "milestone")

    policy = check(release, HEAD + f"rules: {{disable: [{craving}]}}")

    assert len(policy.rules) == len(rules.load().rules) - 1


def test_the_documents_example_holds_with_this_release() -> None:
    page = Path(__file__).parents[3] / "docs" / "policies.md"
    example = re.search(r"```yaml\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)

    assert example is not None
    assert check(policies.shipped(), example[1]).reference.startswith("night-shift@")
