"""Which tests follow one another on one worker when several run at a time: a file's, and all that share a Namjai."""

from __future__ import annotations

from typing import Final

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

SHARING: Final = {"tests/e2e/conversations/": "talking", "tests/e2e/pages/": "talking", "tests/e2e/test_": "namjai"}
"""To start a Namjai takes longer than to talk to it, and some tests count what its staff is told."""


class BySharedNamjai(LoadScopeScheduling):  # type: ignore[misc]  # its package has no types
    """A worker that is free gets one more file, or everything that talks to the same Namjai."""

    def _split_scope(self, nodeid: str) -> str:
        shared = (namjai for place, namjai in SHARING.items() if nodeid.startswith(place))
        return next(shared, nodeid.partition("::")[0])


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> BySharedNamjai:
    """Whatever `--dist` says: no other order knows what is shared."""
    return BySharedNamjai(config, log)
