"""What is measured: a policy by name, and the classifier that may raise what its rules found."""

from __future__ import annotations

from pathlib import Path

from namjai.risk import rules
from namjai.risk.domain.assess import Classifier
from namjai.risk.domain.policy import Policy

SHIPPED = "shipped"


class NoSuchPolicy(Exception):
    """A name that is no policy; the message says what would be one."""


def load_policy(name: str = SHIPPED) -> Policy:
    """The shipped policy (by that word or by its version), or one from files.

    A folder replaces every rule file, a single YAML file only `policy.yaml`: its caps and raises.
    """
    shipped = rules.load()
    if name in (SHIPPED, shipped.version):
        return shipped
    path = Path(name)
    if path.is_dir():
        files = _texts(path)
    elif path.is_file():
        files = {**_texts(Path(rules.__file__).parent), "policy.yaml": path.read_text(encoding="utf-8")}
    else:
        raise NoSuchPolicy(
            f"there is no policy {name!r}: the shipped one is {shipped.version}; "
            "or name a folder of rule files, or a policy.yaml"
        )
    try:
        return Policy(files)
    except Exception as wrong:
        raise NoSuchPolicy(f"{path} is no policy: {type(wrong).__name__}: {wrong}") from wrong


def load_classifier() -> Classifier | None:
    """The learned model shipped with the service, if one is."""
    return None


def _texts(folder: Path) -> dict[str, str]:
    return {each.relative_to(folder).as_posix(): each.read_text(encoding="utf-8") for each in folder.rglob("*.yaml")}
