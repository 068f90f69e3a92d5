"""Writes a training's figures into the model card, between two marks."""

from __future__ import annotations

import re
from collections.abc import Mapping

from namjai.risk.learned.classifier import SORTS, Question
from namjai.risk.train.choose import ADDED_ALARMS_MAX, ADDED_ALARMS_ON_COMPOSED_MAX, ADDED_ALARMS_ON_OWN_MAX
from namjai.risk.train.measure import table
from namjai.risk.train.run import Trained

BEGIN, END = "<!-- figures: written by the training -->", "<!-- end of figures -->"


def written(card: str, trained: Trained, version: str, size_bytes: int) -> str:
    """The card with this training's figures in place of the last one's. Raises `ValueError` without the marks."""
    if card.count(BEGIN) != 1 or card.count(END) != 1:
        raise ValueError("the card needs one place for figures")
    facts, thresholds = trained.card, trained.thresholds
    by_question: Mapping[Question, Mapping[str, float]] = {
        "any": thresholds.any,
        "high": thresholds.high,
        "crisis": thresholds.crisis,
    }
    kinds = sorted({kind for least in by_question.values() for kind in least})
    told = (
        f"Version `{version}`, {size_bytes:,} bytes, trained with the rules `{facts.policy}` on "
        f"{facts.rows['zh']} Chinese, {facts.rows['en']} English, {facts.rows['neg']} everyday, "
        f"{facts.rows['own']} own and {facts.rows['composed']} composed texts from {facts.frames} frames "
        f"(data `{facts.data}`, seed {facts.seed}).\n\n"
        f"{table(facts.figures)}\n"
        "Before the arrow: the rules alone; after it: rules and model. Every text is scored by weights that have not "
        "seen it or a variant of it, and raised by a threshold chosen without its fold.\n\n"
        f"A composed danger is taken for its own sort (of {len(SORTS)}) in {100 * facts.sorts:.0f} % of "
        "unseen frames.\n\n"
        "| kind of text | raised to medium from | new alarms allowed | to high from | new alarms allowed "
        "| to crisis from | new alarms allowed |\n|---|---|---|---|---|---|---|\n"
        + "".join(
            f"| {kind} |"
            + "".join(f" {_or_never(least.get(kind))} | {_budget(q, kind)} |" for q, least in by_question.items())
            + "\n"
            for kind in kinds
        )
        + "\nProbabilities are those of the development data's mix, not of a clinic's. New alarms are shares of the "
        "public, of our own and of composed negatives, on the data that the thresholds were chosen with.\n"
    )
    return re.sub(f"{re.escape(BEGIN)}.*{re.escape(END)}", lambda _: f"{BEGIN}\n\n{told}\n{END}", card, flags=re.DOTALL)


def _budget(question: Question, kind: str) -> str:
    if kind not in ADDED_ALARMS_MAX[question]:
        return "–"
    public, own = ADDED_ALARMS_MAX[question][kind], ADDED_ALARMS_ON_OWN_MAX[question][kind]
    return f"{100 * public:g} %, {100 * own:g} %, {100 * ADDED_ALARMS_ON_COMPOSED_MAX[question]:g} %"


def _or_never(threshold: float | None) -> str:
    return "never" if threshold is None else f"{threshold:.4f}"
