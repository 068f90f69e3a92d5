"""The learned model under a policy: off, with the thresholds that the policy names, or as it is shipped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from namjai.risk import learned
from namjai.risk.domain.explain import Scores
from namjai.risk.domain.model import Finding
from namjai.risk.domain.overlay import model_use
from namjai.risk.domain.policy import Policy
from namjai.risk.learned import Classifier, Thresholds


class Model:
    """A classifier that asks the policy it is given how it is to be used, so that the two always fit together."""

    def __init__(self, shipped: Classifier) -> None:
        self._shipped = shipped

    @property
    def thresholds(self) -> Mapping[str, Mapping[str, float]]:
        """Those that are shipped, by question and kind of text."""
        return _as_maps(self._shipped.thresholds)

    def finding(self, text: str, findings: Sequence[Finding], policy: Policy) -> Finding | None:
        """What the rules missed, as far as the policy lets the model say so."""
        return self._under(policy).finding(text, findings, policy) if model_use(policy).enabled else None

    def scores(self, text: str, policy: Policy) -> Scores:
        """The model's probabilities for a text and what they are measured against, whatever the rules say."""
        used = self._under(policy)
        read = used.score(policy.normalise(text))
        return Scores(
            version=used.version,
            enabled=model_use(policy).enabled,
            any=round(read.any, 3),
            high=round(read.high, 3),
            thresholds=_as_maps(used.thresholds),
        )

    def _under(self, policy: Policy) -> Classifier:
        changed = model_use(policy).thresholds
        if not changed:
            return self._shipped
        kept = self._shipped.thresholds
        return self._shipped.with_thresholds(
            msgspec.structs.replace(
                kept, any={**kept.any, **changed.get("any", {})}, high={**kept.high, **changed.get("high", {})}
            )
        )


def load_model() -> Model | None:
    """The model that is shipped; None where there is none, and the rules judge alone."""
    try:
        return Model(learned.load())
    except FileNotFoundError:
        return None


def _as_maps(thresholds: Thresholds) -> dict[str, dict[str, float]]:
    plain: Any = msgspec.to_builtins(thresholds)
    return dict(plain)
