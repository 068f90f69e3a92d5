"""What is measured: a policy by name, and the learned model that may raise what its rules found."""

from __future__ import annotations

from pathlib import Path

from namjai.risk import learned, rules
from namjai.risk.adapters.model import load_model
from namjai.risk.adapters.policies import shipped
from namjai.risk.domain.assess import Classifier
from namjai.risk.domain.document import SHIPPED, Refusal
from namjai.risk.domain.overlay import apply
from namjai.risk.domain.policy import Policy


class NoSuchPolicy(Exception):
    """A name that is no policy; the message says what would be one."""


def load_policy(name: str = SHIPPED) -> Policy:
    """The shipped policy (by that word or by its version), or one from files.

    A file is a policy document, as it would be published; a folder stands for all the rule files at once.
    """
    release = rules.load()
    if name in (SHIPPED, release.version):
        return release
    path = Path(name)
    try:
        if path.is_dir():
            return Policy(_texts(path))
        return apply(shipped(), path.read_text(encoding="utf-8"))
    except Refusal as wrong:
        raise NoSuchPolicy(f"{path} is no policy: {wrong}") from None
    except OSError:
        raise NoSuchPolicy(
            f"there is no policy {name!r}: the shipped one is {release.version}; "
            "or name the file of a policy document, or a folder of rule files"
        ) from None
    except Exception as wrong:
        raise NoSuchPolicy(f"{path} holds no rules: {type(wrong).__name__}: {wrong}") from wrong


def load_classifier() -> tuple[Classifier, str] | None:
    """The learned model that is shipped, with its version; None where there is none."""
    model = load_model()
    return (model, learned.load().version) if model else None


def _texts(folder: Path) -> dict[str, str]:
    return {each.relative_to(folder).as_posix(): each.read_text(encoding="utf-8") for each in folder.rglob("*.yaml")}
