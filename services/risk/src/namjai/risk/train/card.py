"""Writes a training's figures into the model card, between two marks."""

from __future__ import annotations

import re

from namjai.risk.learned.classifier import Question
from namjai.risk.train.choose import ADDED_ALARMS_MAX, ADDED_ALARMS_ON_OWN_MAX
from namjai.risk.train.measure import table
from namjai.risk.train.run import Trained

BEGIN, END = "<!-- figures: written by the training -->", "<!-- end of figures -->"


def written(card: str, trained: Trained, version: str, size_bytes: int) -> str:
    """The card with this training's figures in place of the last one's. Raises `ValueError` without the marks."""
    if card.count(BEGIN) != 1 or card.count(END) != 1:
        raise ValueError("the card needs one place for figures")
    facts, thresholds = trained.card, trained.thresholds
    kinds = sorted({*thresholds.any, *thresholds.high})
    told = (
        f"Version `{version}`, {size_bytes:,} bytes, trained with the rules `{facts.policy}` on "
        f"{facts.rows['zh']} Chinese, {facts.rows['en']} English, {facts.rows['neg']} everyday and "
        f"{facts.rows['own']} own texts (data `{facts.data}`, seed {facts.seed}).\n\n"
        f"{table(facts.figures)}\n"
        "Before the arrow: the rules alone; after it: rules and model. Every text is scored by weights that have not "
        "seen it or a variant of it, and raised by a threshold chosen without its fold.\n\n"
        "| kind of text | raised to medium from | new alarms allowed | raised to high from | new alarms allowed |\n"
        "|---|---|---|---|---|\n"
        + "".join(
            f"| {kind} | {_or_never(thresholds.any.get(kind))} | {_budget('any', kind)} "
            f"| {_or_never(thresholds.high.get(kind))} | {_budget('high', kind)} |\n"
            for kind in kinds
        )
        + "\nProbabilities are those of the development data's mix, not of a clinic's. New alarms are shares of the "
        "public and of our own negatives, on the data that the thresholds were chosen with.\n"
    )
    return re.sub(f"{re.escape(BEGIN)}.*{re.escape(END)}", lambda _: f"{BEGIN}\n\n{told}\n{END}", card, flags=re.DOTALL)


def _budget(question: Question, kind: str) -> str:
    if kind not in ADDED_ALARMS_MAX[question]:
        return "–"
    return f"{100 * ADDED_ALARMS_MAX[question][kind]:g} %, {100 * ADDED_ALARMS_ON_OWN_MAX[question][kind]:g} %"


def _or_never(threshold: float | None) -> str:
    return "never" if threshold is None else f"{threshold:.4f}"
