"""The rule files, and the policy that they make."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

from namjai.risk.domain.policy import Policy


@cache
def load() -> Policy:
    """The policy shipped with the service, compiled and warm on first use."""
    policy = Policy(texts())
    policy.warm_up()
    return policy


def texts() -> dict[str, str]:
    """The texts of the rule files by name, such as `en/suicide.yaml`."""
    return dict(_files(resources.files(__name__)))


def _files(folder: Traversable, prefix: str = "") -> Iterator[tuple[str, str]]:
    for entry in sorted(folder.iterdir(), key=lambda e: e.name):
        if entry.is_dir():
            yield from _files(entry, f"{prefix}{entry.name}/")
        elif entry.name.endswith(".yaml"):
            yield f"{prefix}{entry.name}", entry.read_text(encoding="utf-8")
