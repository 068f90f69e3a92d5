"""Lets the screener judge many texts, on several processors where that pays."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial
from typing import Final

import msgspec

from namjai.risk.domain.assess import Classifier, assess
from namjai.risk.domain.model import Category, Level, Subject
from namjai.risk.domain.policy import Policy
from namjai.risk.evaluate.policies import load_classifier, load_policy

CHUNK_TEXTS: Final = 200
PARALLEL_TEXTS_MIN: Final = 2_000
"""Below that a second process costs more in starting than it saves in judging."""
NOTHING: Final = "nothing found"

Judge = Callable[[str], "Verdict"]


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What the screener made of one text, as much of it as a measurement needs."""

    level: Level
    category: Category
    subject: Subject
    rule: str = NOTHING
    """The rule (or model) of the gravest finding, also where a reading took its level away."""
    changes: tuple[str, ...] = ()
    """What raised or lowered that finding."""


def verdict(text: str, policy: Policy, classifier: Classifier | None) -> Verdict:
    """Judge one text as the service does a person's first message: `assess`, without history."""
    found = assess(text, (), policy, classifier)
    gravest = found.findings[0] if found.findings else None
    return Verdict(
        level=found.level,
        category=found.category,
        subject=found.subject,
        rule=gravest.rule if gravest else NOTHING,
        changes=gravest.changes if gravest else (),
    )


def judge_all(
    texts: Sequence[str], policy: str, *, model: bool, processes: int, progress: Callable[[int], None]
) -> list[Verdict]:
    """A verdict for each text, in order. `progress` hears how many are done."""
    chunks = [texts[at : at + CHUNK_TEXTS] for at in range(0, len(texts), CHUNK_TEXTS)]
    work = partial(_judged, policy, model)
    if processes == 1 or len(texts) < PARALLEL_TEXTS_MIN:
        return list(_counted(map(work, chunks), progress))
    with ProcessPoolExecutor(processes, mp_context=multiprocessing.get_context("spawn")) as pool:
        return list(_counted(pool.map(work, chunks), progress))


def _counted(chunks: Iterator[list[Verdict]], progress: Callable[[int], None]) -> Iterator[Verdict]:
    done = 0
    for chunk in chunks:
        yield from chunk
        done += len(chunk)
        progress(done)


def _judged(policy: str, model: bool, texts: Sequence[str]) -> list[Verdict]:
    rules, classifier = _loaded(policy, model)
    return [verdict(text, rules, classifier) for text in texts]


@cache
def _loaded(policy: str, model: bool) -> tuple[Policy, Classifier | None]:
    """Once in every process: a compiled policy does not travel between them."""
    found = load_classifier() if model else None
    return load_policy(policy), found[0] if found else None
