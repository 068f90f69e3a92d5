"""What would have changed a verdict: the same words judged again with one thing taken away or read another way."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, Literal

import msgspec

from namjai.risk.domain.assess import Classifier, assess, in_context, verdict
from namjai.risk.domain.context import Context
from namjai.risk.domain.model import Assessment, Category, Finding, Level
from namjai.risk.domain.policy import Compiled, Policy
from namjai.risk.domain.scopes import Reading, Scopes

TRIED_MAX: Final = 24
"""Judgements made again for one explanation."""
PLAIN: Final[Mapping[str, tuple[str, str]]] = {
    "negated": ("polarity", "asserted"),
    "other": ("subject", "self"),
    "past": ("tense", "now"),
    "ever": ("tense", "now"),
    "recent": ("tense", "now"),
    "now": ("tense", "unstated"),
    "days": ("tense", "unstated"),
    **dict.fromkeys(("quoted", "fiction", "news", "study", "joke"), ("frame", "plain")),
}
"""Each reading that says something, and what stands in its place where it is taken away."""

Kind = Literal["rule", "history", "model", "reading"]
Judge = Callable[[Policy, Context | tuple[()], Classifier | None], Assessment]


class Counterfactual(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was different, and the verdict then."""

    kind: Kind
    what: str
    """A rule's id; `history`; `model`; or a reading and what it was taken for, such as `past -> now`."""
    level: Level
    category: Category
    differs: bool
    """Whether the level would have been another."""


def counterfactuals(
    words: str, past: Context, policy: Policy, classifier: Classifier | None = None
) -> tuple[Counterfactual, ...]:
    """What each finding, the past, the model and each reading did to the verdict; those that decided come first."""
    real = assess(words, past, policy, classifier)

    def judged(policy: Policy, past: Context | tuple[()] = past, by: Classifier | None = classifier) -> Assessment:
        return assess(words, past, policy, by)

    return _compared(real, list(_variants(words, real, policy, judged, classifier is not None)))


def from_findings(findings: Sequence[Finding], past: Context, policy: str) -> tuple[Counterfactual, ...]:
    """The same from stored findings alone: what each of them did by itself, and the past; readings cannot be undone."""
    real = in_context(verdict(tuple(findings), policy), past)
    variants: list[tuple[Kind, str, Assessment]] = [
        ("rule", rule, in_context(verdict(tuple(f for f in findings if f.rule != rule), policy), past))
        for rule in _rules(findings)
    ]
    variants.append(("history", "history", verdict(tuple(findings), policy)))
    return _compared(real, variants)


def _variants(
    words: str, real: Assessment, policy: Policy, judged: Callable[..., Assessment], with_model: bool
) -> Iterator[tuple[Kind, str, Assessment]]:
    yield "history", "history", judged(policy, ())
    if with_model:
        yield "model", "model", judged(policy, by=None)
    spoke = {compiled.rule.id for compiled in policy.candidates(policy.normalise(words).text)}
    found = [rule for rule in _rules(real.findings) if rule in spoke]  # the model's finding has no rule to take away
    for rule in (*found, *sorted(spoke - set(found))):  # a signal raises without being a finding
        yield "rule", rule, judged(Varied(policy, without=frozenset({rule})))
    gravest = [f.rule for f in real.findings if f.level == real.findings[0].level and f.rule in spoke]
    if len(together := list(dict.fromkeys(gravest))) > 1:  # where rules agree, no single one of them decides
        yield "rule", " + ".join(together), judged(Varied(policy, without=frozenset(together)))
    for reading in _readings(real.findings):
        field, plain = PLAIN[reading]
        yield "reading", f"{reading} -> {plain}", judged(Varied(policy, read_as={field: {reading: plain}}))


def _compared(real: Assessment, variants: Sequence[tuple[Kind, str, Assessment]]) -> tuple[Counterfactual, ...]:
    made = [
        Counterfactual(
            kind=kind, what=what, level=found.level, category=found.category, differs=found.level != real.level
        )
        for kind, what, found in variants[:TRIED_MAX]
    ]
    return tuple(sorted(made, key=lambda each: not each.differs))


def _rules(findings: Sequence[Finding]) -> list[str]:
    return list(dict.fromkeys(finding.rule for finding in findings))


def _readings(findings: Sequence[Finding]) -> list[str]:
    """The readings that say something, each once."""
    read = [each for f in findings for each in (f.polarity, f.tense, f.frame, f.subject)]
    return list(dict.fromkeys(each for each in read if each in PLAIN))


class Varied(Policy):
    """A policy without some of its rules, or one that reads something as something else; all the rest is shared."""

    def __init__(
        self,
        policy: Policy,
        *,
        without: frozenset[str] = frozenset(),
        read_as: Mapping[str, Mapping[str, str]] | None = None,
    ) -> None:
        vars(self).update(vars(policy))
        self._without = without
        if read_as:
            self.scopes = {language: _Reread.of(scopes, read_as) for language, scopes in policy.scopes.items()}

    def candidates(self, view: str) -> list[Compiled]:
        """What matches, without the rules that were taken away."""
        return [each for each in super().candidates(view) if each.rule.id not in self._without]


class _Reread(Scopes, frozen=True, kw_only=True):
    """One language's cues, with some readings taken for others."""

    read_as: Mapping[str, Mapping[str, str]]

    @classmethod
    def of(cls, scopes: Scopes, read_as: Mapping[str, Mapping[str, str]]) -> _Reread:
        return cls(**msgspec.structs.asdict(scopes), read_as=read_as)

    def read(self, text: str, start: int, end: int) -> Reading:
        """As ever, but for what is taken for something else."""
        found = super().read(text, start, end)
        changed = {
            field: plain
            for field, taken in self.read_as.items()
            if (plain := taken.get(getattr(found, field))) is not None
        }
        return msgspec.structs.replace(found, **changed)
