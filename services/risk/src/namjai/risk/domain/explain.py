"""Explains a verdict: what spoke, how it was read, what the past added, and what would have changed it.

Offsets only, never a word of the person: whoever may see the alert may see this.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, Protocol, cast, get_args

import msgspec

from namjai.events import Fact, Stored
from namjai.events import risk as events
from namjai.risk.domain.answers import CHECKIN_POLICY, INSTRUMENT_POLICY
from namjai.risk.domain.assess import Classifier, assess
from namjai.risk.domain.context import Context, Watch, context
from namjai.risk.domain.counterfactual import Counterfactual, counterfactuals, from_findings
from namjai.risk.domain.model import Category, Finding, Frame, Level, Polarity, Span, Subject, Tense
from namjai.risk.domain.overlay import Known
from namjai.risk.domain.policy import Policy
from namjai.risk.domain.standing import verdicts

PAST_SHOWN_MAX: Final = 50
_WITHOUT_WORDS: Final = (INSTRUMENT_POLICY, CHECKIN_POLICY)


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    """One finding, and where it comes from. `file`, `author`, `status` are None for what no rule file holds."""

    rule: str
    file: str | None
    author: str | None
    status: str | None
    """`draft` until a clinician has reviewed the rule."""
    kind: str | None
    rule_level: Level | None
    """The level that the rule has before anything is read."""
    level: Level
    category: Category
    subject: Subject
    spans: tuple[Span, ...]
    """In code points of the message."""
    cssrs_item: int | None
    polarity: Polarity
    tense: Tense
    frame: Frame
    changes: tuple[str, ...]
    confidence: float


class Scores(msgspec.Struct, frozen=True, kw_only=True):
    """What the learned model makes of the words, in probabilities of any and of high danger."""

    version: str
    enabled: bool
    any: float
    high: float
    thresholds: dict[str, dict[str, float]]
    """By question and kind of text: from there on it raises what the rules left lower."""


class PastVerdict(msgspec.Struct, frozen=True, kw_only=True):
    """An earlier verdict on the same person, as it stood then."""

    assessment: str
    message: str
    at: datetime
    level: Level
    category: Category


class HistoryTerms(msgspec.Struct, frozen=True, kw_only=True):
    """What was on record of the person when the message was judged."""

    raised_by: tuple[str, ...]
    standing: Level
    recent: Level
    repeats: dict[Category, int]
    trend: bool
    death_item: bool
    mood_falling: bool
    craving: bool
    used: bool
    verdicts: tuple[PastVerdict, ...]


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that a verdict rests on."""

    member: str
    message: str
    assessment: str
    at: datetime
    outcome: events.Outcome
    level: Level
    category: Category
    subject: Subject
    cssrs_item: int | None
    policy: str
    policy_in_force: str
    same_policy: bool
    """Whether the policy that judged is the one in force now."""
    judged_again: bool
    """Whether the words were judged again for this, by the policy that judged them then; otherwise it rests on the
    findings as stored, and readings cannot be undone."""
    level_again: Level | None
    """What that came to. Another level than the verdict's means that something has changed since: say so to us."""
    reasons: tuple[Reason, ...]
    model: Scores | None
    """None where there is no model, or where the words were not judged again."""
    history: HistoryTerms
    would_change: tuple[Counterfactual, ...]
    notes: tuple[str, ...]


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """A stored verdict with what is needed to explain it."""

    assessment: str
    member: str
    at: datetime
    fact: events.RiskAssessed
    words: str | None
    """None where they cannot be read: erased, unsent, or there never were any."""
    past: Sequence[Stored[Fact]]
    """The person's events before the verdict."""


class Reader(Classifier, Protocol):
    """A second reader that also says how sure it is."""

    def scores(self, text: str, policy: Policy) -> Scores: ...


class Judging(msgspec.Struct, frozen=True, kw_only=True):
    """By what the words can be judged again: the policy that judged them then, if it can still be made."""

    in_force: str
    policy: Policy | None
    rules: Mapping[str, Known]
    classifier: Reader | None
    watch: Watch


