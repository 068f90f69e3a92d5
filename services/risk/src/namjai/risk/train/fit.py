"""Learns the weights of one table, and measures every text by tables that have not seen it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence

import msgspec
import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix, diags
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold

from namjai.risk.domain.assess import assess
from namjai.risk.domain.model import Level
from namjai.risk.domain.policy import Policy
from namjai.risk.learned.classifier import Judged, Question, evidence, judged_words
from namjai.risk.learned.features import BITS, Cells, Grams, grams, windows
from namjai.risk.learned.weights import SORT_BITS, Calibration, Scorer, Sorter, Sorts, Table, coarse
from namjai.risk.train.data import Row

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

FOLDS = 5
_SMOOTHING: Mapping[str, float] = {"zh": 0.1, "th": 0.1, "en": 0.3}
"""How much a never-seen n-gram is believed to have been seen; long English posts share most of their words."""
_STRENGTH = 10.0
_SORT_SMOOTHING = 0.5
_ITERATIONS_MAX = 3000


class Text(msgspec.Struct, frozen=True):
    """A row with everything that learning and measuring need of it, worked out once."""

    row: Row
    rules: Level
    """What the rules alone say."""
    judged: Judged
    whole: Grams
    parts: tuple[Grams, ...]

    @property
    def kind(self) -> str:
        """The kind of text, for its threshold; a text without letters counts as English, to teach it silence."""
        return self.parts[0].kind or "en"

    @property
    def language(self) -> str:
        """The language whose table weighs it."""
        return self.kind[:2]


def prepare(rows: Sequence[Row], policy: Policy) -> list[Text]:
    """Rows, read as the service reads them."""
    return [_text(row, policy) for row in rows]


def _text(row: Row, policy: Policy) -> Text:
    verdict, view = assess(row.text, (), policy), policy.normalise(row.text)
    return Text(
        row,
        verdict.level,
        judged_words(view, verdict.findings, policy),
        grams(view.text, 0, len(view.text)),
        tuple(grams(view.text, *window) for window in windows(view.text)),
    )


def answers(texts: Sequence[Text], question: Question) -> Flags:
    """The right answers."""
    return np.array([bool(getattr(text.row, question)) for text in texts], dtype=np.bool_)


def answered(texts: Sequence[Text], question: Question) -> Flags:
    """Which texts have been asked the question by those who labelled them."""
    return np.array([getattr(text.row, question) is not None for text in texts], dtype=np.bool_)


def learn(texts: Sequence[Text], question: Question) -> Table | None:
    """One language's table: logistic regression over n-grams weighed by how much likelier they make a yes (NB-SVM,
    Wang & Manning 2012). None where there is nothing to tell apart."""
    texts = [t for t, asked in zip(texts, answered(texts, question), strict=True) if asked and t.row.learned_from]
    yes = answers(texts, question)
    if not yes.any() or yes.all():
        return None
    used, seen = _matrix(texts)
    weight = np.array([text.row.weight for text in texts])
    smoothing = _SMOOTHING[texts[0].language]
    weighed = diags(weight) @ seen
    for_, against = (np.asarray(weighed[rows].sum(axis=0)).ravel() + smoothing for rows in (yes, ~yes))
    ratio = np.log((for_ / for_.sum()) / (against / against.sum()))
    ratio[(for_ + against) <= 2 * smoothing + 1e-9] = 0
    counts = np.maximum(np.asarray(seen.sum(axis=1)).ravel(), 1)
    balance = np.where(yes, 0.5 / weight[yes].sum(), 0.5 / weight[~yes].sum()) * weight.sum()
    model = LogisticRegression(C=_STRENGTH, max_iter=_ITERATIONS_MAX)
    model.fit(diags(counts**-0.5) @ seen @ diags(ratio), yes, sample_weight=weight * balance)
    weights = np.zeros(1 << BITS)
    weights[used] = model.coef_[0] * ratio
    return Table.packed(weights, float(model.intercept_[0]))


def learn_sorts(texts: Sequence[Text]) -> Sorts | None:
    """Of what sort a danger is: naive Bayes over coarse cells, every sort as likely as the others beforehand."""
    texts = [text for text in texts if text.row.any and text.row.family]
    names = tuple(sorted({text.row.family for text in texts}))
    if not names:
        return None
    counts = np.full((len(names), 1 << SORT_BITS), _SORT_SMOOTHING)
    for text in texts:
        np.add.at(counts[names.index(text.row.family)], coarse(text.whole), text.row.weight)
    likely = np.log(counts / counts.sum(axis=1, keepdims=True))
    return Sorts.packed(names, likely - likely.mean(axis=0))


def sorted_rightly(texts: Sequence[Text]) -> float:
    """Share of composed dangers that are taken for what they are, by tables that have not seen their frame."""
    right = asked = 0
    for language in sorted({text.language for text in texts if text.row.fillers}):
        mine = [text for text in texts if text.language == language and text.row.any and text.row.family]
        folds = [fold_of(text.row.group, FOLDS) for text in mine]
        for fold in range(FOLDS):
            sorts = learn_sorts([text for text, its in zip(mine, folds, strict=True) if its != fold])
            unseen = [t for t, its in zip(mine, folds, strict=True) if its == fold and t.row.source == "composed"]
            if sorts is not None:
                sorter = Sorter(sorts)
                right += sum(sorter.sort(text.whole) == text.row.family for text in unseen)
                asked += len(unseen)
    return right / max(asked, 1)


def _matrix(texts: Sequence[Text]) -> tuple[Cells, csr_matrix]:
    """The cells that these texts use, and a row of ones and zeros over them for each text."""
    cells = [text.whole.cells for text in texts]
    used, columns = np.unique(np.concatenate(cells), return_inverse=True)
    ends = np.concatenate(([0], np.cumsum([len(c) for c in cells])))
    return used, csr_matrix((np.ones(ends[-1]), columns, ends), shape=(len(texts), len(used)))


def out_of_fold(texts: Sequence[Text], question: Question, seed: int) -> tuple[Floats, npt.NDArray[np.int64]]:
    """Each text's score by tables learned without its group, and the fold it was left out with."""
    scores, folds = np.zeros(len(texts)), np.zeros(len(texts), dtype=np.int64)
    for number, (seen, unseen) in enumerate(splits(texts, question, seed)):
        table = learn([texts[i] for i in seen], question)
        scorer = Scorer(table) if table is not None else None
        folds[unseen] = number
        for i in unseen:
            scores[i] = score(texts[i], scorer, question) if scorer is not None else 0.0
    return scores, folds


