"""The shipped policy, loaded once for all tests of the screener."""

from __future__ import annotations

import pytest

from namjai.risk.domain.policy import Policy
from namjai.risk.rules import load


@pytest.fixture(scope="session")
def policy() -> Policy:
    return load()