def explain(verdict: Verdict, by: Judging) -> Explanation:
    """The whole explanation."""
    fact = verdict.fact
    past = context(verdict.past, verdict.at, by.watch)
    notes, again, findings = [], None, [_as_found(each, fact.policy) for each in fact.findings]
    would_change: tuple[Counterfactual, ...] = ()
    scores: Scores | None = None
    if wordless := fact.policy in _WITHOUT_WORDS:
        notes.append("an answer or a check-in was judged, not words; no policy bears on it")
    elif fact.policy != by.in_force:
        notes.append("another policy is in force now")
    if wordless:
        would_change = from_findings(findings, past, fact.policy)
    elif fact.outcome != "screened":
        notes.append("there were no words to judge" if fact.outcome == "no_text" else "the screening failed")
    elif verdict.words is not None and by.policy is not None:
        assessed = assess(verdict.words, past, by.policy, by.classifier)
        again, findings = assessed.level, list(assessed.findings)
        would_change = counterfactuals(verdict.words, past, by.policy, by.classifier)
        scores = by.classifier.scores(verdict.words, by.policy) if by.classifier else None
        if again != Level(fact.level):
            notes.append("judged again it comes to another level: second looks, corrections or a lagging log")
    else:
        notes.append("the words cannot be read" if verdict.words is None else "that policy cannot be made again")
        would_change = from_findings(findings, past, fact.policy)
    return Explanation(
        member=verdict.member,
        message=fact.message,
        assessment=verdict.assessment,
        at=verdict.at,
        outcome=fact.outcome,
        level=Level(fact.level),
        category=fact.category,
        subject=fact.subject,
        cssrs_item=fact.cssrs_item,
        policy=fact.policy,
        policy_in_force=by.in_force,
        same_policy=fact.policy == by.in_force,
        judged_again=again is not None,
        level_again=again,
        reasons=tuple(_reason(finding, by.rules.get(finding.rule)) for finding in findings),
        model=scores,
        history=_terms(fact.raised_by, past, verdict.past),
        would_change=would_change,
        notes=tuple(notes),
    )


def _reason(finding: Finding, known: Known | None) -> Reason:
    rule = known.rule if known else None
    return Reason(
        rule=finding.rule,
        file=known.file if known else None,
        author=rule.author if rule else None,
        status=rule.status if rule else None,
        kind=rule.kind if rule else None,
        rule_level=rule.level if rule else None,
        level=finding.level,
        category=finding.category,
        subject=finding.subject,
        spans=finding.spans,
        cssrs_item=finding.cssrs_item,
        polarity=finding.polarity,
        tense=finding.tense,
        frame=finding.frame,
        changes=finding.changes,
        confidence=finding.confidence,
    )


def _as_found(stored: events.Finding, policy: str) -> Finding:
    """A finding as the log holds it; its readings are words of three kinds, then what they changed."""
    read = set(stored.readings)

    def of(kind: object, plain: str) -> str:
        return next((each for each in get_args(kind) if each in read), plain)

    return Finding(
        level=Level(stored.level),
        category=stored.category,
        subject=stored.subject,
        rule=stored.rule,
        policy=policy,
        spans=(Span(stored.start, stored.end),),
        cssrs_item=stored.cssrs_item,
        polarity=cast(Polarity, of(Polarity, "asserted")),
        tense=cast(Tense, of(Tense, "unstated")),
        frame=cast(Frame, of(Frame, "plain")),
        changes=tuple(each for each in stored.readings if ":" in each),
        confidence=stored.confidence,
    )


def _terms(raised_by: tuple[str, ...], past: Context, stored: Sequence[Stored[Fact]]) -> HistoryTerms:
    earlier = verdicts(stored)[-PAST_SHOWN_MAX:]
    return HistoryTerms(
        raised_by=raised_by,
        standing=past.standing,
        recent=past.recent,
        repeats=dict(past.repeats),
        trend=past.trend,
        death_item=past.death_item,
        mood_falling=past.mood_falling,
        craving=past.craving,
        used=past.used,
        verdicts=tuple(
            PastVerdict(assessment=v.id, message=v.message, at=v.at, level=v.level, category=v.category)
            for v in earlier
            if v.level > Level.NONE
        ),
    )