def score(text: Text, scorer: Scorer, question: Question) -> float:
    """As the service scores it: the most alarming stretch, judged words left out."""
    return max(evidence(question, scorer, part, text.judged) for part in text.parts)


def splits(texts: Sequence[Text], question: Question, seed: int) -> Iterator[tuple[list[int], list[int]]]:
    """Apart by group, and for composed texts by filler too: a fifth of them is unknown to each fold's tables."""
    groups = [text.row.group for text in texts]
    number = {group: n for n, group in enumerate(dict.fromkeys(groups))}
    splitter = StratifiedGroupKFold(min(FOLDS, len(number)), shuffle=True, random_state=seed)
    fillers = [{fold_of(filler, FOLDS) for filler in text.row.fillers} for text in texts]
    splits = splitter.split(groups, answers(texts, question), [number[group] for group in groups])
    for fold, (seen, unseen) in enumerate(splits):
        yield [n for n in seen.tolist() if fold not in fillers[n]], unseen.tolist()


def fold_of(filler: str, folds: int) -> int:
    """Which fold knows nothing of a filler; the same one in every training."""
    return int.from_bytes(hashlib.sha256(filler.encode()).digest()[:4], "big") % folds


def calibrate(scores: Floats, yes: Flags, weight: Floats) -> Calibration:
    """Platt's calibration, from scores of unseen texts."""
    if not yes.any() or yes.all():
        return Calibration(slope=1.0, offset=0.0)
    model = LogisticRegression(C=1e3).fit(scores.reshape(-1, 1), yes, sample_weight=weight)
    return Calibration(slope=float(max(model.coef_[0][0], 1e-3)), offset=float(model.intercept_[0]))
