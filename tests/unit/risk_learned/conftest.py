"""The shipped policy and classifier, loaded once."""

from __future__ import annotations

import pytest

from namjai.risk import rules
from namjai.risk.domain.policy import Policy
from namjai.risk.learned import Classifier, load


@pytest.fixture(scope="session")
def policy() -> Policy:
    return rules.load()


@pytest.fixture(scope="session")
def shipped() -> Classifier:
    return load()
