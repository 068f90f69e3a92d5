"""One training, from rows to files: tables, calibrations, thresholds and honest figures."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import msgspec
import numpy as np

from namjai.risk.domain.policy import Policy
from namjai.risk.learned import Thresholds
from namjai.risk.learned.classifier import Question
from namjai.risk.learned.weights import Answerer, Calibration, Model, Table
from namjai.risk.train.choose import raised, threshold
from namjai.risk.train.data import Row, digest
from namjai.risk.train.fit import (
    Flags,
    Floats,
    Text,
    answered,
    answers,
    calibrate,
    learn,
    learn_sorts,
    out_of_fold,
    prepare,
    sorted_rightly,
)
from namjai.risk.train.measure import Figures, measure

LANGUAGES = ("th", "zh", "en")
_QUESTIONS: tuple[Question, ...] = ("any", "high", "crisis")
COMPOSED = "composed"
SOURCES = ("zh", "en", "neg", "own", COMPOSED)


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """What the model card says of this training in numbers."""

    rows: Mapping[str, int]
    frames: int
    sorts: float
    """Share of composed dangers that are taken for their own sort, by tables that have not seen their frame."""
    data: str
    policy: str
    seed: int
    figures: Sequence[Figures]


class Trained(msgspec.Struct, frozen=True, kw_only=True):
    """What a training leaves."""

    model: Model
    thresholds: Thresholds
    card: Card


def train(rows: Sequence[Row], policy: Policy, seed: int, say: Callable[[str], None]) -> Trained:
    """Learn from the rows. The same rows, policy and seed always give the same bytes."""
    say(f"reading {len(rows)} texts with {policy.version}")
    texts = prepare(rows, policy)
    answerers, thresholds = dict[Question, Answerer](), dict[Question, Mapping[str, float]]()
    lifted = dict[Question, Flags]()
    for question in _QUESTIONS:
        learned = [_Language(texts, language, question, seed, say) for language in LANGUAGES]
        answerers[question] = Answerer(
            tables={one.language: one.table for one in learned if one.table is not None},
            calibrations={kind: calibration for one in learned for kind, calibration in one.calibrations.items()},
        )
        thresholds[question] = {kind: least for one in learned for kind, least in one.thresholds().items()}
        flags = np.zeros(len(texts), dtype=np.bool_)
        for one in learned:
            flags[one.places] = one.raised()
        lifted[question] = flags
    card = Card(
        rows={source: sum(row.source == source for row in rows) for source in SOURCES},
        frames=len({row.group for row in rows if row.source == COMPOSED}),
        sorts=sorted_rightly(texts),
        data=digest(rows),
        policy=policy.version,
        seed=seed,
        figures=tuple(measure(texts, lifted)),
    )
    return Trained(
        model=Model(
            any=answerers["any"],
            high=answerers["high"],
            crisis=answerers["crisis"],
            sorts={
                language: sorts
                for language in LANGUAGES
                if (sorts := learn_sorts([text for text in texts if text.language == language])) is not None
            },
        ),
        thresholds=Thresholds(any=thresholds["any"], high=thresholds["high"], crisis=thresholds["crisis"]),
        card=card,
    )


class _Language:
    """One language's table for one question, with the scores that tables blind to each text give it."""

    table: Table | None = None

    def __init__(
        self, texts: Sequence[Text], language: str, question: Question, seed: int, say: Callable[[str], None]
    ) -> None:
        self.language, self.question = language, question
        self.places = np.array([n for n, text in enumerate(texts) if text.language == language], dtype=np.int64)
        self.texts = [texts[n] for n in self.places]
        self.yes = answers(self.texts, question)
        self.calibrations: dict[str, Calibration] = {}
        self.scores: Floats = np.zeros(len(self.texts))
        self.folds = np.zeros(len(self.texts), dtype=np.int64)
        if self.yes.any() and not self.yes.all():
            say(f"learning {language}/{question} from {len(self.texts)} texts")
            self.table = learn(self.texts, question)
            self.scores, self.folds = out_of_fold(self.texts, question, seed)
        for kind, there in self._kinds():
            weight = np.array([text.row.weight for text in self.texts]) * answered(self.texts, question)
            self.calibrations[kind] = calibrate(self.scores[there], self.yes[there], weight[there])

    def thresholds(self) -> dict[str, float]:
        """The least probability by kind of text; a kind that is never raised has none."""
        least = {kind: self._least(kind, there) for kind, there in self._kinds()}
        return {k: round(self.calibrations[k].probability(v), 4) for k, v in least.items() if np.isfinite(v)}

    def raised(self) -> Flags:
        """Whom the model raises, each fold by the threshold that the others would choose."""
        flags = np.zeros(len(self.texts), dtype=np.bool_)
        for kind, there in self._kinds():
            for fold in np.unique(self.folds):
                least = self._least(kind, there & (self.folds != fold))
                flags |= raised(self.texts, self.scores, self.question, least) & there & (self.folds == fold)
        return flags

    def _kinds(self) -> Iterator[tuple[str, Flags]]:
        kinds = np.array([text.kind for text in self.texts])
        for kind in sorted(set(kinds.tolist())):
            yield kind, kinds == kind

    def _least(self, kind: str, there: Flags) -> float:
        chosen = [text for text, here in zip(self.texts, there, strict=True) if here]
        return threshold(chosen, self.scores[there], self.yes[there], self.question, kind)
