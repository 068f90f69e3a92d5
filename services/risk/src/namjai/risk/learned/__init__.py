"""The second reader: a small trained model that may raise what the rules missed, and never lowers anything."""

from __future__ import annotations

from functools import cache
from importlib import resources

from namjai.risk.learned.classifier import Classifier, Scores, Thresholds

__all__ = ["MODEL_FILE", "THRESHOLDS_FILE", "Classifier", "Scores", "Thresholds", "load"]

MODEL_FILE = "model.msgpack"
THRESHOLDS_FILE = "thresholds.json"


@cache
def load() -> Classifier:
    """The classifier shipped with the service, with the thresholds that lie beside it; read on first use."""
    here = resources.files(__name__)
    thresholds = Thresholds.parse((here / THRESHOLDS_FILE).read_bytes())
    return Classifier.parse((here / MODEL_FILE).read_bytes(), thresholds)
