"""What would have changed a verdict, by judging again."""

from __future__ import annotations

from collections.abc import Sequence

from namjai.risk.domain.assess import assess
from namjai.risk.domain.context import Context
from namjai.risk.domain.counterfactual import TRIED_MAX, Counterfactual, Varied, counterfactuals, from_findings
from namjai.risk.domain.model import Finding, Level, Span
from namjai.risk.domain.overlay import Shipped, apply
from namjai.risk.domain.policy import Policy

NOTHING = Context()
A_HIGH_DAY = Context(recent=Level.HIGH)


class Alarmed:
    """A model that finds high danger in everything."""

    def finding(self, text: str, findings: Sequence[Finding], policy: Policy) -> Finding | None:
        if any(finding.level >= Level.HIGH for finding in findings):
            return None
        return Finding(
            level=Level.HIGH,
            category="suicide",
            subject="self",
            rule="learned:1",
            policy=policy.version,
            spans=(Span(0, 1),),
        )


def told(found: Sequence[Counterfactual]) -> dict[str, Level]:
    return {each.what: each.level for each in found}


def test_without_the_rule_that_spoke_nothing_is_left(base: Policy) -> None:
    assert told(counterfactuals("I want to die", NOTHING, base))["en.wish"] == Level.NONE


def test_a_rule_beside_a_graver_one_changes_nothing(base: Policy) -> None:
    found = counterfactuals("I want to die, I will jump off the bridge", NOTHING, base)

    assert told(found)["en.plan"] == Level.MEDIUM
    assert told(found)["en.wish"] == Level.CRISIS
    assert [each.what for each in found if each.differs] == ["en.plan"]


def test_where_two_rules_agree_they_are_taken_away_together(shipped: Shipped) -> None:
    policy = apply(shipped, "name: x\nnote: y\nrules: {levels: {en.craving: medium}}")
    found = counterfactuals("I want to die, I am craving it", NOTHING, policy)

    assert [(each.what, each.level) for each in found if each.differs] == [("en.wish + en.craving", Level.NONE)]


def test_a_signal_that_raised_is_named_though_it_finds_nothing_itself(base: Policy) -> None:
    found = counterfactuals("I want to die. I have the pills", NOTHING, base)

    assert assess("I want to die. I have the pills", (), base).level == Level.CRISIS
    assert told(found)["en.means"] == Level.MEDIUM


def test_history_that_raised_is_taken_away(base: Policy) -> None:
    assert assess("I want to die", A_HIGH_DAY, base).level == Level.HIGH
    assert told(counterfactuals("I want to die", A_HIGH_DAY, base))["history"] == Level.MEDIUM


def test_a_reading_is_undone(base: Policy) -> None:
    found = counterfactuals("I do not want to die", NOTHING, base)

    assert assess("I do not want to die", (), base).level == Level.LOW
    assert told(found)["negated -> asserted"] == Level.MEDIUM


def test_the_model_is_taken_away(base: Policy) -> None:
    found = counterfactuals("good morning", NOTHING, base, Alarmed())

    assert told(found)["model"] == Level.NONE
    assert [each.what for each in found if each.differs] == ["model"]


def test_what_decided_comes_first(base: Policy) -> None:
    found = counterfactuals("I want to die, I will jump off the bridge", NOTHING, base)

    assert [each.differs for each in found] == sorted((each.differs for each in found), reverse=True)


def test_a_varied_policy_leaves_the_one_it_came_from_alone(base: Policy) -> None:
    varied = Varied(base, without=frozenset({"en.wish"}), read_as={"polarity": {"negated": "asserted"}})

    assert assess("I want to die", (), varied).level == Level.NONE
    assert assess("I want to die", (), base).level == Level.MEDIUM
    assert assess("I do not want to die", (), base).level == Level.LOW
    assert varied.version == base.version


def test_one_explanation_has_a_bound(base: Policy) -> None:
    words = " ".join(each.rule.hits[0] for each in base.rules)

    assert len(counterfactuals(words, NOTHING, base)) <= TRIED_MAX


def test_stored_findings_alone_tell_what_each_of_them_did(base: Policy) -> None:
    found = assess("I want to die, I will jump off the bridge", (), base)

    assert told(from_findings(found.findings, NOTHING, "p")) == {
        "en.plan": Level.MEDIUM,
        "en.wish": Level.CRISIS,
        "history": Level.CRISIS,
    }
