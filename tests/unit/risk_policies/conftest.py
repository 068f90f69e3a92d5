"""A small set of rule files that stays as it is, however the shipped rules are improved."""

from __future__ import annotations

import pytest

from namjai.risk import rules
from namjai.risk.domain.overlay import Shipped
from namjai.risk.domain.policy import Policy

_RULES = """
language: en
category: suicide
status: draft
author: the tests
rules:
  - id: en.wish
    kind: wish
    level: medium
    item: 1
    patterns: ['want to die', 'wish i were dead']
    hits: [I want to die]
    near_misses: [I want to diet]
  - id: en.plan
    kind: plan
    level: crisis
    item: 5
    patterns: ['jump off the {place}']
    hits: [I will jump off the bridge]
    near_misses: [the bridge is high]
  - id: en.means
    kind: means
    patterns: ['have the pills']
    hits: [I have the pills]
    near_misses: [pills are sold out]
  - id: en.craving
    kind: craving
    category: relapse
    level: low
    patterns: ['craving it']
    hits: [I am craving it]
    near_misses: [a crave]
"""
_EFFECTS = """
caps:
  negated: {"*": low}
  past: {"*": low}
  quoted: {"*": none}
raises:
  - why: means_at_hand
    kinds: [wish]
    signal: [means]
    level: crisis
    item: 5
"""


@pytest.fixture(scope="session")
def shipped() -> Shipped:
    """Four rules, with the scopes and folds of the release."""
    real = rules.texts()
    files = {name: real[name] for name in ("normalise.yaml", "en/scopes.yaml")}
    files |= {"policy.yaml": _EFFECTS, "en/words.yaml": "place: 'bridge|roof'\n", "en/rules.yaml": _RULES}
    # The cues of the release may use any of its named parts.
    files["en/words.yaml"] = real["en/words.yaml"] + "\n" + files["en/words.yaml"]
    return Shipped(files, Policy(files).version, {"any": {"en": 0.8, "th": 0.8}, "high": {"en": 0.9}})


@pytest.fixture(scope="session")
def base(shipped: Shipped) -> Policy:
    return Policy(shipped.files)
