"""Chooses thresholds: as low as the false alarms that they add allow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from namjai.risk.learned.classifier import QUESTIONS, Question
from namjai.risk.train.fit import Flags, Floats, Text

ADDED_ALARMS_MAX: Mapping[Question, Mapping[str, float]] = {
    "any": {"th": 0.0002, "zh": 0.003, "en": 0.02, "en-long": 0.008},
    "high": {"th": 0.0001, "zh": 0.002, "en": 0.004, "en-long": 0.004},
    "crisis": {"th": 0.0001, "zh": 0.001, "en": 0.001},
}
"""Share of a public set's negatives that the model may newly alarm, by kind of text; a kind that is not named is never
raised. Thai's are everyday messages, of which a clinic sees many; the long English ones are all posts of people in
distress, in which the model calls no crisis."""
ADDED_ALARMS_ON_OWN_MAX: Mapping[Question, Mapping[str, float]] = {
    "any": {"th": 0.015, "zh": 0.015, "en": 0.015, "en-long": 0.01},
    "high": {"th": 0.007, "zh": 0.007, "en": 0.007, "en-long": 0.003},
    "crisis": {"th": 0.001, "zh": 0.001, "en": 0.001},
}
"""Share of our own negatives (idioms, denials, quotations: hard on purpose) that the model may newly alarm."""
ADDED_ALARMS_ON_COMPOSED_MAX: Mapping[Question, float] = {"any": 0.04, "high": 0.02, "crisis": 0.001}
"""The same of composed negatives, harder still: each is the double of a danger, and its frame was never seen."""
NEVER = float("inf")


def below(texts: Sequence[Text], question: Question) -> Flags:
    """Which texts the rules leave below the level that a yes would give."""
    return np.array([text.rules < QUESTIONS[question] for text in texts], dtype=np.bool_)


def threshold(texts: Sequence[Text], scores: Floats, yes: Flags, question: Question, kind: str) -> float:
    """The lowest score that keeps every budget on these texts, all of one kind; `NEVER` where the
    kind has no budget or there is nothing to measure by."""
    if kind not in ADDED_ALARMS_MAX[question]:
        return NEVER
    sources = np.array([text.row.source for text in texts])
    own, composed = sources == "own", sources == "composed"
    if question == "crisis":  # to call an alert of today one of this hour is no false alarm
        yes = np.array([text.row.any for text in texts], dtype=np.bool_)
    quiet = below(texts, question)
    bounds = []
    for there, allowed in (
        (~own & ~composed, ADDED_ALARMS_MAX[question][kind]),
        (own, ADDED_ALARMS_ON_OWN_MAX[question][kind]),
        (composed, ADDED_ALARMS_ON_COMPOSED_MAX[question]),
    ):
        negatives = there & ~yes
        newly = np.sort(scores[negatives & quiet])[::-1]
        may = int(allowed * np.count_nonzero(negatives))
        if len(newly) > may:
            bounds.append(float(newly[may]))
    return float(np.nextafter(max(bounds), NEVER)) if bounds and yes.any() else NEVER


def raised(texts: Sequence[Text], scores: Floats, question: Question, least: float) -> Flags:
    """Which texts the model raises."""
    return below(texts, question) & (scores >= least)
